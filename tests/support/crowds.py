"""Many at once: real threads, each with its own database connection, let go at the same time."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from django.db.backends.utils import CursorWrapper


def all_at_once(*works: Callable[[], Any], meanwhile: Callable[[], Any] = lambda: None) -> list[Any]:
    """Run each of `works` in a thread of its own, and return what they returned, in their order.

    meanwhile: what this thread does beside them. An exception of one is raised here.
    """
    results: list[Any] = [None] * len(works)
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(index: int) -> None:
        try:
            start.wait(timeout=30)
            results[index] = works[index]()
        except BaseException as error:  # noqa: BLE001  it is raised again below.
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join(timeout=120)
    if errors:
        raise errors[0]
    return results


def while_waiting_for_lock(
    first: Callable[[CursorWrapper], Any], *works: Callable[[], Any], at_last: Callable[[], Any] = lambda: None
) -> list[Any]:
    """Run `works` so that each begins before `first` is committed and goes on after it, and return their results.

    first: gets a cursor of another transaction, and writes what the works will wait for. It is committed once all of
    the works wait, so that each has seen the database as it was before.
    at_last: done once all of them wait, before it is committed.
    """
    other = connection.copy()
    other.set_autocommit(False)

    def commit() -> None:
        try:
            until_waiting(len(works))
            at_last()
        finally:
            other.commit()

    try:
        with other.cursor() as cursor:
            first(cursor)
        return all_at_once(*works, meanwhile=commit)
    finally:
        other.close()


def until_waiting(count: int) -> None:
    """Return once `count` connections wait for a lock."""
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        waiting = -1
        while waiting < count:
            assert time.monotonic() < deadline, f"{waiting} of {count} wait for a lock"
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (waiting,) = cursor.fetchone()
