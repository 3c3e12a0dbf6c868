"""Tokens seen before: no signature check and no query until their entry lapses. Bounded in number and in time."""

import hashlib
import threading
import time
from collections import OrderedDict

from django.conf import settings

from accounts.caller import Caller

MOST_TOKENS = 10_000

# Where Better Auth lives elsewhere nothing can end a token before its `exp`; the entry lapses all the same,
# so that a mirrored row which somebody deleted comes back.
MIRROR_SECONDS = 300.0


class TokenCache:
    """Callers by the digest of their token: a dump of this process's memory shows no token."""

    def __init__(self, most: int = MOST_TOKENS) -> None:
        self.most = most
        self.entries: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, token: str) -> Caller | None:
        """The caller that `token` proved to be, while the entry and the token itself last."""
        entry = self.entries.get(digest(token))
        if entry is None:
            return None
        caller, lapses_at = entry
        is_current = time.monotonic() < lapses_at and time.time() < caller.expires_at.timestamp()
        return caller if is_current else None

    def add(self, token: str, caller: Caller) -> None:
        """Remember what `token` proved, forgetting the oldest entry where there are too many."""
        seconds = settings.BETTER_AUTH_RECHECK_SECONDS if settings.BETTER_AUTH_SHARED_DATABASE else MIRROR_SECONDS
        key = digest(token)
        with self.lock:
            self.entries[key] = (caller, time.monotonic() + seconds)
            self.entries.move_to_end(key)
            if len(self.entries) > self.most:
                self.entries.popitem(last=False)

    def clear(self) -> None:
        """Forget every token."""
        self.entries.clear()


def digest(token: str) -> bytes:
    """A name for `token` from which it cannot be read."""
    return hashlib.sha256(token.encode()).digest()


seen_tokens = TokenCache()
