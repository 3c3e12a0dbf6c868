"""Better Auth's session tokens: signed (`token.signature`, as its cookie and `set-auth-token` have it) and raw."""

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
    """Whether `text` looks like a signed session token, percent-encoded (as 1.4 gives it) or not."""
    return SIGNED.fullmatch(unquote(text)) is not None


def is_raw(text: str) -> bool:
    """Whether `text` looks like a raw session token: 32 letters and digits, in every version."""
    return RAW.fullmatch(text) is not None


def session_of_signed(text: str) -> SessionReference:
    """The session that a signed token names. Raises InvalidToken unless one of the secrets signed it."""
    match = SIGNED.fullmatch(unquote(text))
    if not match or not any(
        hmac.compare_digest(signature(match["token"], secret), match["signature"])
        for secret in settings.BETTER_AUTH_SECRETS
    ):
        raise InvalidToken("The session token's signature does not match.")
    return SessionReference("token", match["token"])


def signature(token: str, secret: str) -> str:
    """Standard base64 of HMAC-SHA256 under the secret as it is, in UTF-8. Source: better-auth, cookies/index."""
    return base64.b64encode(hmac.digest(secret.encode(), token.encode(), hashlib.sha256)).decode()
