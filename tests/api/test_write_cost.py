"""What a write reads: the one task by its id, however long the list and the trash are and whatever PostgreSQL knows."""

import json
from typing import Any

import pytest
from django.db import connection

from tasks.models import Task
from tests.support.people import Person, signed_in
from tests.support.plans import fill, steps

SHORT, LONG = 60, 900
WRITES = ("complete", "change", "delete", "restore", "create", "refuse")


@pytest.fixture(params=["analyzed", "never analyzed", "analyzed while it was empty"])
def users(request: pytest.FixtureRequest, owner: Person) -> Person:
    """Many users with short lists, and one with a long list and a long trash."""
    crowd = [f"u{number}" for number in range(100)]
    with connection.cursor() as cursor:
        if request.param == "analyzed while it was empty":
            fill(crowd, SHORT)
            cursor.execute("DELETE FROM tasks")
            cursor.execute("ANALYZE tasks")
        fill([*crowd, "owner"], SHORT)
        fill(["long"], LONG)
        if request.param == "analyzed":
            cursor.execute("ANALYZE tasks")
    return signed_in("long")


def rows_read_by(person: Person, write: str) -> int:
    """The rows of `tasks` that the write reads, its statements explained with a plan for all parameters."""
    live, trashed = (
        Task.objects.owned_by(person.id).live()[450],
        Task.objects.owned_by(person.id).exclude(deleted_at=None)[150],
    )
    sent: list[tuple[str, dict[str, Any]]] = []

    def note(execute: Any, sql: str, params: Any, *context: Any) -> Any:
        if isinstance(params, dict):
            sent.append((sql, params))
        return execute(sql, params, *context)

    with connection.execute_wrapper(note):
        match write:
            case "complete":
                answer = person.patch(f"{person.tasks}/{live.pk}/complete")
            case "change":
                answer = person.put(f"{person.tasks}/{live.pk}", {"title": "x"})
            case "delete":
                answer = person.delete(f"{person.tasks}/{live.pk}")
            case "restore":
                answer = person.post(f"{person.tasks}/{trashed.pk}/restore")
            case "create":
                answer = person.post(person.tasks, {"title": "x"})
            case _:
                answer = person.put(f"{person.tasks}/{live.pk}", {"title": "x"}, if_match='"99"')
    assert answer.status < 300 if write != "refuse" else answer.status == 412
    assert len(sent) == (1 if write != "refuse" else 2)
    return sum(rows_read(sql, params) for sql, params in sent)


def rows_read(sql: str, params: dict[str, Any]) -> int:
    """The rows of `tasks` that a statement reads."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # The tables are small here.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        names = list(params)
        prepared = sql % {name: f"${number}" for number, name in enumerate(names, 1)}
        types = [TYPES.get(name, "text") for name in names]
        cursor.execute(f"PREPARE written ({', '.join(types)}) AS {prepared}")
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE written ({', '.join(f'%({name})s' for name in names)})", params
        )
        plan = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE written")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    scans = [
        step for step in steps(plan[0]["Plan"]) if step.get("Relation Name") == "tasks" and "Scan" in step["Node Type"]
    ]
    return sum(
        int((scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"]) for scan in scans
    )


TYPES = {
    "versions": "bigint[]",
    "id": "bigint",
    "limit": "int",
    "due_date": "date",
    "tags": "text[]",
    "body_hash": "bytea",
    "completed": "boolean",
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_reads_no_task_but_its_own(users: Person, write: str) -> None:
    assert rows_read_by(users, write) <= 3
