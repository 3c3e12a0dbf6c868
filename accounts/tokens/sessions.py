"""Better Auth's session tokens: signed (`token.signature`, as in its cookie and in `set-auth-token`) and raw."""

import base64
import hashlib
import hmac
import re
from urllib.parse import unquote

from django.conf import settings

from accounts.caller import SessionReference
from accounts.exceptions import InvalidToken

SIGNED = re.compile(r"(?P<token>[A-Za-z0-9_-]{16,128})\.(?P<signature>[A-Za-z0-9+/]{43}=)")
RAW = re.compile(r"[A-Za-z0-9]{32}")


def is_signed(text: str) -> bool:
    """Return whether `text` looks like a signed session token, percent-encoded (as 1.4 does) or not."""
    return SIGNED.fullmatch(unquote(text)) is not None


def is_raw(text: str) -> bool:
    """Return whether `text` looks like a raw session token: 32 letters and digits, in every version."""
    return RAW.fullmatch(text) is not None


def verify_signed(text: str) -> SessionReference:
    """Return the session of a signed token. Raises InvalidToken unless the current secret signed it."""
    if not is_signed_by(text, settings.BETTER_AUTH_SECRET):
        raise InvalidToken("The session token's signature does not match.")
    return SessionReference("token", unquote(text).partition(".")[0])


def is_signed_by(text: str, secret: str | bytes) -> bool:
    match = SIGNED.fullmatch(unquote(text))
    return match is not None and hmac.compare_digest(signature(match["token"], secret), match["signature"])


def signature(token: str, secret: str | bytes) -> str:
    """Return base64 of HMAC-SHA256 with the secret as it is, in UTF-8. Source: better-auth, cookies/index."""
    key = secret if isinstance(secret, bytes) else secret.encode()
    return base64.b64encode(hmac.digest(key, token.encode(), hashlib.sha256)).decode()
