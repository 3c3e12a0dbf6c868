"""The parts that statements are made of: whose rows, the JSON of a task, and the locks of a write."""

from collections.abc import Iterable

from django.db.models import DateTimeField

from accounts.models import User
from tasks.models import Task

USERS = f'"{User._meta.db_table}"'
FIELDS = tuple(field.attname for field in Task._meta.concrete_fields)
TIMESTAMPS = frozenset(field.attname for field in Task._meta.concrete_fields if isinstance(field, DateTimeField))


def own(table: str) -> str:
    """Return the condition that keeps users apart: the rows of `table` that belong to the caller.

    Every read and every write of the tables of tasks contains it; tests/project/test_isolation_of_statements.py parses
    all statements and proves it. The parameter `user_id` is the token's user, never the one in the path.
    """
    return f"{table}.user_id = %(user_id)s"


OWN_TASKS = own("tasks")


def timestamp(expression: str) -> str:
    """Return SQL of a timestamp as text: RFC 3339 in UTC, with six digits of a second."""
    return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def field_of(row: str, name: str) -> str:
    return f"{timestamp(f'{row}.{name}')} AS {name}" if name in TIMESTAMPS else f"{row}.{name}"


def json_object(fields: Iterable[str]) -> str:
    """Return SQL of the JSON text of an object, given the SQL of its fields, each with a name."""
    return f"(SELECT row_to_json(field)::text FROM (SELECT {', '.join(fields)}) AS field)"


def task_as_json(row: str) -> str:
    """Return SQL of the JSON text of the task in `row`: the API's representation, written by PostgreSQL.

    No model instance, serializer or encoder runs per row: these took 6 ms for 100 tasks.
    """
    return json_object(field_of(row, name) for name in FIELDS)


# Lock the owner's list row until commit, and pass actor and source to the triggers.
LOCK_LIST = """
    SELECT user_id, revision, live_count, trash_count,
        set_config('todo.actor', %(actor)s, true), set_config('todo.source', %(source)s, true)
    FROM task_lists WHERE {owner} FOR UPDATE
"""
LIST = f"list AS MATERIALIZED ({LOCK_LIST.format(owner=own('task_lists'))})"

# Deleting a user locks the user, then the list. The foreign key of a new task would lock the user last, so do it first.
USER_AND_LIST = f"""
owner AS MATERIALIZED (SELECT id FROM {USERS} WHERE id = %(user_id)s FOR KEY SHARE),
list AS MATERIALIZED ({LOCK_LIST.format(owner=f"{own('task_lists')} AND user_id = (SELECT id FROM owner)")})"""

# Permanently delete the oldest trashed tasks that exceed the limit after the rows in `done` were trashed. By an array
# of ids, because PostgreSQL may otherwise scan everybody's trash; and only if there are any, because it may still scan
# the owner's. FOR UPDATE skips tasks that left the trash while this statement waited, and takes the next ones instead.
EXCESS = "(SELECT trash_count FROM list) + (SELECT count(*) FROM done) - %(limit)s"
EVICT = f"""
evicted AS (
    DELETE FROM tasks WHERE {OWN_TASKS} AND {EXCESS} > 0 AND deleted_at IS NOT NULL AND id = ANY (ARRAY(
        SELECT id FROM tasks WHERE {OWN_TASKS} AND deleted_at IS NOT NULL ORDER BY deleted_at, id
        LIMIT greatest(0, {EXCESS}) FOR UPDATE
    ))
)"""
