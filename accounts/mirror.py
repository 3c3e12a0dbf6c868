"""The rows of people whose Better Auth lives in another database, made from what their tokens say.

The foreign keys of tasks want a row in `user`. A mirror never fails a request: an email may be missing, or still
be written beside somebody who gave it up.
"""

import time
from collections import OrderedDict

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from psycopg.errors import ForeignKeyViolation

from accounts.caller import Caller
from accounts.exceptions import InvalidToken
from accounts.models import User

# `.invalid` is reserved (RFC 2606): no such address is anybody's.
PLACEHOLDER_DOMAIN = "@no-email.invalid"

UPSERT = """
INSERT INTO "user" AS mirrored (id, name, email, "emailVerified", "createdAt")
VALUES (%(id)s, coalesce(%(name)s, ''), coalesce(%(email)s, %(placeholder)s), false, coalesce(%(created_at)s, now()))
ON CONFLICT (id) DO UPDATE
SET name = coalesce(%(name)s, mirrored.name), email = coalesce(%(email)s, mirrored.email), "updatedAt" = now()
WHERE (mirrored.name, mirrored.email)
    IS DISTINCT FROM (coalesce(%(name)s, mirrored.name), coalesce(%(email)s, mirrored.email))
"""


def mirror(caller: Caller) -> None:
    """Make or refresh the row of `caller`, in one statement; in two where their email is another row's."""
    try:
        write(caller, caller.email)
    except IntegrityError:
        write(caller, None)


def write(caller: Caller, email: str | None) -> None:
    """Insert or refresh the row with `email`; None keeps the one that is there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            {
                "id": caller.id,
                "name": caller.name,
                "email": email,
                "placeholder": f"{caller.id}{PLACEHOLDER_DOMAIN}",
                "created_at": caller.created_at,
            },
        )


class RecentlySeen:
    """Callers whose row is known to be there: bounded in number and in seconds."""

    def __init__(self, most: int = 10_000, seconds: float = 300) -> None:
        self.most = most
        self.seconds = seconds
        self.seen: OrderedDict[Caller, float] = OrderedDict()

    def __contains__(self, caller: Caller) -> bool:
        return time.monotonic() - self.seen.get(caller, float("-inf")) < self.seconds

    def add(self, caller: Caller) -> None:
        """Remember `caller`, forgetting the one remembered longest ago where there are too many."""
        self.seen[caller] = time.monotonic()
        while len(self.seen) > self.most:
            self.seen.popitem(last=False)

    def forget(self, caller: Caller) -> None:
        """The row turned out to be gone: look again at the next sight."""
        self.seen.pop(caller, None)

    def clear(self) -> None:
        """Forget everybody."""
        self.seen.clear()


recently_seen = RecentlySeen()


def require_row(caller: Caller) -> None:
    """Make sure that `caller` has a row in `user`: one statement at their first sight, none while remembered.

    Raises InvalidToken where Better Auth writes the rows and has no such person.
    """
    if caller in recently_seen:
        return
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        mirror(caller)
    elif not User.objects.filter(pk=caller.id).exists():
        raise InvalidToken("The token's user does not exist.")
    recently_seen.add(caller)


def is_missing_user(error: IntegrityError) -> bool:
    """Whether `error` says that a row names a user who is not there (SQLSTATE 23503)."""
    return isinstance(error.__cause__, ForeignKeyViolation)


def restore_row(caller: Caller) -> None:
    """Make the row of a remembered caller again, which somebody deleted meanwhile.

    Raises InvalidToken where Better Auth writes the rows: there the person is gone.
    """
    recently_seen.forget(caller)
    require_row(caller)
