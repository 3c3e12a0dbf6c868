"""JWT signatures, on simplejwt's TokenBackend: under the shared secrets, and under Better Auth's public keys."""

import functools
from collections.abc import Sequence
from typing import Any

import jwt
from django.conf import settings
from jwt.types import Options
from rest_framework_simplejwt.backends import TokenBackend

from accounts import jws
from accounts.claims import check_party, check_times
from accounts.exceptions import InvalidToken

SHARED_SECRET_ALGORITHMS = ("HS256", "HS384", "HS512")
PUBLIC_KEY_ALGORITHMS = ("EdDSA", "ES256", "ES512", "RS256", "PS256")
# Times and parties are checked by accounts.claims: PyJWT takes "1" for a moment and fails on a list.
SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


class BetterAuthTokenBackend(TokenBackend):
    """simplejwt's TokenBackend, whose algorithm comes from us and never from the token, with stricter checks.

    names_parties: whether a token must say its issuer and audience.
    """

    names_parties = False

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims of `token` (header.payload.signature), once its signature, times and parties hold.

        Raises TokenExpired or InvalidToken. Source: RFC 7519, section 7.2; RFC 8725.
        """
        claims = self.verified(token)
        check_times(claims, leeway_seconds=settings.JWT_LEEWAY_SECONDS)
        check_party(claims, "iss", settings.BETTER_AUTH_ISSUER, required=self.names_parties)
        check_party(claims, "aud", settings.BETTER_AUTH_AUDIENCE, required=self.names_parties)
        return claims

    def verified(self, token: Any) -> dict[str, Any]:
        """The claims of `token`, once its signature alone holds. Raises InvalidToken."""
        jws.check_header(jws.read(token).header)
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self.get_verifying_key(token), algorithms=[self.algorithm], options=SIGNATURE_ALONE
            )
        except jwt.InvalidAlgorithmError as error:
            raise InvalidToken(f"The token is not signed with {self.algorithm}.") from error
        except (jwt.InvalidTokenError, jwt.InvalidKeyError, ValueError, TypeError, RecursionError) as error:
            raise InvalidToken(SIGNATURE_DOES_NOT_MATCH) from error
        return claims


SIGNATURE_DOES_NOT_MATCH = "The token's signature does not match."


class SharedSecretBackend(BetterAuthTokenBackend):
    """One secret and the one algorithm of `JWT_ALGORITHM`."""


class PublicKeyBackend(BetterAuthTokenBackend):
    """One public key and its own algorithm. Such a token must name the issuer and audience it is for."""

    names_parties = True


@functools.cache
def shared_secret_backends(secrets: tuple[str, ...], algorithm: str) -> Sequence[SharedSecretBackend]:
    """A backend for each secret, the current one first."""
    return [SharedSecretBackend(algorithm, signing_key=secret) for secret in secrets]


def current_backends() -> Sequence[SharedSecretBackend]:
    """The backends of the settings."""
    return shared_secret_backends(tuple(settings.BETTER_AUTH_SECRETS), settings.JWT_ALGORITHM)


def decode_with_any(backends: Sequence[BetterAuthTokenBackend], token: str) -> dict[str, Any]:
    """The claims of `token` under the backend whose signature holds: a rotation of secrets logs nobody out."""
    for backend in backends[:-1]:
        try:
            backend.verified(token)
        except InvalidToken:
            continue
        return backend.decode(token)
    return backends[-1].decode(token)
