"""The Authorization header (RFC 6750, section 2.1)."""

import re

from rest_framework.exceptions import NotAuthenticated

from accounts.exceptions import InvalidToken

# One header (RFC 9110, section 11.4): a scheme, and token68 or parameters. Servers join two headers with a comma.
PARAMETER = rb'[^\s",=]+[ \t]*=[ \t]*(?:[^\s",]+|"(?:[^"\\]|\\.)*")'
ONE_HEADER = re.compile(rb"[^\s,]+(?:[ \t]+(?:[^\s,]+|%b(?:[ \t]*,[ \t]*%b)*))?" % (PARAMETER, PARAMETER))
# Browsers send these by themselves, for a proxy: nobody has meant a token.
SCHEMES_OF_PROXIES = {b"basic", b"digest", b"negotiate", b"ntlm"}
EXPECTED = "The Authorization header must be: Bearer <token>."


def bearer_token(header: bytes) -> bytes | None:
    """Return the token of a Bearer header, or None if nobody has meant one. The scheme is case-insensitive.

    Raises InvalidToken for what is not one token, and for two Authorization headers of any schemes. Raises
    NotAuthenticated, which says what is expected, for a token with another scheme or without one.
    """
    header = header.strip()
    scheme, _, token = header.partition(b" ")
    token = token.strip()
    if scheme.lower() == b"bearer":
        if not token or b" " in token or b"," in token:
            raise InvalidToken(EXPECTED)
        return token
    if not header.strip(b", "):
        return None
    if b"," in header and not ONE_HEADER.fullmatch(header):
        raise InvalidToken(EXPECTED)
    if scheme.lower() in SCHEMES_OF_PROXIES:
        return None
    raise NotAuthenticated(EXPECTED)
