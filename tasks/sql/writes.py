"""The statements that write tasks, one for each operation (tasks/operations.py).

Each locks the owner's list first and tasks second, so that no two of them deadlock. Whether the task exists, whether
the version matches and whether the limit allows the write is decided inside the statement that writes.

A write of one task has two statements, and usually only the first runs. `quick` writes the task and returns it, or
writes nothing and has no row. Then `full` decides again from the beginning, and says what refused. Without the parts
that can say that, a write costs PostgreSQL a tenth less (docs/decisions/0023-cheaper-writes.md).

A statement sees the database as it was when it began, before it waited for the list. Only in rows that it locks or
writes does it see what the previous writer did (READ COMMITTED). So decisions are made on locked rows, and a condition
that a previous writer may have changed is repeated on the row that is written.
"""

from functools import cache
from typing import Literal, NamedTuple

from tasks.models import EDITABLE_FIELDS
from tasks.sql.fragments import EVICT, LIST, OWN_TASKS, USER_AND_LIST, own, task_as_json

# Conditions on a row of a task, to be formatted with its name.
VERSION_MATCHES = "(%(versions)s::bigint[] IS NULL OR {0}.version = ANY (%(versions)s))"
MAY_BE_RESTORED = "({0}.deleted_at IS NULL OR (SELECT live_count FROM list) < %(limit)s)"
TRASH_NOW = "deleted_at = clock_timestamp()"

type BulkAction = Literal["complete", "reopen", "trash", "restore"]

# What a bulk operation assigns, and to which tasks.
BULK_ACTIONS: dict[BulkAction, tuple[str, str]] = {
    "complete": ("completed = true", "deleted_at IS NULL AND NOT completed"),
    "reopen": ("completed = false", "deleted_at IS NULL AND completed"),
    "trash": (TRASH_NOW, "deleted_at IS NULL"),
    "restore": ("deleted_at = NULL", "deleted_at IS NOT NULL"),
}


class WriteOne(NamedTuple):
    """The two statements of a write of one task.

    quick: its row has version and JSON of the task.
    full: its row says of an update: does the version match, is it allowed, version and JSON afterwards.
    """

    quick: str
    full: str


def update_one(
    assignments: str,
    *,
    found: str = "deleted_at IS NULL",
    allowed: str = "true",
    more: str = "",
    only_full_if: str = "false",
) -> WriteOne:
    """Return SQL that changes one task. `full` has no row if the owner has no such task.

    allowed: a condition that is formatted with the name of the task's row.
    more: CTEs of `full`, which are needed only if `only_full_if`, a condition on `list`, is true.

    In `quick`, the condition on `list` locks it before the UPDATE locks the task. In `full`, the UPDATE repeats the id:
    joined with `current` instead, a plan made while the table was empty reads the whole table.
    """
    matches, is_allowed = VERSION_MATCHES.format("current"), allowed.format("current")
    return WriteOne(
        quick=f"""
WITH {LIST}
UPDATE tasks SET {assignments}
WHERE {OWN_TASKS} AND id = %(id)s AND {found} AND {VERSION_MATCHES.format("tasks")} AND {allowed.format("tasks")}
    AND (SELECT NOT ({only_full_if}) FROM list)
RETURNING version, {task_as_json("tasks")}
""",
        full=f"""
WITH {LIST}, current AS MATERIALIZED (
    SELECT tasks.* FROM tasks JOIN list USING (user_id)
    WHERE {OWN_TASKS} AND id = %(id)s AND {found} FOR UPDATE OF tasks
), done AS (
    UPDATE tasks SET {assignments} FROM current
    WHERE {OWN_TASKS} AND tasks.id = %(id)s AND {matches} AND {is_allowed} RETURNING tasks.*
){more}
SELECT {matches}, {is_allowed}, coalesce(done.version, current.version),
    CASE WHEN done.id IS NULL THEN {task_as_json("current")} ELSE {task_as_json("done")} END
FROM current LEFT JOIN done ON true
""",
    )


@cache  # One for each combination of fields.
def update_fields(names: frozenset[str]) -> WriteOne:
    """Return SQL that assigns the parameters called `names` to the columns of the same names."""
    return update_one(", ".join(f"{name} = %({name})s" for name in sorted(names)) or "id = tasks.id")


TOGGLE = update_one("completed = NOT tasks.completed")
# A full trash evicts: only the full statement can.
TRASH = update_one(TRASH_NOW, more="," + EVICT, only_full_if="trash_count >= %(limit)s")
RESTORE = update_one("deleted_at = NULL", found="true", allowed=MAY_BE_RESTORED)

NEW_FIELDS = tuple(name for name in EDITABLE_FIELDS if name != "completed")
INSERT = f"""INSERT INTO tasks (user_id, {", ".join(NEW_FIELDS)})
    SELECT user_id, {", ".join(f"%({name})s" for name in NEW_FIELDS)} FROM list WHERE live_count < %(limit)s"""

# `quick` is for a request without a key. The row of `full`: version and JSON of the new task; whether the key came with
# the same body before, and the response then. It has no row if there is no such user.
CREATE = WriteOne(
    quick=f"""
WITH {USER_AND_LIST}
{INSERT}
RETURNING version, {task_as_json("tasks")}
""",
    full=f"""
WITH {USER_AND_LIST}, seen AS (
    SELECT body_hash = %(body_hash)s AS is_same, response_body FROM task_idempotency_keys
    WHERE {own("task_idempotency_keys")} AND key = %(key)s
), done AS (
    {INSERT} AND NOT EXISTS (SELECT FROM seen)
    RETURNING *
), response AS MATERIALIZED (
    SELECT user_id, id, version, {task_as_json("done")} AS json FROM done
), remembered AS (
    INSERT INTO task_idempotency_keys (user_id, key, body_hash, task_id, response_body)
    SELECT user_id, %(key)s, %(body_hash)s, id, json FROM response WHERE %(key)s IS NOT NULL
)
SELECT response.version, response.json, seen.is_same, seen.response_body
FROM list LEFT JOIN response ON true LEFT JOIN seen ON true
""",
)

# The tasks that a bulk operation looks at. If somebody else wrote in the meantime (the list has another revision than
# when the statement began), it looks at every task of the list: what it saw as completed may be pending now.
BY_ID = "tasks.id = ANY (%(ids)s)"
BY_STATUS = f"""deleted_at IS NULL AND (
        completed = ANY (%(states)s) OR list.revision <> (SELECT revision FROM task_lists WHERE {own("task_lists")})
    )"""


# IS TRUE keeps PostgreSQL from making a join of it, for which it read the owner's whole list once for each chosen task
# if it took the table for an empty one: 35 s for 10,000.
CHOSEN = "(tasks.id IN (SELECT id FROM chosen)) IS TRUE"


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
    UPDATE tasks SET {assignment} FROM allowed
    WHERE {OWN_TASKS} AND {BY_ID if by_id else "true"} AND {CHOSEN} AND is_allowed RETURNING 1
){"," + EVICT if action == "trash" else ""}
SELECT (SELECT count(*) FROM done), is_allowed FROM allowed
"""


BULK_BY_ID = {action: bulk(action, by_id=True) for action in BULK_ACTIONS}
BULK_BY_STATUS = {action: bulk(action, by_id=False) for action in BULK_ACTIONS if action != "restore"}
