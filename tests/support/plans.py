"""What a request reads: the steps of its one statement, as PostgreSQL takes them."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from accounts.models import User
from tests.support.people import Answer, Person

type Step = dict[str, Any]

# The parameters of the statements.
TYPES = {"user_id": "text", "known": "text[]", "limit": "int", "key": "text", "id": "bigint", "q": "text"}
TYPES |= {"tag": "text[]", "priority": "text", "due_before": "date", "due_after": "date"}
TYPES |= {"seen_revision": "bigint", "revision": "bigint", "task_id": "bigint", "max_rows": "bigint"}


def fill(people: list[str], tasks: int) -> None:
    """Give each of `users` so many tasks, of all kinds, a third of them in the trash."""
    User.objects.bulk_create(
        [User(id=name, name="", email=name, email_verified=False) for name in people], ignore_conflicts=True
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks (user_id, title, completed, created_at, due_date, priority, tags, deleted_at)"
            " SELECT person, md5(n::text), n %% 2 = 0, now() - make_interval(secs => n),"
            " CASE WHEN n %% 4 < 2 THEN date '2026-01-01' + n %% 50 END,"
            " (ARRAY['none', 'low', 'medium', 'high'])[1 + n %% 4],"
            " CASE WHEN n %% 50 = 0 THEN ARRAY['rare'] ELSE '{}' END, CASE WHEN n %% 3 = 0 THEN now() END"
            " FROM unnest(%s::text[]) person, generate_series(1, %s) n",
            [people, tasks],
        )


def steps(plan: Step) -> Iterator[Step]:
    """Every step of a plan."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from steps(inner)


def answer_and_scans(person: Person, path: str, **headers: str) -> tuple[Answer, list[Step]]:
    """The answer, and each step of its statement that read a table, prepared as it is run, with one plan for all."""
    statements: list[tuple[str, dict[str, Any]]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = person.get(path, **headers)
    ((sql, params),) = statements
    names = [name for name in TYPES if f"%({name})s" in sql]
    prepared = sql % {name: f"${number}" for number, name in enumerate(names, start=1)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # The tables are small here.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE plan ({', '.join(TYPES[name] for name in names)}) AS {prepared}")
        values = ", ".join(f"%({name})s" for name in names)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE plan ({values})", params)
        plan = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE plan")
        cursor.execute("SET LOCAL enable_seqscan = on")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return answer, [step for step in steps(plan[0]["Plan"]) if "Relation Name" in step]


def rows_read(scans: list[Step], table: str) -> int:
    """How many rows of `table` were read, all of them by an index."""
    scans = [scan for scan in scans if scan["Relation Name"] == table]
    assert "Seq Scan" not in {scan["Node Type"] for scan in scans}
    return sum(int((scan["Actual Rows"] + removed(scan)) * scan["Actual Loops"]) for scan in scans)


def removed(step: Step) -> int:
    """How many rows a step read for nothing."""
    return int(step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0))
