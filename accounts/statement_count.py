"""Counts the statements that this thread sends to the database, for the access log, and shows each to an observer."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any


class StatementCount(threading.local):
    """The number since it was last set to 0. BEGIN, COMMIT and the pool's own statements are not counted."""

    number = 0


class observer:  # noqa: N801  A place with a name.
    """The one hook through which a tracer sees statements, prepared ones and the ORM's (docs/operations.md).

    around: is called with the text of each statement, without its values, and returns the context manager in which it
        runs; None if nobody observes.
    """

    around: Callable[[str], AbstractContextManager[Any]] | None = None


count = StatementCount()


def count_statement(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Count a statement that passes Django's cursor (django.db.backends.base, execute_wrappers)."""
    count.number += 1
    if observer.around is None:
        return execute(sql, params, many, context)
    with observer.around(str(sql)):
        return execute(sql, params, many, context)


def count_on(connection: Any, **kwargs: Any) -> None:
    """Count the statements of a Django connection (a receiver of connection_created)."""
    if count_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(count_statement)
