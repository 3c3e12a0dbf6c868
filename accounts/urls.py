"""The addresses that are about the caller. `me` itself is among those of tasks/urls.py, which add to it."""

from django.urls import path

from accounts.views import AuthMeView

urlpatterns = [path("auth/me", AuthMeView.as_view(), name="auth-me")]
