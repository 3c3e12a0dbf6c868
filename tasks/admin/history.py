"""The change history, as staff users read it."""

from django.utils.html import format_html_join

from tasks.models import Task, TaskChangeQuerySet

MAX_CHANGES = 50


def changes_as_html(changes: TaskChangeQuerySet) -> str:
    """Return the first MAX_CHANGES of `changes`, one per line."""
    return format_html_join("", "<div>{}</div>", ((str(change),) for change in changes[:MAX_CHANGES]))


def stale_message(task: Task, seen_version: int | None) -> str:
    """Return what happened to `task` since a staff user opened its page at `seen_version`."""
    number = min(max(1, task.version - (seen_version or 0)), MAX_CHANGES)
    changes = "; ".join(str(change) for change in task.history.latest_first()[:number])
    return f"The task has changed since you opened this page: {changes}. Nothing was saved. Reload the page."
