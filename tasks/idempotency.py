"""The `Idempotency-Key` of a create: a retry on a bad connection makes no second task."""

import hashlib
import re

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

KEY = re.compile(r'"[\x20-\x21\x23-\x7e]{1,255}"|[\x21\x23-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?')


def key_of(request: Request) -> str | None:
    """The key, without the quotes of RFC 8941; None where there is none. Raises ParseError for a malformed one."""
    value = request.headers.get("Idempotency-Key")
    if value is None:
        return None
    if not KEY.fullmatch(value):
        raise ParseError("Idempotency-Key must be 1 to 255 printable ASCII characters.")
    return value[1:-1] if value.startswith('"') else value


def digest_of(request: Request) -> bytes:
    """What tells the same body from another one: the same body means the same bytes."""
    return hashlib.sha256(request._request.body).digest()
