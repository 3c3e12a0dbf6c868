"""JWTs signed with the secret that this API shares with Better Auth (HS256, HS384 or HS512)."""

from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend

from accounts.exceptions import InvalidToken, TokenExpired

# A moment past this is no date: year 9999, the last that Python and PostgreSQL's `timestamptz` both print.
LATEST = 253_402_300_799


class SharedSecretBackend(TokenBackend):
    """simplejwt's TokenBackend with the checks that Better Auth's tokens want.

    The algorithm is the one of the settings, never the token's; `exp` is required.
    """

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims of `token` (header.payload.signature), once its signature and its times hold.

        Raises TokenExpired or InvalidToken. Source: RFC 7519, section 7.2; RFC 8725.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.get_verifying_key(token),
                algorithms=[self.algorithm],
                leeway=self.get_leeway(),
                options={"require": ["exp"], "verify_aud": False, "verify_sub": False, "verify_jti": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except jwt.MissingRequiredClaimError as error:
            raise InvalidToken("The token has no expiry (exp).") from error
        except jwt.ImmatureSignatureError as error:
            raise InvalidToken("The token is not valid yet.") from error
        except jwt.InvalidAlgorithmError as error:
            raise InvalidToken(f"The token is not signed with {self.algorithm}.") from error
        except jwt.InvalidSignatureError as error:
            raise InvalidToken("The token's signature does not match.") from error
        except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError) as error:
            raise InvalidToken("The token is malformed.") from error
        if not isinstance(claims["exp"], int | float) or isinstance(claims["exp"], bool) or claims["exp"] > LATEST:
            raise InvalidToken("The token's expiry (exp) is no moment.")
        return claims


def shared_secret_backend() -> SharedSecretBackend:
    """The backend of the settings: `JWT_ALGORITHM` under `BETTER_AUTH_SECRET`."""
    return SharedSecretBackend(
        settings.JWT_ALGORITHM,
        signing_key=settings.BETTER_AUTH_SECRET,
        leeway=timedelta(seconds=settings.JWT_LEEWAY_SECONDS),
    )
