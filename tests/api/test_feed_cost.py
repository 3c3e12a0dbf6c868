"""What the changes feed costs: a page reads the caller's own rows alone, by an index, and few of them."""

import pytest
from django.db import connection

from tasks import sync
from tests.support.copies import Copy
from tests.support.people import Person, signed_in
from tests.support.plans import Step, answer_and_scans, fill, rows_read

PEOPLE = 100
TASKS = 90  # of each of them, a third in the trash
LONG = 1000  # of one user
PAGE = 10


@pytest.fixture(params=["counted", "never counted", "counted when all had left"])
def follower(request: pytest.FixtureRequest, owner: Person) -> Copy:
    """A copy of one user's list among many lists, each of which then changed three times."""
    crowd = ["owner", *(f"u{number}" for number in range(1, PEOPLE))]
    with connection.cursor() as cursor:  # Rolled back tests leave entries that make an index look expensive.
        cursor.execute("TRUNCATE tasks, task_idempotency_keys")
    if request.param == "counted when all had left":
        fill(crowd, TASKS)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tasks")
            cursor.execute("DELETE FROM task_lists")  # and the record of their changes with them
            cursor.execute("ANALYZE tasks, task_changes, task_lists")
    fill(crowd, TASKS)
    copy = Copy(owner).follow()
    with connection.cursor() as cursor:
        for title in "abc":
            cursor.execute("UPDATE tasks SET title = %s", [title])
        if request.param == "counted":  # as autovacuum does
            cursor.execute("ANALYZE tasks, task_changes, task_lists")
    return copy


def page(copy: Copy) -> list[Step]:
    """Take a page; the steps that read a table for it."""
    since = "" if copy.revision is None else f"&since={copy.revision}"
    answer, scans = answer_and_scans(copy.person, f"{copy.person.tasks}/changes?limit={PAGE}{since}")
    copy.take(answer)
    return scans


def looked_at(changes: int) -> int:
    """How many rows of the record are read to look at so many changes.

    Each, and whether it is the latest of its task; the time of what the copy has seen; the next, by PostgreSQL 15.
    """
    return 2 * changes + 2


def test_a_page_of_changes_reads_its_tasks_and_the_history_of_them(follower: Copy) -> None:
    page(follower)  # It passes over what changed twice more.

    scans = page(follower)

    assert rows_read(scans, "tasks") <= PAGE + 1
    assert rows_read(scans, "task_changes") <= looked_at(PAGE + 1)


def test_the_first_page_after_many_changes_looks_at_a_bounded_number_of_them(
    follower: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "MAX_ROWS", 50)

    scans = page(follower)

    assert rows_read(scans, "tasks") <= 1
    assert rows_read(scans, "task_changes") <= looked_at(50)


def test_a_page_of_a_snapshot_reads_the_callers_own_tasks(follower: Copy) -> None:
    fill(["long"], LONG)  # So many that a few of them seem soon found among everybody's.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks")

    for copy, own in ((Copy(follower.person), TASKS), (Copy(signed_in("long")), LONG)):
        for _ in range(3):
            assert rows_read(page(copy), "tasks") <= own + PAGE + 1


def test_if_nothing_changed_no_task_is_read(follower: Copy) -> None:
    follower.follow()

    scans = page(follower)

    assert rows_read(scans, "tasks") == 0
    assert rows_read(scans, "task_changes") <= 1
