"""The outside of a JWT: three strict base64url parts and a header that asks for nothing we do not do.

PyJWT forgives padding and brings its own opinions on headers; what is read here is what RFC 7515 writes.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from accounts.exceptions import InvalidToken

PART = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_TOKEN = 16_384

# Headers that bring or point to a key (RFC 8725, section 3.10), or want something done (RFC 7515, RFC 7797).
REFUSED_HEADERS = ("jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256", "crit", "b64", "zip", "enc")


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a JWT says of itself before anybody has checked its signature."""

    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def algorithm(self) -> str:
        """The `alg` of the header: it tells which kind of token this claims to be, and decides nothing else."""
        return str(self.header["alg"])


def read(token: str) -> UnverifiedToken:
    """Take `token` (header.payload.signature) apart. Raises InvalidToken where it is not strictly that."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST_TOKEN:
        raise InvalidToken("The token is malformed.")
    header, claims, _ = (decoded(part) for part in parts)
    return UnverifiedToken(json_object(header), json_object(claims))


def decoded(part: str) -> bytes:
    """The bytes of a base64url part, in its one spelling: no padding, no other alphabet, no spare bits."""
    if not PART.fullmatch(part) or len(part) % 4 == 1:
        raise InvalidToken("The token is malformed.")
    content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(content).rstrip(b"=").decode() != part:
        raise InvalidToken("The token is malformed.")
    return content


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object in `content`, whose members each occur once."""
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=unique_members)
    except (ValueError, RecursionError) as error:
        raise InvalidToken("The token is malformed.") from error
    if not isinstance(value, dict):
        raise InvalidToken("The token is malformed.")
    return value


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object's members. Two readers can take two different ones of a repeated member, so there is none."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated member")
    return members


def check_header(header: dict[str, Any]) -> None:
    """Raise InvalidToken for a header that is not that of a plain signed JWT."""
    if not isinstance(header.get("alg"), str) or not header["alg"]:
        raise InvalidToken("The token's header has no algorithm (alg).")
    refused = [name for name in REFUSED_HEADERS if name in header]
    if refused:
        raise InvalidToken(f"The token's header has {refused[0]}, which is not accepted.")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise InvalidToken("The token's type (typ) is not JWT.")
