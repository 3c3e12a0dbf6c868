"""The second wall between users: row-level security (docs/least-privileges.md, decision 0039).

If DATABASE_ROW_SECURITY is true, PostgreSQL is told with each statement whose rows it may show. It is told in the same
transaction, because behind a pooler the next one may be on another connection and another user's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction

SET_OWNER = "SELECT set_config('todo.user_id', %(user_id)s, true)"
SET_BOTH = "SELECT set_config('todo.user_id', %(user_id)s, true), set_config('todo.moved_user_id', %(source)s, true)"


def owner_of(params: Mapping[str, Any]) -> str | None:
    """Return whose rows a statement with these parameters may reach; None if PostgreSQL need not be told."""
    owner: str | None = params.get("user_id") if settings.DATABASE_ROW_SECURITY else None
    return owner


def limit_transaction_to(user_id: str, *, moved_user_id: str | None = None) -> None:
    """Let the open transaction of Django's connection reach the rows of `user_id`, and of nobody else.

    moved_user_id: whose rows are moved to `user_id`.
    """
    if settings.DATABASE_ROW_SECURITY:
        with connection.cursor() as cursor:
            statement = SET_OWNER if moved_user_id is None else SET_BOTH
            cursor.execute(statement, {"user_id": user_id, "source": moved_user_id})


@contextmanager
def rows_of(user_id: str) -> Iterator[None]:
    """Let the ORM's queries in the block reach the rows of `user_id`, and of nobody else."""
    if not settings.DATABASE_ROW_SECURITY:
        yield
        return
    with transaction.atomic():
        limit_transaction_to(user_id)
        yield
