"""A list in pages: all of them, one after the other, are the whole list in its order."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest
from django.db import connection

from tasks.models import Task
from tasks.sorting import SORTS, STATUSES
from tests.support.paging import cursor_of, has_many_tasks, in_order, next_path, pages, walk
from tests.support.people import Person

REFUSED = [
    "0",
    "201",
    "-1",
    "+5",
    " 5",
    "5 ",
    "05",
    "005",
    "00",
    "1e1",
    "5.0",
    "0x5",
    "1_0",
    "٣",
    "\uff15",
    "²",
    "",
    "x",
]
REFUSED += ["٣", "1٣", "NaN", "null", "5,5", "5;", "5\n", "5\0", "1000", "9" * 5000, "0" * 5000 + "5"]


@pytest.mark.parametrize("limit", REFUSED, ids=lambda limit: ascii(limit[:10]))
def test_a_limit_is_a_number_from_1_to_200_in_plain_digits(owner: Person, limit: str) -> None:
    answer = owner.send("GET", f"{owner.tasks}?{urlencode({'limit': limit})}")

    assert answer.error == (422, "VALIDATION_ERROR")
    assert answer.json["errors"] == {"limit": ["Must be a number from 1 to 200."]}


def test_a_page_has_so_many_tasks_as_the_limit_and_the_last_the_rest(owner: Person) -> None:
    Task.objects.bulk_create(Task(user_id="owner", title=str(number)) for number in range(203))

    assert [len(page.json) for page in pages(owner, "?limit=200")] == [200, 3]
    assert [len(page.json) for page in pages(owner, "?limit=100")] == [100, 100, 3]
    assert len(owner.get(f"{owner.tasks}?limit=1").json) == 1
    assert len(owner.get(owner.tasks).json) == 203


def test_of_a_repeated_limit_the_last_counts(owner: Person) -> None:
    has_many_tasks(owner, 12)

    assert len(owner.get(f"{owner.tasks}?limit=x&limit=5").json) == 5
    assert owner.get(f"{owner.tasks}?limit=5&limit=x").status == 422


def test_there_is_a_link_exactly_while_there_are_more(owner: Person) -> None:
    assert "Link" not in owner.get(f"{owner.tasks}?limit=1").headers, "of an empty list"

    for number in range(1, 5):
        owner.has_task(str(number))
        for limit in range(1, 7):
            answer = owner.get(f"{owner.tasks}?limit={limit}")
            assert ("Link" in answer.headers) == (number > limit)

    assert "Link" not in owner.get(owner.tasks).headers


def test_what_others_have_is_not_a_reason_for_a_link(owner: Person, stranger: Person) -> None:
    owner.has_task(completed=True)
    owner.delete(owner.path(owner.has_task()))
    owner.has_task("other", tags=["other"])
    stranger.has_task()

    for own in ("status=completed", "status=deleted", "q=other", "tag=other", "status=pending"):
        assert "Link" not in owner.get(f"{owner.tasks}?limit=1&{own}").headers, own


def test_the_link_is_a_relative_reference_that_keeps_what_was_asked_for(owner: Person) -> None:
    has_many_tasks(owner, 24)
    kept: list[tuple[str, str]] = [
        ("status", "pending"),
        ("status", "all"),
        ("sort", "due_date"),
        ("order", "desc"),
        ("q", "50% öff & <more>; +\"'"),
        ("tag", "home"),
        ("tag", "a,b"),
        ("limit", "2"),
    ]
    Task.objects.live().update(title="x", description="50% ÖFF & <More>; +\"'")
    first = owner.get(f"{owner.tasks}?{urlencode([*kept, ('unknown', 'x'), ('fields', 'id')])}")

    path = next_path(first)

    assert path
    address, _, rest = path.partition("?")
    assert address == owner.tasks
    assert path.isascii()
    asked = parse_qsl(rest, strict_parsing=True)
    assert sorted(pair for pair in asked if pair[0] != "cursor") == sorted(kept)
    assert [name for name, _ in asked].count("cursor") == 1
    second = owner.get(path)
    assert second.status == 200
    assert {task["id"] for task in second.json}.isdisjoint(task["id"] for task in first.json)


def test_each_link_has_a_cursor_in_place_of_the_one_before(owner: Person) -> None:
    has_many_tasks(owner, 20)

    cursors = [parse_qs(str(next_path(page)))["cursor"] for page in list(pages(owner, "?limit=4"))[:-1]]

    assert [len(cursor) for cursor in cursors] == [1, 1, 1]
    assert len({cursor[0] for cursor in cursors}) == 3


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
def test_all_pages_are_the_whole_list_in_its_order(owner: Person, stranger: Person, sort: str, order: str) -> None:
    has_many_tasks(owner, 21)
    has_many_tasks(stranger, 5)

    for status in STATUSES:
        asked = f"?sort={sort}&order={order}&status={status}"
        whole = owner.get(owner.tasks + asked).json
        assert len(whole) >= 5
        assert {task["user_id"] for task in whole} == {"owner"}
        assert whole == in_order(whole, sort, order)
        for limit in (1, 4, len(whole), 200):
            assert walk(owner, f"{asked}&limit={limit}") == whole, (status, limit)


@pytest.mark.parametrize("sort", SORTS)
def test_without_an_order_a_list_comes_as_users_expect_it(owner: Person, sort: str) -> None:
    has_many_tasks(owner, 12)
    order = "asc" if sort in {"title", "due_date"} else "desc"

    assert walk(owner, f"?sort={sort}&limit=3") == owner.get(f"{owner.tasks}?sort={sort}&order={order}").json


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_tasks_without_a_due_date_come_last_either_way(owner: Person, order: str) -> None:
    days = ["2026-11-20", None, "2026-11-19", None, "0001-01-01", "9999-12-31"]
    for day in days:
        owner.has_task(due_date=day)

    listed = [task["due_date"] for task in walk(owner, f"?sort=due_date&order={order}&limit=1")]

    known = ["0001-01-01", "2026-11-19", "2026-11-20", "9999-12-31"]
    assert listed == [*(known if order == "asc" else known[::-1]), None, None]


@pytest.mark.parametrize("title", ["'\"\\%_", "İ", "ß", "x\u2028y", "\x01" * 200, "\U0001f600" * 200, "日" * 200])
def test_a_page_may_begin_after_any_title(owner: Person, title: str) -> None:
    for text in ["a", title, title, "z"]:
        owner.has_task(text)

    for order in ("asc", "desc"):
        asked = f"?sort=title&order={order}"
        assert walk(owner, f"{asked}&limit=1") == owner.get(owner.tasks + asked).json


def test_the_size_of_a_page_may_change_from_page_to_page(owner: Person) -> None:
    has_many_tasks(owner, 21)
    whole = owner.get(f"{owner.tasks}?sort=priority").json
    listed: list[Any] = []
    path = f"{owner.tasks}?sort=priority"

    for size in (1, 5, 2, 200):
        answer = owner.get(f"{path}&limit={size}")
        listed += answer.json
        path = f"{owner.tasks}?sort=priority&cursor={cursor_of(answer)}" if "Link" in answer.headers else ""

    assert listed == whole


def purge(person: Person, task: dict[str, Any]) -> None:
    """Delete a task for good, as psql does."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks WHERE id = %s", [task["id"]])


DEEDS: dict[str, Callable[[Person, dict[str, Any]], Any]] = {
    "renamed": lambda person, task: person.put(person.path(task), {"title": "0 other"}),
    "given another day": lambda person, task: person.put(person.path(task), {"due_date": "2030-01-01"}),
    "given no day": lambda person, task: person.put(person.path(task), {"due_date": None}),
    "given another priority": lambda person, task: person.put(person.path(task), {"priority": "low"}),
    "toggled": lambda person, task: person.patch(f"{person.path(task)}/complete"),
    "put into the trash": lambda person, task: person.delete(person.path(task)),
    "purged": purge,
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("sort", ["created", "title", "updated", "due_date", "priority"])
def test_a_cursor_still_works_after_its_task_changed_or_was_deleted(owner: Person, sort: str, deed: str) -> None:
    has_many_tasks(owner, 15)
    asked = {"sort": sort, "limit": "1"}
    whole = owner.get(f"{owner.tasks}?sort={sort}").json

    for place in range(1, len(whole), 4):
        asked["limit"] = str(place)
        cursor = cursor_of(owner.get(f"{owner.tasks}?{urlencode(asked)}"))
        last = owner.get(f"{owner.tasks}?{urlencode(asked)}").json[-1]
        following = [task["id"] for task in owner.get(f"{owner.tasks}?sort={sort}").json[place:]]
        DEEDS[deed](owner, last)
        answer = owner.get(f"{owner.tasks}?sort={sort}&limit=200&cursor={cursor}")

        assert [task["id"] for task in answer.json if task["id"] != last["id"]] == following
