"""Why a token is refused, with a reason that helps developers and is of no use to attackers."""

from typing import ClassVar

from rest_framework.exceptions import APIException, AuthenticationFailed


class InvalidToken(AuthenticationFailed):
    """The token is malformed, forged, not a login, or does not name a user."""

    error_code = "INVALID_TOKEN"
    default_detail = "The token is not valid."

    @property
    def auth_header(self) -> str:
        """Return the challenge (RFC 6750, section 3), with the reason."""
        return f'Bearer realm="api", error="invalid_token", error_description="{self.detail}"'

    @auth_header.setter
    def auth_header(self, value: str) -> None:
        """Ignore the plain challenge that DRF sets on every 401."""


class TokenExpired(InvalidToken):
    """The token was valid until its `exp`."""

    error_code = "TOKEN_EXPIRED"
    default_detail = "The token has expired."


class KeysUnavailable(APIException):
    """No public key can be had that would tell whether the token is valid. An outage signs nobody out."""

    status_code = 503
    error_code = "SERVICE_UNAVAILABLE"
    default_detail = "The public keys of Better Auth cannot be fetched. Try again soon."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}
