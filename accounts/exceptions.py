"""Why a token is refused: 401, with a reason that helps developers and is of no use to attackers."""

from rest_framework.exceptions import AuthenticationFailed


class InvalidToken(AuthenticationFailed):
    """The token is malformed, forged, not a login, or names nobody."""

    error_code = "INVALID_TOKEN"
    default_detail = "The token is not valid."

    @property
    def auth_header(self) -> str:
        """The challenge of RFC 6750, section 3: which error, and what is wrong."""
        return f'Bearer realm="api", error="invalid_token", error_description="{self.detail}"'

    @auth_header.setter
    def auth_header(self, value: str) -> None:
        """DRF sets the class's plain challenge on every 401; ours says more."""


class TokenExpired(InvalidToken):
    """The token was good once."""

    error_code = "TOKEN_EXPIRED"
    default_detail = "The token has expired."
