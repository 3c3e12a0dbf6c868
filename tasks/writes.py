"""How tasks are written: each operation one statement (tasks/write_statements.py), which the three doors share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection

from tasks.exceptions import IdempotencyKeyReused, PreconditionFailed, TaskLimitReached, TaskNotFound
from tasks.statements import row_of
from tasks.write_statements import (
    CLEAR,
    CREATE,
    MARK_ALL,
    RESTORE,
    START_LIST,
    TOGGLE,
    TRASH,
    change_statement,
    selected_statement,
)

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
    """Do `what` (a key of `write_statements.SELECTED`) to the tasks `ids` of one person, and return how many changed.

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
