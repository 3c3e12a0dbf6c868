"""Opaque tokens: encrypted pagination cursors and sync tokens.

Encrypted with AES-GCM (NIST SP 800-38D), because a cursor contains a title: nobody can read task text in one, and a
token that was changed, or that was issued for something else, is refused.
"""

import base64
import hashlib
import json
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


class InvalidOpaqueTokenError(ValueError):
    """The token was not issued here, or for another purpose."""


def encrypt(content: Any, *purpose: Any) -> str:
    """Return a base64url token of `content` (JSON). Only the same `purpose` (JSON: whose, for what) decrypts it."""
    nonce = os.urandom(NONCE_BYTES)
    return to_text(nonce + cipher(settings.SECRET_KEY).encrypt(nonce, to_json(content), to_json(purpose)))


def decrypt(token: str, *purpose: Any) -> Any:
    """Return the content of a token that `encrypt` made for `purpose`. Raises InvalidOpaqueTokenError."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        if to_text(raw) != token:  # Base64 has unused bits and Python accepts + for -: only our own spelling is valid.
            raise InvalidOpaqueTokenError
        content = cipher(settings.SECRET_KEY).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], to_json(purpose))
    except (ValueError, InvalidTag) as error:
        raise InvalidOpaqueTokenError from error
    return json.loads(content)


def to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@cache
def cipher(secret: str) -> AESGCM:
    """Return the cipher for a key derived from Django's SECRET_KEY."""
    return AESGCM(hashlib.sha256(b"tasks.opaque_tokens " + secret.encode()).digest())
