"""Authentication of requests: `Authorization: Bearer <token>`, or Better Auth's session cookie if it is enabled."""

import re
from dataclasses import replace

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.caller import Caller, Login
from accounts.exceptions import InvalidToken
from accounts.tokens import sessions
from accounts.tokens.cache import seen_tokens
from accounts.tokens.verify import verify
from accounts.users import find_caller

SESSION_COOKIES = ("__Secure-better-auth.session_token", "better-auth.session_token")

# One header (RFC 9110, section 11.4): a scheme, and token68 or parameters. Servers join two headers with a comma.
PARAMETER = rb'[^\s",=]+[ \t]*=[ \t]*(?:[^\s",]+|"(?:[^"\\]|\\.)*")'
ONE_HEADER = re.compile(rb"[^\s,]+(?:[ \t]+(?:[^\s,]+|%b(?:[ \t]*,[ \t]*%b)*))?" % (PARAMETER, PARAMETER))
# Browsers send these by themselves, for a proxy: nobody has meant a token.
SCHEMES_OF_PROXIES = {b"basic", b"digest", b"negotiate", b"ntlm"}
EXPECTED = "The Authorization header must be: Bearer <token>."


class BetterAuthAuthentication(JWTAuthentication):
    """simplejwt's JWTAuthentication for Better Auth's tokens.

    The steps are simplejwt's: get_header, get_raw_token, get_validated_token, get_user. Its tokens and users are not:
    a validated token is a Login, or the Caller if the token was seen before, and the user is a Caller.
    """

    def authenticate(self, request: Request) -> tuple[Caller, Login | Caller] | None:  # type: ignore[override]  # A Caller, not a row of auth_user.
        """Return the caller; None if the request brings no token. An Authorization header excludes the cookie.

        Raises InvalidToken (401), and PermissionDenied (403) for a cookie from a foreign origin.
        """
        if settings.BETTER_AUTH_SESSION_COOKIE and self.get_header(request) is None:
            return self.authenticate_cookie(request)
        return super().authenticate(request)  # type: ignore[return-value]  # As above.

    def authenticate_cookie(self, request: Request) -> tuple[Caller, Login | Caller] | None:
        """Authenticate by session cookie. Browsers send cookies automatically, so check Origin (CSRF)."""
        cookie = next((request.COOKIES[name] for name in SESSION_COOKIES if name in request.COOKIES), None)
        if cookie is None:
            return None
        if not sessions.is_signed(cookie):
            raise InvalidToken("The session cookie is malformed.")
        validated = self.get_validated_token(cookie.encode())
        caller = self.get_user(validated)
        if request.method not in SAFE_METHODS and request.headers.get("Origin") not in settings.CORS_ALLOWED_ORIGINS:
            raise PermissionDenied("The request's Origin is not one of CORS_ORIGINS.")
        return caller, validated

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token in an Authorization header (RFC 6750, section 2.1); the scheme is case-insensitive.

        Raises InvalidToken for what is not one token, and for two Authorization headers of any schemes. Raises
        NotAuthenticated, which says what is expected, for a token with another scheme or without one.
        """
        header = header.strip()
        scheme, _, token = header.partition(b" ")
        token = token.strip()
        if scheme.lower() == b"bearer":
            if not token or b" " in token or b"," in token:
                raise InvalidToken(EXPECTED)
            return token
        if not header.strip(b", "):
            return None
        if b"," in header and not ONE_HEADER.fullmatch(header):
            raise InvalidToken(EXPECTED)
        if scheme.lower() in SCHEMES_OF_PROXIES:
            return None
        raise NotAuthenticated(EXPECTED)

    def get_validated_token(self, raw_token: bytes) -> Login | Caller:  # type: ignore[override]  # Not simplejwt's Token.
        """Return the caller if the token was seen before, otherwise verify it. Raises InvalidToken."""
        return seen_tokens.get(raw_token) or replace(verify(raw_token.decode("latin-1")), raw_token=raw_token)

    def get_user(self, validated_token: Login | Caller) -> Caller:  # type: ignore[override]  # Not a row of auth_user.
        """Return the user that a login names, with at most one query. Raises InvalidToken."""
        if isinstance(validated_token, Caller):
            return validated_token
        caller = find_caller(validated_token)
        seen_tokens.add(validated_token.raw_token, caller)
        return caller

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge for a request without a token (RFC 6750, section 3)."""
        return f'Bearer realm="{self.www_authenticate_realm}"'
