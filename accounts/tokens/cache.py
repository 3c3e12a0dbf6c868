"""Tokens seen before: neither a signature check nor a query until their entry expires. Bounded in number and time."""

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from accounts.caller import Caller, Login

MAX_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """caller: who a token names, valid until checked_until, and never longer than its own `expires_at`.

    login: what the token proves; it spares the signature check when its user and session are looked up again. None if
    it contains a credential.
    """

    caller: Caller
    checked_until: float
    login: Login | None


class TokenCache:
    """Callers by the hash of their token, so that a memory dump shows no token."""

    def __init__(self, max_tokens: int = MAX_TOKENS) -> None:
        self.max_tokens = max_tokens
        self.entries: OrderedDict[bytes, Entry] = OrderedDict()
        self.lock = threading.Lock()
        self.hits = 0  # For the metrics: another thread's may be lost, because no lock is taken.
        self.misses = 0

    def get(self, token: bytes) -> Caller | Login | None:
        """Return the caller of `token`; only the login if its user and session must be looked up again."""
        entry = self.entries.get(hashlib.sha256(token).digest())
        if entry is None or time.time() >= entry.caller.expires_at.timestamp():
            self.misses += 1
            return None
        now = time.monotonic()
        if now < entry.checked_until:
            self.hits += 1
            return entry.caller
        self.misses += 1
        return entry.login if entry.login and now < entry.login.verified_until else None

    def add(self, token: bytes, login: Login, caller: Caller, checked_until: float) -> None:
        """Remember the caller of `token`; with too many entries, forget the oldest.

        checked_until: when user and session must be looked up again. An operator can block any user.
        """
        checked_until = min(checked_until, login.verified_until)
        has_credential = login.session is not None and login.session.column == "token"
        entry = Entry(caller, checked_until, None if has_credential else replace(login, raw_token=b""))
        key = hashlib.sha256(token).digest()
        with self.lock:
            self.entries[key] = entry
            self.entries.move_to_end(key)
            if len(self.entries) > self.max_tokens:
                self.entries.popitem(last=False)

    def clear(self) -> None:
        self.entries.clear()


seen_tokens = TokenCache()
