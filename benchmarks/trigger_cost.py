"""What the triggers of the tasks table cost: each write with them and without, side by side, in one run.

    python -m benchmarks.trigger_cost [--rows 10000] [--repeats 9]

synchronous_commit is off: the disk would drown what is asked for here.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

import django

django.setup()

from django.db import connection

from accounts.models import User
from benchmarks.scratch import scratch_database
from tasks import operations
from tasks.models import Task

WRITER = operations.Actor("owner")
SINGLE = 500  # single writes a repeat


def sql(statement: str, *params: Any) -> None:
    """Run a statement past Django's models, as psql does."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)


def switch(on: bool) -> None:
    """The triggers of the tasks table, on or off; its foreign keys stay."""
    for when in ("before_row", "after_insert", "after_update", "after_delete"):
        sql(f"ALTER TABLE tasks {'ENABLE' if on else 'DISABLE'} TRIGGER task_{when}")


def fill(rows: int) -> None:
    """An owner with so many tasks, and nothing else; vacuumed, as a table at rest is."""
    switch(on=True)
    sql("TRUNCATE tasks, task_lists, task_changes, task_idempotency_keys")
    sql("INSERT INTO tasks (user_id, title) SELECT 'owner', 'Task ' || n FROM generate_series(1, %s) n", rows)
    sql("INSERT INTO task_lists (user_id) VALUES ('owner') ON CONFLICT DO NOTHING")
    sql("VACUUM ANALYZE tasks, task_lists, task_changes")


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


titles = (f"Title {number}" for number in count())


def bulk_create(rows: int) -> Callable[[], object]:
    """Django's, from models that are there already."""
    tasks = [Task(user_id="owner", title=f"Task {number}") for number in range(rows)]
    return lambda: Task.objects.bulk_create(tasks)


# What is timed, for so many rows that are there (none where it makes them).
BULK: dict[str, tuple[bool, Callable[[int], Callable[[], object]]]] = {
    "bulk_create()": (False, bulk_create),
    "QuerySet.update()": (True, lambda rows: lambda: Task.objects.owned_by("owner").update(title=next(titles))),
    "UPDATE in psql": (True, lambda rows: lambda: sql("UPDATE tasks SET title = title || '!'")),
    "UPDATE that changes nothing": (True, lambda rows: lambda: sql("UPDATE tasks SET title = title")),
    "mark all completed": (
        True,
        lambda rows: lambda: operations.mark_all("owner", WRITER, status="all", completed=True),
    ),
    "clear all into the trash": (True, lambda rows: lambda: operations.clear("owner", WRITER, status="all")),
    "DELETE in psql": (True, lambda rows: lambda: sql("DELETE FROM tasks")),
}


def each(write: Callable[[int], object]) -> Callable[[list[int]], Callable[[], object]]:
    """`write` for each task, one statement and one commit each."""
    return lambda ids: lambda: [write(task) for task in ids]


SINGLES: dict[str, Callable[[list[int]], Callable[[], object]]] = {
    "create": each(lambda task: operations.create("owner", WRITER, {"title": "Buy milk"})),
    "change of a title": each(lambda task: operations.change("owner", task, WRITER, {"title": next(titles)})),
    "toggle": each(lambda task: operations.toggle("owner", task, WRITER)),
    "delete (into the trash)": each(lambda task: operations.trash("owner", task, WRITER)),
    "plain UPDATE by id": each(lambda task: sql("UPDATE tasks SET title = %s WHERE id = %s", next(titles), task)),
}


def timed_bulk(name: str, rows: int, on: bool) -> float:
    """Seconds that a bulk write of `rows` takes, with the triggers on or off."""
    is_filled, work_for = BULK[name]
    fill(rows if is_filled else 0)
    work = work_for(rows)
    switch(on=on)
    return seconds(work)


def timed_single(name: str, on: bool) -> float:
    """Seconds that a single write takes on a list of a thousand tasks."""
    fill(1000)
    ids = list(Task.objects.order_by("id").values_list("id", flat=True)[:SINGLE])
    switch(on=on)
    return seconds(SINGLES[name](ids)) / SINGLE


def median_pair(timed: Callable[[bool], float], repeats: int) -> tuple[float, float]:
    """The medians without and with triggers, taken in turn so that a slow phase hits both."""
    pairs = [(timed(False), timed(True)) for _ in range(repeats)]
    without, with_triggers = zip(*pairs, strict=True)
    return statistics.median(without), statistics.median(with_triggers)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    with scratch_database():
        sql("SET synchronous_commit = off")
        User.objects.create(id="owner", name="", email="owner@example.com", email_verified=False)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            print(f"PostgreSQL {cursor.fetchone()[0]}, medians of {options.repeats}\n")
        print(f"{'one write (1000 tasks there)':34}{'without':>12}{'with':>12}{'cost':>12}")
        for name in SINGLES:
            off, on = median_pair(partial(timed_single, name), options.repeats)
            print(f"{name:34}{off * 1e6:9.0f} µs{on * 1e6:9.0f} µs{(on - off) * 1e6:9.0f} µs")
        print(f"\n{f'{options.rows} rows in one statement':34}{'without':>12}{'with':>12}{'a row':>12}")
        for name in BULK:
            off, on = median_pair(partial(timed_bulk, name, options.rows), options.repeats)
            print(f"{name:34}{off * 1e3:9.0f} ms{on * 1e3:9.0f} ms{(on - off) / options.rows * 1e6:9.1f} µs")


if __name__ == "__main__":
    main()
