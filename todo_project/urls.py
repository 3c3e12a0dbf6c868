"""Every address of the service."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from tasks.urls import erasure_urlpatterns
from todo_project import documentation, pages

prefix = f"{settings.API_PREFIX}/" if settings.API_PREFIX else ""

urlpatterns = [
    path(prefix, include("tasks.urls")),  # First, because Django looks in this order.
    path(prefix, include("accounts.urls")),
    path("", pages.RootView.as_view(), name="root"),
    path("health", pages.HealthView.as_view(), name="health"),
    path("openapi.json", documentation.OpenAPIView.as_view(), name="openapi"),
    path("docs", documentation.SwaggerView.as_view(), name="docs"),
    path("redoc", documentation.RedocView.as_view(), name="redoc"),
    path("admin/", admin.site.urls),
    path(prefix, include(erasure_urlpatterns)),
]
