"""What the support commands about tasks have in common: who acts, and how changes are shown."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from accounts.management.support_command import SupportCommand, operator_name
from accounts.text_table import printable, text_table
from tasks.models import TaskChange
from tasks.operations import Actor


class TaskCommand(SupportCommand):
    @property
    def actor(self) -> Actor:
        """Who the change history names."""
        return Actor(operator_name(), "support")


def table_of_changes(changes: Iterable[TaskChange]) -> str:
    """Return a table with one line for each revision, in the order of `changes`: what one act did."""
    rows = []
    for revision, group in groupby(changes, key=lambda change: change.revision):
        parts = list(group)
        act = words(parts[0]) if len(parts) == 1 else f"{len(parts)} tasks {parts[0].kind}"
        rows.append((revision, parts[0].at, f"{parts[0].actor} ({parts[0].source})", act))
    return text_table(("revision", "at (UTC)", "by", "what"), rows, max_widths={3: 100})


def words(change: TaskChange) -> str:
    """Return what a change did to its task."""
    before: dict[str, Any] = change.before or {}
    fields = [f"{name} {before.get(name)!r} → {value!r}" for name, value in (change.after or {}).items()]
    if change.kind in {"deleted", "restored"}:  # The field says the same.
        fields = [field for field in fields if not field.startswith("deleted_at ")]
    return printable(f"task {change.task_id} {change.kind}" + (f": {', '.join(fields)}" if fields else ""))


def change_as_json(change: TaskChange) -> dict[str, Any]:
    names = ("revision", "task_id", "kind", "before", "after", "at", "actor", "source")
    return {name: getattr(change, name) for name in names}
