"""How a request says who is calling: `Authorization: Bearer <token>`, and in no other place."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.caller import Caller
from accounts.claims import Claims, caller_of
from accounts.exceptions import InvalidToken
from accounts.mirror import require_row
from accounts.shared_secret import shared_secret_backend


class BetterAuthAuthentication(JWTAuthentication):
    """simplejwt's JWTAuthentication, believing what Better Auth issues."""

    def authenticate(self, request: Request) -> tuple[Caller, Claims] | None:  # type: ignore[override]  # a Caller, not a row
        """The caller and the claims of the request's token; None where it brings no bearer token.

        Raises InvalidToken: the answer is then 401 and no other way in is tried.
        """
        return super().authenticate(request)  # type: ignore[return-value]  # as above

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

    def get_validated_token(self, raw_token: bytes) -> Claims:  # type: ignore[override]  # claims, not simplejwt's Token
        """The claims of `raw_token`, verified."""
        return shared_secret_backend().decode(raw_token)

    def get_user(self, validated_token: Any) -> Caller:  # type: ignore[override]  # a Caller, not a row of auth_user
        """The person the claims name, whose row is there afterwards."""
        caller = caller_of(validated_token)
        require_row(caller)
        return caller

    def authenticate_header(self, request: Request) -> str:
        """The challenge to a request without a token (RFC 6750, section 3)."""
        return f'Bearer realm="{self.www_authenticate_realm}"'


def caller_of_request(request: Request) -> Caller:
    """Who sent `request`. DRF's types know Django's users alone as `request.user`."""
    return cast(Caller, request.user)
