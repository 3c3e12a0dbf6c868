"""How a request says who is calling: `Authorization: Bearer <token>`, or Better Auth's cookie where switched on."""

from typing import Any, cast

from django.conf import settings
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts import session_tokens
from accounts.caller import Caller
from accounts.exceptions import InvalidToken
from accounts.token_cache import seen_tokens
from accounts.tokens import caller_of_token

SESSION_COOKIES = ("__Secure-better-auth.session_token", "better-auth.session_token")


class BetterAuthAuthentication(JWTAuthentication):
    """simplejwt's JWTAuthentication, believing what Better Auth issues.

    Where there is an Authorization header it alone decides, and no other way in is tried.
    """

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:  # type: ignore[override]  # a Caller, not a row of auth_user
        """The caller and their token; None where the request brings none.

        Raises InvalidToken (401), and PermissionDenied (403) for a cookie from a foreign origin.
        """
        if (header := self.get_header(request)) is not None:
            token = self.get_raw_token(header)
            return (self.get_user(token.decode("latin-1")), token.decode("latin-1")) if token else None
        return self.authenticate_cookie(request) if settings.BETTER_AUTH_SESSION_COOKIE else None

    def authenticate_cookie(self, request: Request) -> tuple[Caller, str] | None:
        """The same for the session cookie, which a browser sends by itself: whose page asked is checked."""
        token = next((request.COOKIES[name] for name in SESSION_COOKIES if name in request.COOKIES), None)
        if token is None:
            return None
        if not session_tokens.is_signed(token):
            raise InvalidToken("The session cookie is malformed.")
        caller = self.get_user(token)
        if request.method not in SAFE_METHODS and request.headers.get("Origin") not in settings.CORS_ALLOWED_ORIGINS:
            raise PermissionDenied("The request's Origin is not one of CORS_ORIGINS.")
        return caller, token

    def get_raw_token(self, header: bytes) -> bytes | None:
        """The token in an Authorization header (RFC 6750, section 2.1); the scheme's case does not matter.

        Two Authorization headers arrive joined by a comma, which no token contains.
        """
        scheme, _, token = header.strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = token.strip()
        if not token or b" " in token or b"," in token:
            raise InvalidToken("The Authorization header must be: Bearer <token>.")
        return token

    def get_user(self, validated_token: Any) -> Caller:  # type: ignore[override]  # a Caller, not a row of auth_user
        """The person that a token proves: from the cache where it was seen before."""
        caller = seen_tokens.get(validated_token)
        if caller is None:
            caller = caller_of_token(validated_token)
            seen_tokens.add(validated_token, caller)
        return caller

    def authenticate_header(self, request: Request) -> str:
        """The challenge to a request without a token (RFC 6750, section 3)."""
        return f'Bearer realm="{self.www_authenticate_realm}"'


def credential_headers() -> list[str]:
    """The request headers that say who is calling, for the `Vary` of answers that depend on it."""
    return ["Authorization", "Cookie"] if settings.BETTER_AUTH_SESSION_COOKIE else ["Authorization"]


def caller_of_request(request: Request) -> Caller:
    """Who sent `request`. DRF's types know Django's users alone as `request.user`."""
    return cast(Caller, request.user)
