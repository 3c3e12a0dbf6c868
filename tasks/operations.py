"""What is done with tasks: each operation is one SQL statement, and the API, the admin and the shell share it.

A write of one task that is refused takes a second statement, which finds out why (tasks/sql/writes.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings

from accounts.statements import fetch_one
from tasks.exceptions import IdempotencyKeyReused, OwnerNotFound, PreconditionFailed, TaskLimitReached, TaskNotFound
from tasks.models import EDITABLE_FIELDS, FIELD_DEFAULTS
from tasks.sql.execute import retry_once
from tasks.sql.writes import (
    BULK_BY_ID,
    BULK_BY_STATUS,
    CREATE,
    RESTORE,
    TOGGLE,
    TRASH,
    BulkAction,
    WriteOne,
    update_fields,
)

MAX_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, for the change history: a user's id or a staff user's name, and from where.

    While an administrator impersonates the user `u1`, the name is `u1, as by admin1`.
    """

    name: str
    source: str = "api"


@dataclass(frozen=True, slots=True)
class WriteResult:
    """A task after it was written: its JSON text and its version."""

    json: str
    version: int
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """An `Idempotency-Key` and the hash of the body that came with it."""

    key: str
    body_hash: bytes


def create(
    user_id: str,
    actor: Actor,
    fields: Mapping[str, Any],
    *,
    request: IdempotentRequest | None = None,
    restore_user: Callable[[], None] | None = None,
) -> WriteResult:
    """Create a task, or return what the same request created before.

    restore_user: called if the user's row is missing, because it was deleted since the token was verified; it creates
    the row or raises. Without it, OwnerNotFound is raised.
    Raises TaskLimitReached, IdempotencyKeyReused.
    """
    params = FIELD_DEFAULTS | dict(fields) | {"key": None, "body_hash": b""}
    if request is not None:
        params |= {"key": request.key, "body_hash": request.body_hash}
    elif row := run(CREATE.quick, user_id, actor, **params):
        return WriteResult(row[1], row[0])
    is_second_look = False
    for _ in range(MAX_ATTEMPTS):
        row = run(CREATE.full, user_id, actor, **params)
        if row is None:
            if restore_user is None:
                break
            restore_user()
            continue
        version, json, is_same, response_body = row
        if response_body is not None:
            if not is_same:
                raise IdempotencyKeyReused
            return WriteResult(response_body, 1, is_replay=True)
        if version is not None:
            return WriteResult(json, version)
        if request is None or is_second_look:
            raise TaskLimitReached
        # A concurrent request with the same key may have taken the last place: only a new snapshot can see its task.
        is_second_look = True
    raise OwnerNotFound


def change(
    user_id: str, task_id: int, actor: Actor, changes: Mapping[str, Any], versions: Sequence[int] | None = None
) -> WriteResult:
    """Write the fields that `changes` names, and no others. Raises TaskNotFound, PreconditionFailed.

    versions: write only if the task has one of these versions; None: any.
    """
    write = update_fields(frozenset(changes).intersection(EDITABLE_FIELDS))
    return update(write, user_id, task_id, actor, versions, **changes)


def toggle(user_id: str, task_id: int, actor: Actor, versions: Sequence[int] | None = None) -> WriteResult:
    """Complete a pending task, reopen a completed one. Raises TaskNotFound, PreconditionFailed."""
    return update(TOGGLE, user_id, task_id, actor, versions)


def trash(user_id: str, task_id: int, actor: Actor, versions: Sequence[int] | None = None) -> WriteResult:
    """Move a task to the trash. Raises TaskNotFound, PreconditionFailed."""
    return update(TRASH, user_id, task_id, actor, versions)


def restore(user_id: str, task_id: int, actor: Actor, versions: Sequence[int] | None = None) -> WriteResult:
    """Move a task out of the trash; a live one stays as it is.

    Raises TaskNotFound, PreconditionFailed, TaskLimitReached.
    """
    return update(RESTORE, user_id, task_id, actor, versions)


def update(
    write: WriteOne, user_id: str, task_id: int, actor: Actor, versions: Sequence[int] | None, **params: Any
) -> WriteResult:
    """Run a write made by `update_one`, and raise what it refused."""
    params |= {"id": task_id, "versions": None if versions is None else list(versions)}
    if row := run(write.quick, user_id, actor, **params):
        return WriteResult(row[1], row[0])
    row = run(write.full, user_id, actor, **params)
    if row is None:
        raise TaskNotFound
    version_matches, is_allowed, version, json = row
    if not version_matches:
        raise PreconditionFailed(version)
    if not is_allowed:
        raise TaskLimitReached
    return WriteResult(json, version)


COMPLETED_STATES = {"all": [True, False], "pending": [False], "completed": [True]}


def mark_all(user_id: str, actor: Actor, *, status: str, completed: bool) -> int:
    """Complete or reopen all tasks of `status`, a key of COMPLETED_STATES. Returns how many changed."""
    states = [state for state in COMPLETED_STATES[status] if state is not completed]
    return bulk(BULK_BY_STATUS["complete" if completed else "reopen"], user_id, actor, states=states)


def clear(user_id: str, actor: Actor, *, status: str) -> int:
    """Move all tasks of `status` to the trash. Returns how many there were."""
    return bulk(BULK_BY_STATUS["trash"], user_id, actor, states=COMPLETED_STATES[status])


def change_selected(user_id: str, actor: Actor, action: BulkAction, ids: Sequence[int]) -> int:
    """Do `action` to the tasks `ids` of one user. Returns how many changed.

    Raises TaskLimitReached, and restores none, if the list cannot hold all of them.
    """
    return bulk(BULK_BY_ID[action], user_id, actor, ids=list(ids))


def bulk(statement: str, user_id: str, actor: Actor, **params: Any) -> int:
    row = run(statement, user_id, actor, **params)
    if row is None:  # There is no such user.
        return 0
    changed, is_allowed = row
    if not is_allowed:
        raise TaskLimitReached
    return int(changed)


def run(statement: str, user_id: str, actor: Actor, **params: Any) -> tuple[Any, ...] | None:
    """Run `statement` for one owner and return its row."""
    values = {"user_id": user_id, "actor": actor.name, "source": actor.source, "limit": settings.TASKS_PER_USER_LIMIT}
    return retry_once(partial(fetch_one, statement, values | params))
