"""How tasks are written: each operation one statement, which the API, the admin and the commands share.

Each takes the owner's list first and the task second, so that no two of them wait for each other. Whether the
task exists, whether the caller's version is the current one, and whether the limit allows it, is decided inside
the statement that writes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection

from tasks.exceptions import IdempotencyKeyReused, PreconditionFailed, TaskLimitReached, TaskNotFound
from tasks.statements import row_of
from tasks.task_json import json_of

COLUMNS = frozenset({"title", "description", "completed", "due_date", "priority", "tags"})
DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION = "40P01", "40001", "23505"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, for the record: a name, and through which door."""

    actor: str
    door: str = "api"


@dataclass(frozen=True, slots=True)
class Written:
    """A task after it was written: its JSON text and its version."""

    json: str
    version: int
    is_replay: bool = False


# A statement sees the database as it was when it began, before it waited for the list: only of the rows that it
# locks or writes does it see what the writer before it did (PostgreSQL's READ COMMITTED). So what decides is asked of
# locked rows, and a condition that a waited-for writer may have changed stands on the written row itself.

# The list of the owner, taken until the statement is committed, with the writer's name for the triggers.
TAKEN = """
    SELECT user_id, revision, live, trashed,
        set_config('todo.actor', %(actor)s, true), set_config('todo.door', %(door)s, true)
    FROM task_lists WHERE user_id = {owner} FOR UPDATE
"""
LIST = f"list AS MATERIALIZED ({TAKEN.format(owner='%(user_id)s')})"

# Deleting a user takes the user, then the list. The foreign key of a new task looks at the user too, but last.
OWNER_AND_LIST = f"""
owner AS MATERIALIZED (SELECT id FROM "user" WHERE id = %(user_id)s FOR KEY SHARE),
list AS MATERIALIZED ({TAKEN.format(owner="(SELECT id FROM owner)")})"""

# Tasks that leave the trash for good, the oldest first, where those just `done` made it hold more than a list may.
# By an array of their ids, because PostgreSQL may else look through everybody's trash at each delete.
EVICTED = """
evicted AS (
    DELETE FROM tasks WHERE deleted_at IS NOT NULL AND id = ANY (ARRAY(
        SELECT id FROM tasks WHERE user_id = %(user_id)s AND deleted_at IS NOT NULL ORDER BY deleted_at, id
        LIMIT greatest(0, (SELECT trashed FROM list) + (SELECT count(*) FROM done) - %(limit)s)
    ))
)"""

HOLDS = "(%(versions)s::bigint[] IS NULL OR current.version = ANY (%(versions)s))"


def change_statement(
    assignments: str, *, visible: str = "deleted_at IS NULL", allowed: str = "true", more: str = ""
) -> str:
    """SQL that changes one task and tells: is the version right, is it allowed, the version and the task after it.

    No row: the owner has no such task.
    """
    return f"""
WITH {LIST}, current AS MATERIALIZED (
    SELECT tasks.* FROM tasks JOIN list USING (user_id)
    WHERE id = %(id)s AND {visible} FOR UPDATE OF tasks
), done AS (
    UPDATE tasks SET {assignments} FROM current, list
    WHERE tasks.id = current.id AND {HOLDS} AND {allowed} RETURNING tasks.*
){more}
SELECT {HOLDS}, {allowed}, coalesce(done.version, current.version),
    CASE WHEN done.id IS NULL THEN {json_of("current")} ELSE {json_of("done")} END
FROM list, current LEFT JOIN done ON true
"""


TOGGLE = change_statement("completed = NOT tasks.completed")
TRASH = change_statement("deleted_at = clock_timestamp()", more="," + EVICTED)
RESTORE = change_statement(
    "deleted_at = NULL", visible="true", allowed="(current.deleted_at IS NULL OR list.live < %(limit)s)"
)

CREATE = f"""
WITH {OWNER_AND_LIST}, seen AS (
    SELECT body_digest = %(digest)s AS is_same, answer FROM task_idempotency_keys
    WHERE user_id = %(user_id)s AND key = %(key)s
), done AS (
    INSERT INTO tasks (user_id, title, description, due_date, priority, tags)
    SELECT user_id, %(title)s, %(description)s, %(due_date)s::date, %(priority)s, %(tags)s::text[] FROM list
    WHERE live < %(limit)s AND NOT EXISTS (SELECT FROM seen)
    RETURNING *
), remembered AS (
    INSERT INTO task_idempotency_keys (user_id, key, body_digest, task_id, answer)
    SELECT user_id, %(key)s, %(digest)s, id, {json_of("done")} FROM done WHERE %(key)s IS NOT NULL
)
SELECT done.version, {json_of("done")}, seen.is_same, seen.answer
FROM list LEFT JOIN done ON true LEFT JOIN seen ON true
"""

# The tasks that a bulk operation is about. Where somebody else wrote meanwhile (the list has another revision than it
# had when the statement began), every task is looked at: one that it saw completed may be pending now.
BULK = f"""
{LIST}, live AS MATERIALIZED (
    SELECT tasks.id, completed FROM tasks JOIN list USING (user_id) JOIN task_lists AS seen USING (user_id)
    WHERE deleted_at IS NULL AND (completed = ANY (%(from)s) OR list.revision <> seen.revision) FOR UPDATE OF tasks
), meant AS (
    SELECT id FROM live WHERE completed = ANY (%(from)s)
)"""

MARK_ALL = f"""
WITH {BULK}, done AS (
    UPDATE tasks SET completed = %(completed)s FROM meant WHERE tasks.id = meant.id RETURNING 1
)
SELECT count(*) FROM done
"""

CLEAR = f"""
WITH {BULK}, done AS (
    UPDATE tasks SET deleted_at = clock_timestamp() FROM meant WHERE tasks.id = meant.id RETURNING 1
), {EVICTED}
SELECT count(*) FROM done
"""

SELECTED = {
    "complete": ("completed = true", "found.deleted_at IS NULL AND NOT found.completed"),
    "reopen": ("completed = false", "found.deleted_at IS NULL AND found.completed"),
    "trash": ("deleted_at = clock_timestamp()", "found.deleted_at IS NULL"),
    "restore": ("deleted_at = NULL", "found.deleted_at IS NOT NULL"),
}


def selected_statement(what: str) -> str:
    """SQL that does one of SELECTED to some tasks of a list, and tells whether the limit allowed it."""
    assignment, condition = SELECTED[what]
    # A list may hold more than the limit (psql is exempt, and the limit may be lowered): nothing restored is no excess.
    fits = "NOT EXISTS (SELECT FROM meant) OR live + (SELECT count(*) FROM meant) <= %(limit)s"
    return f"""
WITH {LIST}, found AS MATERIALIZED (
    SELECT tasks.id, completed, deleted_at FROM tasks JOIN list USING (user_id)
    WHERE id = ANY (%(ids)s) FOR UPDATE OF tasks
), meant AS (
    SELECT id FROM found WHERE {condition}
), fits AS (
    SELECT {fits if what == "restore" else "true"} AS fits FROM list
), done AS (
    UPDATE tasks SET {assignment} FROM meant, fits WHERE tasks.id = meant.id AND fits.fits RETURNING 1
){"," + EVICTED if what == "trash" else ""}
SELECT (SELECT count(*) FROM done), fits FROM fits
"""


START_LIST = """
WITH owner AS MATERIALIZED (SELECT id FROM "user" WHERE id = %(user_id)s FOR KEY SHARE), started AS (
    INSERT INTO task_lists (user_id) SELECT id FROM owner ON CONFLICT DO NOTHING
)
SELECT id FROM owner
"""


def create(
    user_id: str,
    writer: Writer,
    *,
    title: str,
    description: str | None = None,
    due_date: date | None = None,
    priority: str = "none",
    tags: Sequence[str] = (),
    key: str | None = None,
    digest: bytes = b"",
) -> Written | None:
    """Put a task on the list; None where there is no such user.

    key, digest: an `Idempotency-Key` and what the body was; the same again is answered with the first answer.
    Raises TaskLimitReached, IdempotencyKeyReused.
    """
    params: dict[str, Any] = {"title": title, "description": description, "due_date": due_date, "priority": priority}
    params |= {"tags": list(tags), "key": key, "digest": digest}
    row = run(CREATE, user_id, writer, **params)
    while row is None and start_list(user_id):  # Again where an erasure took the list away meanwhile.
        row = run(CREATE, user_id, writer, **params)
    if row is not None and key is not None and is_refused(row):
        # Perhaps the same key took the last place in this moment: what it made is seen by another look alone.
        row = run(CREATE, user_id, writer, **params)
    if row is None:
        return None
    version, json, is_same, answer = row
    if answer is not None:
        if not is_same:
            raise IdempotencyKeyReused
        return Written(answer, 1, is_replay=True)
    if version is None:
        raise TaskLimitReached
    return Written(json, version)


def is_refused(row: tuple[Any, ...]) -> bool:
    """Whether a CREATE neither made a task nor found the answer of the one that its key made."""
    version, _, _, answer = row
    return version is None and answer is None


def start_list(user_id: str) -> bool:
    """Make the list of a person who has none yet; False where there is no such person."""
    return row_of(START_LIST, {"user_id": user_id}) is not None


def change(
    user_id: str, task_id: int, writer: Writer, changes: Mapping[str, Any], versions: Sequence[int] | None = None
) -> Written:
    """Write the members that `changes` names, and no other. Raises TaskNotFound, PreconditionFailed.

    versions: the task is changed only where its version is one of these; None asks for none.
    """
    names = [name for name in changes if name in COLUMNS]
    assignments = ", ".join(f"{name} = %({name})s" for name in names) or "id = tasks.id"
    return changed(change_statement(assignments), user_id, task_id, writer, versions, **changes)


def toggle(user_id: str, task_id: int, writer: Writer, versions: Sequence[int] | None = None) -> Written:
    """Complete a pending task, reopen a completed one. Raises TaskNotFound, PreconditionFailed."""
    return changed(TOGGLE, user_id, task_id, writer, versions)


def trash(user_id: str, task_id: int, writer: Writer, versions: Sequence[int] | None = None) -> Written:
    """Move a task to the trash. Raises TaskNotFound, PreconditionFailed."""
    return changed(TRASH, user_id, task_id, writer, versions)


def restore(user_id: str, task_id: int, writer: Writer, versions: Sequence[int] | None = None) -> Written:
    """Take a task out of the trash; a live one stays as it is.

    Raises TaskNotFound, PreconditionFailed, TaskLimitReached.
    """
    return changed(RESTORE, user_id, task_id, writer, versions)


def changed(
    statement: str, user_id: str, task_id: int, writer: Writer, versions: Sequence[int] | None, **params: Any
) -> Written:
    """Run a `change_statement` and say what came of it."""
    row = run(statement, user_id, writer, id=task_id, versions=None if versions is None else list(versions), **params)
    if row is None:
        raise TaskNotFound
    holds, is_allowed, version, json = row
    if not holds:
        raise PreconditionFailed(version)
    if not is_allowed:
        raise TaskLimitReached
    return Written(json, version)


COMPLETION = {"all": [True, False], "pending": [False], "completed": [True]}


def mark_all(user_id: str, writer: Writer, *, status: str, completed: bool) -> int:
    """Complete or reopen all tasks of `status`, and return how many changed."""
    others = [state for state in COMPLETION[status] if state is not completed]
    row = run(MARK_ALL, user_id, writer, **{"from": others, "completed": completed})
    return int(row[0]) if row else 0


def clear(user_id: str, writer: Writer, *, status: str) -> int:
    """Move all tasks of `status` to the trash, and return how many there were."""
    row = run(CLEAR, user_id, writer, **{"from": COMPLETION[status]})
    return int(row[0]) if row else 0


def change_selected(user_id: str, writer: Writer, what: str, ids: Sequence[int]) -> int:
    """Do `what` (a key of SELECTED) to the tasks `ids` of one person, and return how many changed.

    Raises TaskLimitReached, with none restored, where the list cannot hold them all.
    """
    row = run(selected_statement(what), user_id, writer, ids=list(ids))
    if row is None:
        return 0
    done, fits = row
    if not fits:
        raise TaskLimitReached
    return int(done)


def run(statement: str, user_id: str, writer: Writer, **params: Any) -> tuple[Any, ...] | None:
    """Run `statement` for one owner and return its row."""
    values = {"user_id": user_id, "actor": writer.actor, "door": writer.door, "limit": settings.TASKS_PER_USER_LIMIT}
    return tried_again(lambda: row_of(statement, {**values, **params}))


def tried_again[T](work: Callable[[], T]) -> T:
    """What `work` returns: one transaction, begun anew where the database refused it for no fault of its own.

    So it does to a deadlock with a writer that took rows in another order (psql), and to the second of two creates
    with one key in the same moment, which then finds the answer of the first.
    """
    try:
        return work()
    except (OperationalError, IntegrityError) as error:
        if connection.in_atomic_block or not is_worth_another_try(error):
            raise  # The whole of a transaction must be tried again, by whoever began it.
        return work()


def is_worth_another_try(error: Exception) -> bool:
    """Whether the same statement can succeed now."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION}
