"""Undo of recorded changes: of one change of a task, or of everything that one act (a revision) did to a list.

An undo is a change like any other: it gets a revision, and the history says who undid what. It writes the values from
before the change, and nothing if something newer stands in their place. The admin, the shell and the command share it.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction

from accounts.statements import fetch_all
from tasks.models import Task, TaskChange
from tasks.operations import Actor
from tasks.sql.execute import retry_once
from tasks.sql.undo import LOCK, PUT_BACK

# How the history says that a change is an undo: in the name of its actor. Users of the API choose no such name: theirs
# have the source `api`.
UNDO_OF = re.compile(r"(?P<name>.*), undo of revision (?P<revision>[0-9]+)")
UNDOABLE = {"created", "changed", "deleted", "restored"}
MAX_NAMED = 5  # A refusal names so many tasks.


class UndoRefusedError(Exception):
    """Nothing was undone. The message says why, for people."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did. revision: the one of the undo itself, by which it can be undone, too."""

    revision: int
    tasks: int


def undo_change(user_id: str, revision: int, task_id: int, actor: Actor) -> Undone:
    """Undo what a revision did to one task. Raises UndoRefusedError."""
    return undo(user_id, revision, actor, [task_id])


def undo_revision(user_id: str, revision: int, actor: Actor) -> Undone:
    """Undo all that a revision did, or nothing if one of its tasks refuses. Raises UndoRefusedError."""
    return undo(user_id, revision, actor, None)


def undone_revision(change: TaskChange) -> int | None:
    """Return the revision that `change` has undone; None if it is not an undo."""
    match = UNDO_OF.fullmatch(change.actor) if change.source in {"admin", "support"} else None
    return int(match["revision"]) if match else None


def undo(user_id: str, revision: int, actor: Actor, task_ids: Collection[int] | None) -> Undone:
    return retry_once(partial(undo_in_transaction, user_id, revision, actor, task_ids))


@transaction.atomic
def undo_in_transaction(user_id: str, revision: int, actor: Actor, task_ids: Collection[int] | None) -> Undone:
    params = {
        "user_id": user_id,
        "revision": revision,
        "actor": f"{actor.name}, undo of revision {revision}",
        "source": actor.source,
    }
    locked = fetch_all(LOCK, params)
    if not locked:
        raise UndoRefusedError(f"There is no user {user_id!r}.")
    current_revision, live_count = locked[0][1:3]
    changes = list(changes_of(user_id, revision, task_ids))
    if not changes:
        raise UndoRefusedError(f"Revision {revision} is not in the history of user {user_id!r}.")
    if reasons := obstacles(user_id, changes):
        raise UndoRefusedError(as_text(reasons))
    put_back = fetch_all(PUT_BACK, params | {"ids": [change.task_id for change in changes]})
    if len(put_back) < len(changes):
        raise UndoRefusedError("The tasks no longer have the values that this change gave them.")
    restored = sum(is_restored for (is_restored,) in put_back)
    if restored and live_count + restored > settings.TASKS_PER_USER_LIMIT:
        raise UndoRefusedError(f"The list would exceed the limit of {settings.TASKS_PER_USER_LIMIT} tasks.")
    return Undone(current_revision + 1, len(put_back))


def changes_of(user_id: str, revision: int, task_ids: Collection[int] | None) -> Iterable[TaskChange]:
    changes = TaskChange.objects.of_user(user_id).filter(revision=revision)
    return changes if task_ids is None else changes.filter(task_id__in=task_ids)


def obstacles(user_id: str, changes: Collection[TaskChange]) -> list[str]:
    """Return why changes, all of one revision, cannot be undone, in the order of their tasks."""
    ids = [change.task_id for change in changes]
    trashed = dict(Task.objects.owned_by(user_id).filter(id__in=ids).values_list("id", "deleted_at"))
    later: dict[int, list[TaskChange]] = {task_id: [] for task_id in ids}
    revision = next(iter(changes)).revision
    newer = TaskChange.objects.of_user(user_id).filter(task_id__in=ids, revision__gt=revision)
    for change in newer.order_by("-revision"):
        later[change.task_id].append(change)
    reasons = []
    for change in sorted(changes, key=lambda change: change.task_id):
        if change.task_id not in trashed or change.kind not in UNDOABLE:
            reasons.append(f"Task {change.task_id}: the record {change.kind!r} cannot be undone.")
        elif standing := newest_standing(change, later[change.task_id]):
            reasons.append(reason_of(change, standing))
        elif trashed[change.task_id] and change.kind != "deleted":
            reasons.append(f"Task {change.task_id} is in the trash: restore it first.")
    return reasons


def newest_standing(change: TaskChange, later: Iterable[TaskChange]) -> TaskChange | None:
    """Return the newest of `later` that stands in the way of undoing `change`.

    later: the changes of the task after it, the latest first. What was undone since does not stand, nor does its undo:
    so changes can be undone one after the other, the latest first.
    """
    undone = set()
    for newer in later:
        if newer.revision in undone:
            continue
        if (revision := undone_revision(newer)) is not None and revision > change.revision:
            undone.add(revision)
        elif change.kind == "created" or (newer.before or {}).keys() & (change.before or {}).keys():
            return newer
    return None


def reason_of(change: TaskChange, standing: TaskChange) -> str:
    if undone_revision(standing) == change.revision:
        return f"Task {change.task_id}: this is undone already, by revision {standing.revision}."
    return f"Task {change.task_id} was {standing.kind} since then, by {standing.actor} in revision {standing.revision}."


def as_text(reasons: list[str]) -> str:
    others = len(reasons) - MAX_NAMED
    more = f" And {others} other tasks." if others > 0 else ""
    return f"Nothing was undone. {' '.join(reasons[:MAX_NAMED])}{more}"
