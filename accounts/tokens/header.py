"""The Authorization header (RFC 6750, section 2.1)."""

import re

from accounts.exceptions import InvalidToken

# Servers join two Authorization headers with a comma. What follows it in a single one is a parameter: `name=value`.
SECOND_HEADER = re.compile(rb",\s*[A-Za-z][A-Za-z0-9-]*\s+\S")


def bearer_token(header: bytes) -> bytes | None:
    """Return the token of a Bearer header; None for any other scheme. The scheme is case-insensitive.

    Raises InvalidToken for what is not one token, and for two Authorization headers of any schemes.
    """
    scheme, _, token = header.strip().partition(b" ")
    token = token.strip()
    is_bearer = scheme.lower() == b"bearer"
    if SECOND_HEADER.search(header) or (is_bearer and (not token or b" " in token or b"," in token)):
        raise InvalidToken("The Authorization header must be: Bearer <token>.")
    return token if is_bearer else None
