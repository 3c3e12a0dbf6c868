"""The statements that write tasks, one for each operation (tasks/operations.py).

Each locks the owner's list first and tasks second, so that no two of them deadlock. Whether the task exists, whether
the version matches and whether the limit allows the write is decided inside the statement that writes.

A statement sees the database as it was when it began, before it waited for the list. Only in rows that it locks or
writes does it see what the previous writer did (READ COMMITTED). So decisions are made on locked rows, and a condition
that a previous writer may have changed is repeated on the row that is written.
"""

from functools import cache
from typing import Literal

from tasks.models import EDITABLE_FIELDS
from tasks.sql.fragments import EVICT, LIST, OWN_TASKS, USER_AND_LIST, own, task_as_json

VERSION_MATCHES = "(%(versions)s::bigint[] IS NULL OR current.version = ANY (%(versions)s))"
TRASH_NOW = "deleted_at = clock_timestamp()"

type BulkAction = Literal["complete", "reopen", "trash", "restore"]

# What a bulk operation assigns, and to which tasks.
BULK_ACTIONS: dict[BulkAction, tuple[str, str]] = {
    "complete": ("completed = true", "deleted_at IS NULL AND NOT completed"),
    "reopen": ("completed = false", "deleted_at IS NULL AND completed"),
    "trash": (TRASH_NOW, "deleted_at IS NULL"),
    "restore": ("deleted_at = NULL", "deleted_at IS NOT NULL"),
}


def update_one(assignments: str, *, found: str = "deleted_at IS NULL", allowed: str = "true", more: str = "") -> str:
    """Return SQL that changes one task; its row: does the version match, is it allowed, version and JSON afterwards.

    It has no row if the owner has no such task. The UPDATE repeats the id: joined with `current` instead, a plan made
    while the table was empty reads the whole table.
    """
    return f"""
WITH {LIST}, current AS MATERIALIZED (
    SELECT tasks.* FROM tasks JOIN list USING (user_id)
    WHERE {OWN_TASKS} AND id = %(id)s AND {found} FOR UPDATE OF tasks
), done AS (
    UPDATE tasks SET {assignments} FROM current, list
    WHERE {OWN_TASKS} AND tasks.id = %(id)s AND {VERSION_MATCHES} AND {allowed} RETURNING tasks.*
){more}
SELECT {VERSION_MATCHES}, {allowed}, coalesce(done.version, current.version),
    CASE WHEN done.id IS NULL THEN {task_as_json("current")} ELSE {task_as_json("done")} END
FROM list, current LEFT JOIN done ON true
"""


@cache  # One for each combination of fields.
def update_fields(names: frozenset[str]) -> str:
    """Return SQL that assigns the parameters called `names` to the columns of the same names."""
    return update_one(", ".join(f"{name} = %({name})s" for name in sorted(names)) or "id = tasks.id")


TOGGLE = update_one("completed = NOT tasks.completed")
TRASH = update_one(TRASH_NOW, more="," + EVICT)
RESTORE = update_one(
    "deleted_at = NULL", found="true", allowed="(current.deleted_at IS NULL OR list.live_count < %(limit)s)"
)

NEW_FIELDS = tuple(name for name in EDITABLE_FIELDS if name != "completed")

# Its row: version and JSON of the new task; whether the key came with the same body before, and the response then.
# No row if there is no such user.
CREATE = f"""
WITH {USER_AND_LIST}, seen AS (
    SELECT body_hash = %(body_hash)s AS is_same, response_body FROM task_idempotency_keys
    WHERE {own("task_idempotency_keys")} AND key = %(key)s
), done AS (
    INSERT INTO tasks (user_id, {", ".join(NEW_FIELDS)})
    SELECT user_id, {", ".join(f"%({name})s" for name in NEW_FIELDS)} FROM list
    WHERE live_count < %(limit)s AND NOT EXISTS (SELECT FROM seen)
    RETURNING *
), remembered AS (
    INSERT INTO task_idempotency_keys (user_id, key, body_hash, task_id, response_body)
    SELECT user_id, %(key)s, %(body_hash)s, id, {task_as_json("done")} FROM done WHERE %(key)s IS NOT NULL
)
SELECT done.version, {task_as_json("done")}, seen.is_same, seen.response_body
FROM list LEFT JOIN done ON true LEFT JOIN seen ON true
"""

# The tasks that a bulk operation looks at. If somebody else wrote in the meantime (the list has another revision than
# when the statement began), it looks at every task of the list: what it saw as completed may be pending now.
BY_ID = "tasks.id = ANY (%(ids)s)"
BY_STATUS = f"""deleted_at IS NULL AND (
        completed = ANY (%(states)s) OR list.revision <> (SELECT revision FROM task_lists WHERE {own("task_lists")})
    )"""


def bulk(action: BulkAction, *, by_id: bool) -> str:
    """Return SQL that does `action` to tasks of one list; its row: how many changed, and did the limit allow it.

    by_id: the tasks whose ids are in the parameter `ids`; otherwise those whose `completed` is in `states`.
    """
    assignment, condition = BULK_ACTIONS[action]
    if not by_id:
        condition += " AND completed = ANY (%(states)s)"
    # A list may exceed the limit (psql may, and the limit may be lowered). Then restoring nothing is still allowed.
    within_limit = "NOT EXISTS (SELECT FROM chosen) OR live_count + (SELECT count(*) FROM chosen) <= %(limit)s"
    return f"""
WITH {LIST}, found AS MATERIALIZED (
    SELECT tasks.id, completed, deleted_at FROM tasks JOIN list USING (user_id)
    WHERE {OWN_TASKS} AND {BY_ID if by_id else BY_STATUS} FOR UPDATE OF tasks
), chosen AS (
    SELECT id FROM found WHERE {condition}
), allowed AS (
    SELECT {within_limit if action == "restore" else "true"} AS is_allowed FROM list
), done AS (
    UPDATE tasks SET {assignment} FROM chosen, allowed
    WHERE {OWN_TASKS} AND {BY_ID if by_id else "true"} AND tasks.id = chosen.id AND is_allowed RETURNING 1
){"," + EVICT if action == "trash" else ""}
SELECT (SELECT count(*) FROM done), is_allowed FROM allowed
"""


BULK_BY_ID = {action: bulk(action, by_id=True) for action in BULK_ACTIONS}
BULK_BY_STATUS = {action: bulk(action, by_id=False) for action in BULK_ACTIONS if action != "restore"}
