"""Users looked up a moment ago: a new token of one of them needs no query. An app can sign a token for each request."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace

from django.conf import settings

from accounts.caller import Caller, Login
from accounts.users import find_caller

MAX_USERS = 10_000
# With a database of our own: for so long, a row is not compared with the same claims again, and a block is not seen.
SYNC_SECONDS = 60.0


class UserCache:
    """Callers by what tokens say of them, bounded in number and time. Refusals are not remembered."""

    def __init__(self, max_users: int = MAX_USERS) -> None:
        self.max_users = max_users
        self.entries: OrderedDict[Hashable, tuple[Caller, float]] = OrderedDict()
        self.lock = threading.Lock()

    def find(self, login: Login) -> tuple[Caller, float]:
        """Return the caller, and until when (time.monotonic) user and session need not be looked up again.

        Raises InvalidToken.
        """
        now = time.monotonic()
        key = key_of(login)
        found = self.entries.get(key)
        if found and now < found[1]:
            caller, checked_until = found
        else:
            caller = find_caller(login)
            checked_until = now + (
                settings.BETTER_AUTH_RECHECK_SECONDS if settings.BETTER_AUTH_SHARED_DATABASE else SYNC_SECONDS
            )
            self.add(key, caller, checked_until)
        if login.caller:  # What is of this token alone.
            caller = replace(caller, expires_at=login.caller.expires_at, scopes=login.caller.scopes)
        return caller, checked_until

    def add(self, key: Hashable, caller: Caller, checked_until: float) -> None:
        """Remember a caller; with too many, forget the oldest."""
        with self.lock:
            self.entries[key] = (caller, checked_until)
            self.entries.move_to_end(key)
            if len(self.entries) > self.max_users:
                self.entries.popitem(last=False)

    def clear(self) -> None:
        self.entries.clear()


def key_of(login: Login) -> Hashable:
    """Return all that the caller of `login` depends on. Session tokens are hashed: they are credentials."""
    session = login.session and (login.session.column, hashlib.sha256(login.session.value.encode()).digest())
    caller = login.caller
    if caller is None:
        return session
    if settings.BETTER_AUTH_SHARED_DATABASE:  # The rows decide, whatever the token says.
        return (caller.id, caller.impersonated_by, session)
    return (caller.id, caller.impersonated_by, caller.email, caller.name, caller.created_at)


seen_users = UserCache()
