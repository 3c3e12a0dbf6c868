"""The routes that say who the caller is."""

from django.urls import path

from accounts.resource import WELL_KNOWN
from accounts.views import AuthMeView, MeView, ResourceMetadataView

urlpatterns = [
    path("me", MeView.as_view(), name="me"),
    path("auth/me", AuthMeView.as_view(), name="auth-me"),
]
# At the top of the host, whatever API_PREFIX is.
resource_urlpatterns = [
    path(WELL_KNOWN.lstrip("/"), ResourceMetadataView.as_view(), name="resource-metadata"),
    path(f"{WELL_KNOWN.lstrip('/')}/<path:path>", ResourceMetadataView.as_view()),
]
