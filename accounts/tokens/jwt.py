"""JWTs: strict parsing (RFC 7515) and the check of their signature.

PyJWT accepts padding, repeated members and headers that ask for something we do not do, so only its signature
algorithms are used.
"""

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from django.conf import settings

from accounts.exceptions import InvalidToken

SHARED_SECRET_ALGORITHMS = ("HS256", "HS384", "HS512")
PUBLIC_KEY_ALGORITHMS = ("EdDSA", "ES256", "ES512", "RS256", "PS256")

PART = re.compile(r"[A-Za-z0-9_-]+")
# The last character of a base64url text that does not fill its last four, if its unused bits are zero: by their number.
LAST_CHARACTERS = {2: "AQgw", 3: "AEIMQUYcgkosw048"}
MAX_TOKEN_LENGTH = 16_384

# Headers that contain or point to a key (RFC 8725, section 3.10), or that require processing (RFC 7515, RFC 7797).
REFUSED_HEADERS = ("jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256", "crit", "b64", "zip", "enc")

MALFORMED = "The token is malformed."
SIGNATURE_DOES_NOT_MATCH = "The token's signature does not match."


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """The parts of a JWT, before its signature is checked."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """The header's `alg`. It only tells which kind of token this claims to be."""
        return str(self.header["alg"])

    @property
    def type(self) -> str:
        """The header's `typ`, in lower case: a media type (RFC 7515, section 4.1.9)."""
        return str(self.header.get("typ", "jwt")).lower()


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key and its one algorithm. key: in the form that PyJWT's algorithm takes."""

    algorithm: str
    key: Any

    def verify(self, token: UnverifiedToken) -> None:
        """Raise InvalidToken unless this key signed `token`. The algorithm is the key's, never the token's."""
        if token.algorithm != self.algorithm:
            raise InvalidToken(f"The token is not signed with {self.algorithm}.")
        if not jwt.get_algorithm_by_name(self.algorithm).verify(token.signed, self.key, token.signature):
            raise InvalidToken(SIGNATURE_DOES_NOT_MATCH)


@cache
def secret_key(secret: str | bytes, algorithm: str) -> VerificationKey:
    """Return the key of a shared secret, which Better Auth uses as it is: UTF-8, neither decoded nor derived."""
    return VerificationKey(algorithm, secret if isinstance(secret, bytes) else secret.encode())


def current_secret_key() -> VerificationKey:
    """Return the key of the settings. Retired secrets verify nothing, as in Better Auth: they may have leaked.

    Raises InvalidToken if there is no secret: anybody could sign with an empty one.
    """
    if not settings.BETTER_AUTH_SECRET:
        raise InvalidToken("Tokens signed with a shared secret are not accepted here; set BETTER_AUTH_SECRET.")
    return secret_key(settings.BETTER_AUTH_SECRET, settings.JWT_ALGORITHM)


def parse(token: str) -> UnverifiedToken:
    """Split and decode `token` (header.payload.signature). Raises InvalidToken if it is not strictly a JWT."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken(f"The token is longer than {MAX_TOKEN_LENGTH} characters.")
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidToken(MALFORMED)
    header, claims, signature = [decode(part) for part in parts]
    return UnverifiedToken(json_object(header), json_object(claims), ".".join(parts[:2]).encode(), signature)


def decode(part: str) -> bytes:
    """Decode a base64url part in its only valid spelling: no padding, no other alphabet, no unused bits."""
    if not PART.fullmatch(part) or len(part) % 4 == 1:
        raise InvalidToken(MALFORMED)
    if len(part) % 4 and part[-1] not in LAST_CHARACTERS[len(part) % 4]:
        raise InvalidToken(MALFORMED)
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def json_object(content: bytes) -> dict[str, Any]:
    try:
        value = DECODER.decode(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidToken(MALFORMED) from error
    if not isinstance(value, dict):
        raise InvalidToken(MALFORMED)
    return value


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Reject duplicate members: parsers disagree about which value wins."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated member")
    return members


DECODER = json.JSONDecoder(object_pairs_hook=unique_members)


def check_header(header: dict[str, Any]) -> None:
    """Raise InvalidToken unless the header is that of a plain signed JWT."""
    if not isinstance(header.get("alg"), str) or not header["alg"]:
        raise InvalidToken("The token's header has no algorithm (alg).")
    for name in REFUSED_HEADERS:
        if name in header:
            raise InvalidToken(f"The token's header has {name}, which is not accepted.")
    if not isinstance(header.get("typ", "JWT"), str):
        raise InvalidToken("The token's type (typ) is not JWT.")
