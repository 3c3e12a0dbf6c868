"""What happened to tasks, as an operator reads it."""

from django.db.models import QuerySet
from django.utils.html import format_html_join

from tasks.models import Task, TaskChange

SHOWN_CHANGES = 50


def as_list(changes: "QuerySet[TaskChange]") -> str:
    """Changes, one a line."""
    return format_html_join("", "<div>{}</div>", ((str(change),) for change in changes[:SHOWN_CHANGES]))


def changed_since(task: Task, version: int | None) -> str:
    """What tells an operator that `task` is no longer at the version they saw, and what happened to it since."""
    changes = task.history.latest_first()[: max(1, task.version - (version or 0))][:SHOWN_CHANGES]
    told = "; ".join(str(change) for change in changes)
    return f"The task has changed since you opened this page: {told}. Nothing was saved. Open the page anew."
