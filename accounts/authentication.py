"""Authentication of requests: `Authorization: Bearer <token>`, or Better Auth's session cookie if it is enabled."""

from dataclasses import replace

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.caller import Caller, Login
from accounts.credentials import session_cookie
from accounts.exceptions import InsufficientScope, InvalidToken, challenge
from accounts.origins import is_accepted
from accounts.tokens import sessions
from accounts.tokens.cache import seen_tokens
from accounts.tokens.header import bearer_token
from accounts.tokens.moves import MoveOrder, verify_move
from accounts.tokens.seen_users import seen_users
from accounts.tokens.verify import verify


class BetterAuthAuthentication(JWTAuthentication):
    """simplejwt's JWTAuthentication for Better Auth's tokens.

    The steps are simplejwt's: get_header, get_raw_token, get_validated_token, get_user. Its tokens and users are not:
    a validated token is a Login, or the Caller if the token was seen before, and the user is a Caller.
    """

    def authenticate(self, request: Request) -> tuple[Caller, Login | Caller] | None:  # type: ignore[override]  # A Caller, not a row of auth_user.
        """Return the caller; None if the request brings no token. An Authorization header excludes the cookie.

        Raises InvalidToken (401), and PermissionDenied (403) for a cookie from a foreign origin.
        """
        authenticated: tuple[Caller, Login | Caller] | None
        if settings.BETTER_AUTH_SESSION_COOKIE and self.get_header(request) is None:
            authenticated = self.authenticate_cookie(request)
        else:
            authenticated = super().authenticate(request)  # type: ignore[assignment]
        if authenticated:
            request.META["todo.user"] = authenticated[0].id  # For the access log, which hashes it.
        if authenticated and authenticated[0].scopes is not None:
            check_scope(authenticated[0].scopes, request)
        return authenticated

    def authenticate_cookie(self, request: Request) -> tuple[Caller, Login | Caller] | None:
        """Authenticate by session cookie. Browsers send cookies automatically, so check Origin (CSRF)."""
        cookie = session_cookie(request)
        if cookie is None:
            return None
        if not sessions.is_signed(cookie):
            raise InvalidToken("The session cookie is malformed.")
        validated = self.get_validated_token(cookie.encode())
        caller = self.get_user(validated)
        if request.method not in SAFE_METHODS and not is_accepted(request.headers.get("Origin", ""), origins()):
            raise PermissionDenied("The request's Origin is not one of CORS_ORIGINS.")
        return caller, validated

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token of a Bearer header, or None. Raises InvalidToken and NotAuthenticated."""
        return bearer_token(header)

    def get_validated_token(self, raw_token: bytes) -> Login | Caller:  # type: ignore[override]  # Not simplejwt's Token.
        """Return the caller if the token was seen before, otherwise what it proves. Raises InvalidToken."""
        seen = seen_tokens.get(raw_token)
        if isinstance(seen, Caller):
            return seen
        return replace(seen or verify(raw_token.decode("latin-1")), raw_token=raw_token)

    def get_user(self, validated_token: Login | Caller) -> Caller:  # type: ignore[override]  # Not a row of auth_user.
        """Return the user that a login names, with at most one query. Raises InvalidToken."""
        if isinstance(validated_token, Caller):
            return validated_token
        caller, checked_until = seen_users.find(validated_token)
        seen_tokens.add(validated_token.raw_token, validated_token, caller, checked_until)
        return caller

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge for a request without a token (RFC 6750, section 3)."""
        return challenge()


class MoveAuthentication(BaseAuthentication):
    """Authentication of Better Auth's server when it orders a move. The user of the request is the order."""

    def authenticate(self, request: Request) -> tuple[MoveOrder, None] | None:
        token = bearer_token(request.headers.get("Authorization", "").encode("latin-1", "replace"))
        return None if token is None else (verify_move(token.decode("latin-1")), None)

    def authenticate_header(self, request: Request) -> str:
        return challenge()


def origins() -> list[str]:
    """Return the origins whose pages may send the cookie with a write."""
    return [*settings.CORS_ALLOWED_ORIGINS, *settings.CORS_ORIGIN_PATTERNS]


def check_scope(scopes: frozenset[str], request: Request) -> None:
    """Raise InsufficientScope unless an OAuth client with `scopes` may send `request`.

    A view says what its scopes begin with, as `oauth_scope = "tasks"`: then `tasks:read` opens its safe methods and
    `tasks:write` the others. A view that says nothing is for the user alone.
    """
    view = (request.parser_context or {}).get("view")
    subject = getattr(view, "oauth_scope", None)
    needed = subject and f"{subject}:{'read' if request.method in SAFE_METHODS else 'write'}"
    if needed not in scopes:
        raise InsufficientScope(needed)
