"""The triggers that keep versions, counters and history right, and what is missing of them in a database."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import User
from tasks.models import Task

TRIGGERS = {
    Task._meta.db_table: ("task_before_row", "task_after_insert", "task_after_update", "task_after_delete"),
    User._meta.db_table: ("task_user_after_insert", "task_user_before_delete"),
}
# ENABLE ALWAYS (A) works, too. ENABLE REPLICA (R) does not, except in replication.
WORKING = """
SELECT tgname FROM pg_trigger
WHERE tgrelid = to_regclass(quote_ident(%s)) AND NOT tgisinternal AND tgenabled IN ('O', 'A')
"""
BOTH_EXIST = "SELECT to_regclass(quote_ident(%s)) IS NOT NULL AND to_regclass(quote_ident(%s)) IS NOT NULL"


def missing_triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Yield table and name of each trigger that is missing or disabled; none before the tables exist."""
    with connection.cursor() as cursor:
        cursor.execute(BOTH_EXIST, list(TRIGGERS))
        if cursor.fetchone() != (True,):
            return
        for table, names in TRIGGERS.items():
            cursor.execute(WORKING, [table])
            working = {name for (name,) in cursor.fetchall()}
            yield from ((table, name) for name in names if name not in working)
