"""What the support commands about tasks have in common: who acts, and how acts are shown."""

from collections.abc import Iterable
from typing import Any

from accounts.management.support_command import SupportCommand, operator_name
from accounts.text_table import printable, text_table
from tasks.acts import Act
from tasks.models import TaskChange
from tasks.operations import Actor


class TaskCommand(SupportCommand):
    @property
    def actor(self) -> Actor:
        """Who the change history names."""
        return Actor(operator_name(), "support")


def table_of_acts(acts: Iterable[Act]) -> str:
    rows = [
        (act.revision, act.at, f"{act.actor} ({act.source})", words(act.change) if act.change else many(act))
        for act in acts
    ]
    return text_table(("revision", "at (UTC)", "by", "what"), rows, max_widths={3: 100})


def many(act: Act) -> str:
    return f"{act.tasks:,} tasks {act.kind}"


def words(change: TaskChange) -> str:
    """Return what a change did to its task."""
    before: dict[str, Any] = change.before or {}
    fields = [
        f"{name} {before.get(name)!r} → {value!r}"
        for name, value in (change.after or {}).items()
        if name != "deleted_at"  # The kind says the same.
    ]
    return printable(f"task {change.task_id} {change.kind}" + (f": {', '.join(fields)}" if fields else ""))


def act_as_json(act: Act) -> dict[str, Any]:
    """Return an act with the task, and from what to what, if it changed one."""
    one = act.change
    return {
        "revision": act.revision,
        "at": act.at,
        "actor": act.actor,
        "source": act.source,
        "kind": act.kind,
        "tasks": act.tasks,
        **({"task_id": one.task_id, "before": one.before, "after": one.after} if one else {}),
    }
