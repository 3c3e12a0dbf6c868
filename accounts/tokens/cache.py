"""Tokens seen before: neither a signature check nor a query until their entry expires. Bounded in number and time."""

import hashlib
import threading
import time
from collections import OrderedDict

from django.conf import settings

from accounts.caller import Caller

MAX_TOKENS = 10_000


class TokenCache:
    """Callers by the hash of their token, so that a memory dump shows no token."""

    def __init__(self, max_tokens: int = MAX_TOKENS) -> None:
        self.max_tokens = max_tokens
        self.entries: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, token: bytes) -> Caller | None:
        """Return the caller of `token`, unless the entry or the token has expired."""
        entry = self.entries.get(hashlib.sha256(token).digest())
        if entry is None:
            return None
        caller, expires_at = entry
        is_current = time.monotonic() < expires_at and time.time() < caller.expires_at.timestamp()
        return caller if is_current else None

    def add(self, token: bytes, caller: Caller) -> None:
        """Remember the caller of `token`; with too many entries, forget the oldest.

        If Better Auth's tables are elsewhere, nothing can end a token before its `exp`, which `get` compares.
        """
        seconds = settings.BETTER_AUTH_RECHECK_SECONDS if settings.BETTER_AUTH_SHARED_DATABASE else float("inf")
        key = hashlib.sha256(token).digest()
        with self.lock:
            self.entries[key] = (caller, time.monotonic() + seconds)
            self.entries.move_to_end(key)
            if len(self.entries) > self.max_tokens:
                self.entries.popitem(last=False)

    def clear(self) -> None:
        self.entries.clear()


seen_tokens = TokenCache()
