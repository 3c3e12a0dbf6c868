"""What a list costs: it reads the caller's own tasks alone, by an index, and a page of it no more rows than it has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tasks.list_order import SORTS, STATUSES
from tests.people import Answer, Person, token_of

PEOPLE = 150
SHORT = 60  # The tasks of each of them.
LONG = 900  # The tasks of one person with a long list.
PAGE = 10

LISTS = [(sort, status, order) for sort in SORTS for status in STATUSES for order in ("asc", "desc")]
FILTERS = ["q=1", "tag=rare", "priority=high", "due_before=2026-01-09", "due_after=2026-01-09"]


def fill(people: list[str], tasks: int) -> None:
    """Give each of `people` so many tasks, of all kinds, a third of them in the trash."""
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


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from steps(inner)


TYPES = {"user_id": "text", "known": "text[]", "limit": "int", "key": "text", "id": "bigint", "q": "text"}
TYPES |= {"tag": "text[]", "priority": "text", "due_before": "date", "due_after": "date"}


def answer_and_scans(person: Person, query: str, **headers: str) -> tuple[Answer, list[dict[str, Any]]]:
    """The list, and each step of its one statement that read a table, prepared as it is run: with one plan for all."""
    statements: list[tuple[str, dict[str, Any]]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = person.get(person.tasks + query, **headers)
    ((sql, params),) = statements
    names = [name for name in TYPES if f"%({name})s" in sql]
    prepared = sql % {name: f"${number}" for number, name in enumerate(names, start=1)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # The tables are small here.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE list ({', '.join(TYPES[name] for name in names)}) AS {prepared}")
        values = ", ".join(f"%({name})s" for name in names)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE list ({values})", params)
        plan = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE list")
        cursor.execute("SET LOCAL enable_seqscan = on")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return answer, [step for step in steps(plan[0]["Plan"]) if "Relation Name" in step]


def rows_read(person: Person, query: str) -> tuple[Answer, int]:
    """The list, and how many rows of the table of tasks were read for it, all of them by an index."""
    answer, scans = answer_and_scans(person, query)
    scans = [scan for scan in scans if scan["Relation Name"] == "tasks"]
    assert scans
    assert "Seq Scan" not in {scan["Node Type"] for scan in scans}
    return answer, sum(int((scan["Actual Rows"] + removed(scan)) * scan["Actual Loops"]) for scan in scans)


def next_query(answer: Answer) -> str:
    """The query of the page after this one."""
    return f"?{answer.headers['Link'].partition('?')[2].partition('>')[0]}"


def removed(step: dict[str, Any]) -> int:
    """How many rows a step read for nothing."""
    return int(step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0))


@pytest.fixture(params=["counted", "never counted"])
def lists(request: pytest.FixtureRequest, owner: Person) -> tuple[Person, Person]:
    """Two people of a crowd, one with a short list and one with a long one, and what PostgreSQL knows of them."""
    fill(["owner", *(f"u{n}" for n in range(1, PEOPLE))], SHORT)
    fill(["long"], LONG)
    if request.param == "counted":  # as autovacuum does
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tasks")
    long = Person("long", token_of("long"))
    assert long.get("/api/me").status == 200
    return owner, long


def test_a_page_reads_as_many_rows_of_a_long_list_as_of_a_short_one(lists: tuple[Person, Person]) -> None:
    for sort, status, order in LISTS:
        query = f"?sort={sort}&status={status}&order={order}&limit={PAGE}"
        most = (PAGE + 1) * len(STATUSES[status]) * (1 + SORTS[sort].is_nullable)
        # A short list may as well be read whole and sorted.
        for person, at_most in zip(lists, (max(most, SHORT), most), strict=True):
            answer, rows = rows_read(person, query)
            assert len(answer.json) == PAGE, query
            assert rows <= at_most, query

            following, rows = rows_read(person, next_query(answer))
            assert following.json, query
            assert rows <= at_most, query


@pytest.mark.parametrize("paged", ["", f"&limit={PAGE}"])
def test_a_filter_reads_the_callers_own_list_at_most(lists: tuple[Person, Person], paged: str) -> None:
    for query in (*FILTERS, "&".join(FILTERS)):
        for sort, status, order in LISTS[::7]:
            for person, most in zip(lists, (SHORT, LONG), strict=True):
                _, rows = rows_read(person, f"?{query}&sort={sort}&status={status}&order={order}{paged}")
                assert rows <= most


def test_a_whole_list_reads_the_callers_own_tasks_alone(lists: tuple[Person, Person]) -> None:
    for sort, status, order in LISTS:
        for person, most in zip(lists, (SHORT, LONG), strict=True):
            _, rows = rows_read(person, f"?sort={sort}&status={status}&order={order}")
            assert rows <= most


def test_a_poll_of_an_unchanged_list_reads_no_task_and_one_row_by_its_key(lists: tuple[Person, Person]) -> None:
    for person in lists:
        for query in ("", "?limit=10", "?q=1&sort=title", "?limit=10&sort=due_date&status=pending"):
            for prefer in ("", "count=exact"):
                tag = person.get(person.tasks + query, prefer=prefer).headers["ETag"]
                answer, scans = answer_and_scans(person, query, if_none_match=tag, prefer=prefer)

                assert answer.status == 304
                assert [scan for scan in scans if scan["Actual Loops"] and scan["Relation Name"] == "tasks"] == []
                (read,) = [scan for scan in scans if scan["Relation Name"] == "task_lists"]
                assert read["Actual Rows"] == 1
                assert "user_id" in read["Index Cond"]
