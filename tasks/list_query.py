"""What a request for a list asks for, and the cursors of its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from tasks.opaque_tokens import decrypt, encrypt


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which of a user's tasks, in which order, and how many.

    filters: q, tag, priority, due_before and due_after by name; a task must match all of them.
    limit: tasks per page; None: the whole list.
    with_total: whether to count the tasks of all pages (`Prefer: count=exact`).
    after: sort key and id of the last task of the previous page.
    """

    status: str = "all"
    sort: str = "created"
    order: str = "desc"
    filters: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    with_total: bool = False
    after: tuple[str | None, int] | None = None

    def purpose(self, user_id: str) -> tuple[Any, ...]:
        """Return what a cursor is valid for: this user's list with this sort, order, status and filters."""
        return ("list", user_id, self.status, self.sort, self.order, sorted(self.filters.items()))

    def next_cursor(self, user_id: str, last: tuple[str | None, int]) -> str:
        """Return the cursor of the page after the task with this sort key and id."""
        return encrypt(last, *self.purpose(user_id))

    def resume(self, user_id: str, cursor: str) -> Self:
        """Return the query of the page that `cursor` names. Raises InvalidOpaqueTokenError."""
        key, task_id = decrypt(cursor, *self.purpose(user_id))
        return replace(self, after=(key, task_id))
