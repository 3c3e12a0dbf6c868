"""How `manage.py shell` shows rows: a queryset as a table of a few rows, a row as its fields.

Only what is typed at the prompt is shown so. repr() of a task contains no text, because it can get into a log.
"""

import builtins
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import Account, Session, User
from accounts.text_table import MAX_WIDTH, cell, text_table
from tasks.models import Task, TaskChange, TaskList

ROWS = 10
# Tokens, password hashes and private keys are in no list. Rows of other models are shown by their primary keys.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    User: ("id", "email", "name", "created_at", "banned"),
    Session: ("id", "user_id", "created_at", "expires_at", "ip_address"),
    Account: ("id", "user_id", "provider_id", "created_at"),
    Task: ("id", "user_id", "title", "completed", "due_date", "priority", "deleted_at", "version"),
    TaskChange: ("revision", "task_id", "kind", "at", "actor", "source", "before", "after"),
    TaskList: ("user_id", "revision", "live_count", "trash_count"),
}
FIELDS: dict[type[Model], tuple[str, ...]] = {
    User: (*COLUMNS[User], "email_verified", "role", "ban_reason", "ban_expires", "updated_at"),
    Task: (*COLUMNS[Task], "description", "tags", "created_at", "updated_at", "completed_at"),
}


def shown(value: object) -> str | None:
    """Return how to show `value`, or None if Python's own way will do."""
    if isinstance(value, QuerySet):
        return shown_queryset(value)
    if isinstance(value, Model) and type(value) in COLUMNS:
        names = FIELDS.get(type(value), COLUMNS[type(value)])
        return "\n".join(f"{name:<14}  {cell(getattr(value, name), 500)}" for name in names)
    return None


def shown_queryset(queryset: "QuerySet[Any, Any]") -> str:
    """Return a table of the first rows. One row more is read, to know that there are more."""
    rows = list(queryset[: ROWS + 1])
    more = "\n… and more: .count() says how many." if len(rows) > ROWS else ""
    rows = rows[:ROWS]
    match rows:
        case []:
            return "(no rows)"
        case [Model() as first, *_]:
            columns = COLUMNS.get(type(first), ("pk",))
            table = text_table(columns, ([getattr(row, name) for name in columns] for row in rows))
        case [dict() as first, *_]:
            table = text_table([str(name) for name in first], (list(row.values()) for row in rows))
        case [tuple() as first, *_]:
            table = text_table([str(number) for number in range(len(first))], rows)
        case _:
            table = "\n".join(cell(row, MAX_WIDTH) for row in rows)
    return table + more


@contextmanager
def tables() -> Iterator[None]:
    """Show tables where a prompt uses sys.displayhook, as Python's and bpython's do."""
    sys.displayhook = display
    try:
        yield
    finally:
        sys.displayhook = sys.__displayhook__


def display(value: object) -> None:
    """Do what sys.displayhook does, with tables. `_` is the last value, as usual."""
    text = None if value is None else shown(value)
    if text is None:
        sys.__displayhook__(value)
        return
    print(text)  # noqa: T201  Like Python's own, to what sys.stdout is now: bpython replaces it.
    builtins._ = value  # type: ignore[attr-defined]  # The interpreter's name for the last value.


def show_in_ipython(formatter: Any) -> None:
    """Show tables with a PlainTextFormatter of IPython."""
    for kind in (QuerySet, *COLUMNS):
        formatter.for_type(kind, pretty)


def pretty(value: object, printer: Any, cycle: bool) -> None:
    """Print for IPython: `value` itself as a table, and what is within a list, for example, by its repr()."""
    is_all = len(printer.stack) == 1
    printer.text((shown(value) if is_all else None) or repr(value))
