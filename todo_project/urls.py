"""Every URL of the service."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.urls import resource_urlpatterns
from tasks.urls import erasure_urlpatterns
from todo_project import views

prefix = f"{settings.API_PREFIX}/" if settings.API_PREFIX else ""

urlpatterns = [
    path(prefix, include("tasks.urls")),  # First: Django searches in this order, and most requests are for tasks.
    path(prefix, include("accounts.urls")),
    *resource_urlpatterns,
    path("", views.RootView.as_view(), name="root"),
    path("health", views.HealthView.as_view(), name="health"),
    path("ready", views.ReadyView.as_view(), name="ready"),
    path("metrics", views.MetricsView.as_view(), name="metrics"),
    path("openapi.json", views.OpenAPIView.as_view(), name="openapi"),
    path("docs", views.SwaggerView.as_view(), name="docs"),
    path("redoc", views.RedocView.as_view(), name="redoc"),
    path("admin/", admin.site.urls),
    path(prefix, include(erasure_urlpatterns)),
]
