"""The tutorial: tasks in Django REST framework, settings, models and all in one file; `gunicorn tutorial:application`."""

import os
import sys
from urllib.parse import urlsplit, parse_qs

import django
from django.conf import settings

SECRET = os.environ["BETTER_AUTH_SECRET"]
url = urlsplit(os.environ["DATABASE_URL"])

settings.configure(
    SECRET_KEY=SECRET,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="tutorial",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "rest_framework",
        "tutorial_tasks",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": url.username or "",
            "HOST": parse_qs(url.query).get("host", [url.hostname or ""])[0],
            "PORT": url.port or "",
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    },
    SIMPLE_JWT={
        "SIGNING_KEY": SECRET,
        "USER_ID_FIELD": "username",
        "USER_ID_CLAIM": "sub",
        "JTI_CLAIM": None,
        "TOKEN_TYPE_CLAIM": None,
    },
)
sys.path.insert(0, os.path.dirname(__file__))
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import permissions, serializers, viewsets  # noqa: E402
from rest_framework.decorators import action  # noqa: E402
from rest_framework.pagination import LimitOffsetPagination  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.routers import DefaultRouter  # noqa: E402
from tutorial_tasks.models import Task  # noqa: E402


class TaskSerializer(serializers.ModelSerializer):
    user_id = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Task
        fields = ["id", "user_id", "title", "description", "completed", "created_at", "updated_at"]


class IsOwner(permissions.BasePermission):
    def has_permission(self, request, view):
        return view.kwargs["user_id"] == request.user.username


class Pages(LimitOffsetPagination):
    def get_paginated_response(self, data):
        return Response(data)


class TaskViewSet(viewsets.ModelViewSet):
    serializer_class = TaskSerializer
    permission_classes = [permissions.IsAuthenticated, IsOwner]
    pagination_class = Pages

    def get_queryset(self):
        tasks = Task.objects.filter(user=self.request.user).select_related("user").order_by("-created_at")
        status = self.request.query_params.get("status", "all")
        return tasks if status == "all" else tasks.filter(completed=status == "completed")

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)

    def update(self, request, *args, **kwargs):
        return super().update(request, *args, **{**kwargs, "partial": True})

    @action(detail=True, methods=["patch"])
    def complete(self, request, **kwargs):
        task = self.get_object()
        task.completed = not task.completed
        task.save()
        return Response(self.get_serializer(task).data)


router = DefaultRouter(trailing_slash=False)
router.register("tasks", TaskViewSet, basename="task")
urlpatterns = [
    path("health", lambda request: JsonResponse({"status": "healthy"})),
    path("api/<str:user_id>/", include(router.urls)),
]
application = get_wsgi_application()


def make_tables():
    """Make the tables, as `manage.py migrate --run-syncdb` does."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)


if __name__ == "__main__":
    make_tables()
