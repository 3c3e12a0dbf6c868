"""The metadata of this API as a resource of OAuth: by it a client finds where its user signs in (RFC 9728)."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

WELL_KNOWN = "/.well-known/oauth-protected-resource"
SCOPES = {"tasks:read": "Read the tasks.", "tasks:write": "Create, change and delete tasks."}


def metadata_url() -> str:
    """Return where the metadata of BETTER_AUTH_RESOURCE is: its path comes after the well-known one (section 3.1)."""
    resource = urlsplit(settings.BETTER_AUTH_RESOURCE)
    return f"{resource.scheme}://{resource.netloc}{WELL_KNOWN}{resource.path.rstrip('/')}"


def metadata() -> dict[str, Any]:
    return {
        "resource": settings.BETTER_AUTH_RESOURCE,
        "authorization_servers": settings.BETTER_AUTH_OAUTH_ISSUER[:1],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Todo API",
    }
