"""Where a request says who is calling. It imports little, because every worker looks here before its first request."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

# `Secure` cookies have the prefix `__Secure-` in front of Better Auth's own.
SESSION_COOKIES = ("__Secure-{}.session_token", "{}.session_token")


def session_cookie(request: Request | HttpRequest) -> str | None:
    names = [name.format(settings.BETTER_AUTH_COOKIE_PREFIX) for name in SESSION_COOKIES]
    return next((request.COOKIES[name] for name in names if name in request.COOKIES), None)


def has_credentials(request: HttpRequest) -> bool:
    """Return whether a request brings anything that this API looks at to find out who is calling."""
    if "HTTP_AUTHORIZATION" in request.META:
        return True
    return settings.BETTER_AUTH_SESSION_COOKIE and session_cookie(request) is not None
