"""What a list costs: it reads the caller's own tasks alone, by an index; a page in the default order only its own."""

import itertools
from operator import itemgetter

import pytest
from django.db import connection

from tasks.sorting import INDEXED, SORTS, STATUSES
from tests.support.paging import next_path, pages
from tests.support.people import Answer, Person, token_of
from tests.support.plans import answer_and_scans, fill, rows_read

PEOPLE = 150
SHORT = 60  # The tasks of each of them.
LONG = 900  # The tasks of one user with a long list.
PAGE = 10

LISTS = [(sort, status, order) for sort in SORTS for status in STATUSES for order in ("asc", "desc")]
FILTERS = ["q=1", "tag=rare", "priority=high", "due_before=2026-01-09", "due_after=2026-01-09"]


def rows_of_tasks(person: Person, query: str) -> tuple[Answer, int]:
    """The list, and how many rows of the table of tasks were read for it."""
    answer, scans = answer_and_scans(person, person.tasks + query)
    assert "tasks" in {scan["Relation Name"] for scan in scans}
    return answer, rows_read(scans, "tasks")


@pytest.fixture(params=["counted", "never counted", "counted when all had left"])
def lists(request: pytest.FixtureRequest, owner: Person) -> tuple[Person, Person]:
    """Two users of a crowd, one with a short list and one with a long one, and what PostgreSQL knows of them."""
    crowd = ["owner", *(f"u{n}" for n in range(1, PEOPLE))]
    with connection.cursor() as cursor:
        # Rolled back tests leave what ANALYZE wrote into pg_class, and index entries that make an index look expensive.
        cursor.execute("TRUNCATE tasks, task_idempotency_keys")
        if request.param == "counted when all had left":
            cursor.execute("ANALYZE tasks")  # The same reltuples and relpages as after VACUUM ANALYZE of no rows.
        fill(crowd, SHORT)
        fill(["long"], LONG)
        if request.param == "counted":  # as autovacuum does
            cursor.execute("ANALYZE tasks")
    long = Person("long", token_of("long"))
    assert long.get("/api/me").status == 200
    return owner, long


def test_a_page_in_the_default_order_reads_as_many_rows_of_a_long_list_as_of_a_short_one(
    lists: tuple[Person, Person],
) -> None:
    for status, order in itertools.product(INDEXED, ("asc", "desc")):
        query = f"?status={status}&order={order}&limit={PAGE}"
        most = (PAGE + 1) * len(INDEXED[status])
        # A short list may as well be read whole and sorted.
        for person, at_most in zip(lists, (max(most, SHORT), most), strict=True):
            answer, rows = rows_of_tasks(person, query)
            assert len(answer.json) == PAGE, query
            assert rows <= at_most, query

            following, rows = rows_of_tasks(person, str(next_path(answer)).removeprefix(person.tasks))
            assert following.json, query
            assert rows <= at_most, query


def test_a_page_in_any_order_reads_the_callers_list_once_at_most(lists: tuple[Person, Person]) -> None:
    for sort, status, order in LISTS:
        query = f"?sort={sort}&status={status}&order={order}&limit={PAGE}"
        for person, length in zip(lists, (SHORT, LONG), strict=True):
            answer, rows = rows_of_tasks(person, query)
            assert len(answer.json) == PAGE, query
            assert rows <= length + PAGE + 1, query

            following, rows = rows_of_tasks(person, str(next_path(answer)).removeprefix(person.tasks))
            assert following.json, query
            assert rows <= length + PAGE + 1, query


def test_a_list_is_sorted_and_filtered_by_an_index_without_its_rows(lists: tuple[Person, Person]) -> None:
    """What a page compares is in the indexes, so that PostgreSQL reads no more rows of the table than the page has."""
    _, person = lists
    with connection.cursor() as cursor:  # Without a VACUUM, an index alone is not cheaper than the table.
        cursor.execute("SET LOCAL enable_bitmapscan = off; DROP INDEX task_title_idx")  # Then the smallest is cheapest.
    for (sort, status, order), filtered in itertools.product(LISTS, ("", "&priority=high", "&due_before=2026-01-09")):
        if SORTS[sort].is_indexed and status in INDEXED:
            continue
        _, scans = answer_and_scans(
            person, f"{person.tasks}?sort={sort}&status={status}&order={order}&limit={PAGE}{filtered}"
        )

        by_id, keys = sorted(
            (scan for scan in scans if scan["Relation Name"] == "tasks"), key=itemgetter("Node Type"), reverse=True
        )
        assert (by_id["Node Type"], keys["Node Type"]) == ("Index Scan", "Index Only Scan"), scans


def test_before_a_vacuum_an_emptied_table_may_cost_a_page_the_callers_whole_list_and_no_other(owner: Person) -> None:
    """ANALYZE alone records that pages hold no rows; then PostgreSQL may choose any index of the owner, and sort."""
    crowd = ["owner", *(f"u{n}" for n in range(1, PEOPLE))]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks, task_idempotency_keys")
        fill(crowd, SHORT)
        cursor.execute("DELETE FROM tasks")
        cursor.execute("ANALYZE tasks")
    fill(crowd, SHORT)

    for sort, status, order in LISTS:
        answer, rows = rows_of_tasks(owner, f"?sort={sort}&status={status}&order={order}&limit={PAGE}")
        assert len(answer.json) == PAGE
        assert rows <= 2 * SHORT  # Of 9,000.


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_page_among_tasks_without_a_due_date_reads_the_callers_list_once_at_most(
    lists: tuple[Person, Person], order: str
) -> None:
    _, person = lists
    for status in STATUSES:
        *_, late, _ = pages(person, f"?sort=due_date&status={status}&order={order}&limit={LONG // 9}")
        assert late.json[-1]["due_date"] is None

        path = str(next_path(late)).replace(f"limit={LONG // 9}", f"limit={PAGE}")
        answer, rows = rows_of_tasks(person, path.removeprefix(person.tasks))

        assert len(answer.json) == PAGE
        assert rows <= LONG + PAGE + 1


@pytest.mark.parametrize("paged", ["", f"&limit={PAGE}"])
def test_a_filter_reads_the_callers_own_list_at_most(lists: tuple[Person, Person], paged: str) -> None:
    for query in (*FILTERS, "&".join(FILTERS)):
        for sort, status, order in LISTS[::7]:
            for person, most in zip(lists, (SHORT, LONG), strict=True):
                _, rows = rows_of_tasks(person, f"?{query}&sort={sort}&status={status}&order={order}{paged}")
                assert rows <= most + PAGE + 1


def test_a_whole_list_reads_the_callers_own_tasks_alone(lists: tuple[Person, Person]) -> None:
    for sort, status, order in LISTS:
        for person, most in zip(lists, (SHORT, LONG), strict=True):
            _, rows = rows_of_tasks(person, f"?sort={sort}&status={status}&order={order}")
            assert rows <= most


def test_a_poll_of_an_unchanged_list_reads_no_task_and_one_row_by_its_key(lists: tuple[Person, Person]) -> None:
    for person in lists:
        for query in ("", "?limit=10", "?q=1&sort=title", "?limit=10&sort=due_date&status=pending"):
            for prefer in ("", "count=exact"):
                tag = person.get(person.tasks + query, prefer=prefer).headers["ETag"]
                answer, scans = answer_and_scans(person, person.tasks + query, if_none_match=tag, prefer=prefer)

                assert answer.status == 304
                assert [scan for scan in scans if scan["Actual Loops"] and scan["Relation Name"] == "tasks"] == []
                (read,) = [scan for scan in scans if scan["Relation Name"] == "task_lists"]
                assert read["Actual Rows"] == 1
                assert "user_id" in read["Index Cond"]
