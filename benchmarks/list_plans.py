"""How PostgreSQL finds the tasks of a list among a million, as EXPLAIN ANALYZE tells it.

    python -m benchmarks.list_plans [tasks] [--full]

Prints of each first page how long it took and how many rows were read for it, of a user with 100 tasks and of one
with 10 000; with --full the plans of the second too.
"""

import argparse
import json
import re
from collections.abc import Iterator
from typing import Any

from benchmarks.scratch import scratch_database

PEOPLE = 1000
LONG_TEXT = re.compile(r"'[^']{100,}'")  # The alphabets of fold().
FILL = """
INSERT INTO tasks (user_id, title, completed, created_at, due_date, priority)
SELECT %(prefix)s || mod(number, %(people)s), md5(number::text), mod(number, 3) = 0,
    now() - number * interval '1 second',
    CASE WHEN mod(number, 2) = 0 THEN current_date + mod(number, 400) END,
    (ARRAY['none', 'low', 'medium', 'high'])[1 + mod(number, 4)]
FROM generate_series(1, %(tasks)s) number
"""
LISTS = {"short": 100, "long": 10_000}


def main(tasks: int, *, full: bool) -> None:
    """Fill a table and print what its lists cost."""
    with scratch_database():
        from django.db import connection

        from accounts.models import User
        from tasks.sorting import SORTS, STATUSES

        people = [f"user-{number}" for number in range(PEOPLE)] + [f"{name}-0" for name in LISTS]
        User.objects.bulk_create(
            User(id=person, name="", email=f"{person}@example.com", email_verified=False) for person in people
        )
        with connection.cursor() as cursor:
            for prefix, owners, number in [
                ("user-", PEOPLE, tasks),
                *((f"{name}-", 1, n) for name, n in LISTS.items()),
            ]:
                cursor.execute(FILL, {"prefix": prefix, "people": owners, "tasks": number})
            cursor.execute("UPDATE tasks SET deleted_at = now() WHERE mod(id, 10) = 0")
            cursor.execute("VACUUM ANALYZE tasks")
        print(f"{tasks:,} tasks of {PEOPLE:,} people; pages of 20: ms, and rows of the table that were read")
        print(f"{'sort':<10}{'status':<12}{'order':<6}" + "".join(f"{name:>14}" for name in LISTS))
        for sort in SORTS:
            for status in STATUSES:
                for order in ("asc", "desc"):
                    plans = [plan_of(f"{name}-0", sort, status, order) for name in LISTS]
                    told = "".join(f"{ms:>8.2f}{rows:>6}" for ms, rows in map(cost, plans))
                    print(f"{sort:<10}{status:<12}{order:<6}{told}")
                    if full:
                        print(LONG_TEXT.sub("'…'", json.dumps(plans[-1], indent=1)))


def plan_of(user_id: str, sort: str, status: str, order: str) -> dict[str, Any]:
    """What EXPLAIN ANALYZE says of the first page of that list."""
    from django.db import connection

    from tasks.sql import lists

    statement = lists.page(lists.Shape(status, sort, order, (), with_total=False, starts="start"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}",
            {"user_id": user_id, "known": [], "limit": 20, "key": "", "id": 0},
        )
        answer = cursor.fetchone()[0]
    explained: dict[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]
    return explained


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def cost(explained: dict[str, Any]) -> tuple[float, int]:
    """How many ms it took, and how many rows of the table were read."""
    rows = sum(
        int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in nodes(explained["Plan"])
        if node.get("Relation Name") == "tasks"
    )
    return explained["Execution Time"], rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    main(options.tasks, full=options.full)
