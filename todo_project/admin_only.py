"""Django's middleware of sessions, cookies and forms, for the pages that have them and not for the API.

An API call has no session, no cookie and no form: running these for it costs time and opens doors.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponseBase
from django.middleware import clickjacking, common, csp, csrf

ADMIN_PATH = "/admin"
PAGES = (ADMIN_PATH, "/docs", "/redoc")


if TYPE_CHECKING:
    from django.utils.deprecation import MiddlewareMixin
else:
    MiddlewareMixin = object


class OnlyForPages(MiddlewareMixin):
    """Mixed in before a Django middleware: requests for anything but our HTML pages pass it by."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, made with this middleware or without it."""
        if request.path_info.startswith(PAGES):
            return super().__call__(request)  # type: ignore[return-value]  # MiddlewareMixin may be async; ours is not.
        return self.get_response(request)  # type: ignore[return-value]  # as above


class ContentSecurityPolicyMiddleware(OnlyForPages, csp.ContentSecurityPolicyMiddleware):
    """The policy of `SECURE_CSP`."""


class SessionMiddleware(OnlyForPages, sessions.SessionMiddleware):
    """The operator's session."""

    def process_request(self, request: HttpRequest) -> None:
        """As Django's, which asks the database for whatever the cookie says: it refuses NUL with an error."""
        if "\0" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        super().process_request(request)


class CommonMiddleware(OnlyForPages, common.CommonMiddleware):
    """Redirects /admin to /admin/."""


class CsrfViewMiddleware(OnlyForPages, csrf.CsrfViewMiddleware):
    """Forms come from our own pages."""


class AuthenticationMiddleware(OnlyForPages, auth.AuthenticationMiddleware):
    """The signed-in operator."""


class MessageMiddleware(OnlyForPages, messages.MessageMiddleware):
    """What an operator's action did."""


class XFrameOptionsMiddleware(OnlyForPages, clickjacking.XFrameOptionsMiddleware):
    """No page of ours in somebody else's frame."""
