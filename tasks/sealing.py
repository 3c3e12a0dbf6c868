"""Tokens that a client hands back unread: where a page of a list ended, and up to where a copy has followed.

Sealed with AES-GCM (NIST SP 800-38D): nobody reads task text in one, and one that was changed, or was given for
something else, does not open.
"""

import base64
import binascii
import hashlib
import os
from functools import cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


class NotSealedHereError(ValueError):
    """The token is not one of ours, or was given for another purpose."""


def seal(content: Any, *purpose: Any) -> str:
    """A token of `content` (JSON), which opens for the same `purpose` (JSON: whose it is, for which list) alone."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = cipher(settings.SECRET_KEY).encrypt(nonce, orjson.dumps(content), orjson.dumps(purpose))
    return text_of(nonce + sealed)


def unseal(token: str, *purpose: Any) -> Any:
    """What was sealed in `token` for `purpose`. Raises NotSealedHereError."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        if text_of(raw) != token:  # Base64 has spare bits, and Python takes + for -: one that was changed is not ours.
            raise NotSealedHereError
        content = cipher(settings.SECRET_KEY).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], orjson.dumps(purpose))
    except (ValueError, binascii.Error, InvalidTag) as error:
        raise NotSealedHereError from error
    return orjson.loads(content)


def text_of(raw: bytes) -> str:
    """Bytes as they stand in an address: base64url (RFC 4648, section 5) without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@cache
def cipher(secret: str) -> AESGCM:
    """The cipher under a key of its own, made of Django's SECRET_KEY."""
    return AESGCM(hashlib.sha256(b"tasks.sealing " + secret.encode()).digest())
