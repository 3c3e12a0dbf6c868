"""What leaves for good once it is old: trashed tasks, records of changes, and keys of creates that may be retried."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from tasks.writes import Writer

BATCH = 1000
KEY_HOURS = 24

# A batch is of one owner, whose list is taken first, as every writer does. That the task is old trash is asked of the
# deleted row again: somebody may have restored it while this waited for the list.
OWNER_OF_OLD_TRASH = """
SELECT user_id FROM tasks WHERE deleted_at < now() - %(age)s AND user_id > %(after)s ORDER BY user_id LIMIT 1
"""
PURGE_TASKS = """
WITH list AS MATERIALIZED (
    SELECT user_id, set_config('todo.actor', %(actor)s, true), set_config('todo.door', %(door)s, true)
    FROM task_lists WHERE user_id = %(owner)s FOR UPDATE
)
DELETE FROM tasks WHERE deleted_at < now() - %(age)s AND id IN (
    SELECT tasks.id FROM tasks JOIN list USING (user_id)
    WHERE deleted_at < now() - %(age)s ORDER BY deleted_at, tasks.id LIMIT %(batch)s
)
"""
PRUNE_CHANGES = """
WITH old AS MATERIALIZED (
    SELECT id, user_id, revision FROM task_changes WHERE at < now() - %(age)s ORDER BY id LIMIT %(batch)s
), list AS MATERIALIZED (
    SELECT user_id FROM task_lists WHERE user_id IN (SELECT user_id FROM old) ORDER BY user_id FOR UPDATE
), pruned AS (
    UPDATE task_lists SET pruned = greatest(pruned, last.revision)
    FROM list JOIN (SELECT user_id, max(revision) AS revision FROM old GROUP BY user_id) last USING (user_id)
    WHERE task_lists.user_id = list.user_id
)
DELETE FROM task_changes USING old WHERE task_changes.id = old.id
"""
PRUNE_KEYS = """
DELETE FROM task_idempotency_keys WHERE (user_id, key) IN (
    SELECT user_id, key FROM task_idempotency_keys WHERE created_at < now() - %(age)s LIMIT %(batch)s
)
"""
COUNTS = {
    "tasks": "SELECT count(*) FROM tasks WHERE deleted_at < now() - %(age)s",
    "changes": "SELECT count(*) FROM task_changes WHERE at < now() - %(age)s",
    "keys": "SELECT count(*) FROM task_idempotency_keys WHERE created_at < now() - %(age)s",
}


def count(what: str, age: timedelta) -> int:
    """How many tasks, changes or keys are older than `age`."""
    row = first(COUNTS[what], {"age": age})
    return int(row[0]) if row else 0


def purge_tasks(age: timedelta, writer: Writer) -> Iterator[int]:
    """Delete tasks that have been in the trash for longer than `age`; yields the number of each batch."""
    owner = ""
    while row := first(OWNER_OF_OLD_TRASH, {"age": age, "after": owner}):
        owner = row[0]
        params = {"age": age, "owner": owner, "batch": BATCH, "actor": writer.actor, "door": writer.door}
        yield from batches(PURGE_TASKS, params)


def prune_changes(age: timedelta) -> Iterator[int]:
    """Delete records of changes older than `age`; yields the number of each batch."""
    yield from batches(PRUNE_CHANGES, {"age": age, "batch": BATCH})


def prune_keys() -> Iterator[int]:
    """Delete keys that need not be remembered any more; yields the number of each batch."""
    yield from batches(PRUNE_KEYS, {"age": timedelta(hours=KEY_HOURS), "batch": BATCH})


def batches(statement: str, params: dict[str, Any]) -> Iterator[int]:
    """Run `statement` until it finds no more, each time in a transaction of its own."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, params)
            done = cursor.rowcount
        if done:
            yield done
        if done < BATCH:
            return


def first(statement: str, params: dict[str, Any]) -> tuple[Any, ...] | None:
    """The first row of `statement`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
