"""Why a token is refused, with a reason that helps developers and is of no use to attackers."""

from typing import ClassVar

from django.conf import settings
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied

from accounts.resource import metadata_url


def challenge(**parameters: str | None) -> str:
    """Return a value of WWW-Authenticate (RFC 6750, section 3), which leads OAuth clients to the sign-in (RFC 9728)."""
    if settings.BETTER_AUTH_RESOURCE:
        parameters["resource_metadata"] = metadata_url()
    given = {"realm": "api", **parameters}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in given.items() if value)


class InvalidToken(AuthenticationFailed):
    """The token is malformed, forged, not a login, or does not name a user."""

    error_code = "INVALID_TOKEN"
    default_detail = "The token is not valid."

    @property
    def auth_header(self) -> str:
        """Return the challenge, with the reason."""
        return challenge(error="invalid_token", error_description=str(self.detail))

    @auth_header.setter
    def auth_header(self, value: str) -> None:
        """Ignore the plain challenge that DRF sets on every 401."""


class TokenExpired(InvalidToken):
    """The token was valid until its `exp`."""

    error_code = "TOKEN_EXPIRED"
    default_detail = "The token has expired."


class InsufficientScope(PermissionDenied):
    """An OAuth client has not been given what this request needs (RFC 6750, section 3.1)."""

    error_code = "INSUFFICIENT_SCOPE"

    def __init__(self, needed: str | None) -> None:
        super().__init__(
            f"The access token does not have the scope {needed}."
            if needed
            else "No scope of an OAuth access token opens this: it is for the signed-in user alone."
        )
        self.needed = needed

    @property
    def auth_header(self) -> str:
        return challenge(error="insufficient_scope", error_description=str(self.detail), scope=self.needed)


class KeysUnavailable(APIException):
    """No public key can be had that would tell whether the token is valid. An outage signs nobody out."""

    status_code = 503
    error_code = "SERVICE_UNAVAILABLE"
    default_detail = "The public keys of Better Auth cannot be fetched. Try again soon."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}
