"""The routes that say who the caller is."""

from django.urls import path

from accounts.views import AuthMeView, MeView

urlpatterns = [
    path("me", MeView.as_view(), name="me"),
    path("auth/me", AuthMeView.as_view(), name="auth-me"),
]
