"""Pages of the changes feed neither skip nor double, of whatever size, and whoever writes between them."""

from itertools import chain

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks import sync
from tasks.models import Task
from tests.support.copies import Copy, told
from tests.support.people import Person

SIZES = [1, 2, 3, 4, 5, 6, 7, 200]


every_size = pytest.mark.parametrize("size", SIZES)


@every_size
def test_pages_of_what_one_statement_changed_neither_skip_nor_double(owner: Person, copy: Copy, size: int) -> None:
    owner.has_task("before")
    copy.follow()
    tasks = Task.objects.bulk_create([Task(user_id="owner", title=str(number)) for number in range(7)])
    owner.has_task("after")
    pages = []

    while True:
        pages.append(told(copy, limit=size))
        if not copy.take(copy.ask(limit=size)):
            break

    assert list(chain.from_iterable(pages)) == [*(f"+{task.title}" for task in tasks), "+after"]
    assert {len(page) for page in pages[:-1]} <= {size}
    assert copy.is_the_list()


@every_size
def test_pages_go_on_rightly_while_tasks_change_between_them(owner: Person, copy: Copy, size: int) -> None:
    tasks = [owner.has_task(str(number)) for number in range(9)]
    copy.follow()
    owner.patch(f"{owner.tasks}?status=all", {"completed": True})

    for completed, trashed, purged in (tasks[:3], tasks[6:], tasks[3:6]):  # told already, and not yet
        copy.take(copy.ask(limit=size))
        owner.patch(f"{owner.path(completed)}/complete")
        owner.delete(owner.path(trashed))
        Task.objects.filter(pk=purged["id"]).delete()

    assert copy.follow(size).is_the_list()


@every_size
def test_a_snapshot_in_pages_and_what_follows_is_the_list(owner: Person, copy: Copy, size: int) -> None:
    tasks = [owner.has_task(str(number)) for number in range(8)]

    for number in range(4):  # The first half changes behind the pages, the second before them.
        copy.take(copy.ask(limit=size))
        path, other = owner.path(tasks[number]), owner.path(tasks[7 - number])
        owner.put(path, {"title": f"{number} anew"})
        owner.delete(other)
        if number % 2:
            Task.objects.filter(pk=tasks[7 - number]["id"]).delete()
            owner.delete(path)
        owner.has_task(f"created {number}")

    assert copy.follow(size).is_the_list()
    assert copy.ask().json["more"] is False


@every_size
def test_a_snapshot_has_every_task_exactly_once(owner: Person, size: int) -> None:
    tasks = Task.objects.bulk_create([Task(user_id="owner", title=str(number)) for number in range(7)])
    titles: list[str] = []
    copy, more = Copy(owner), True

    while more:
        page = told(copy, limit=size)
        assert len(page) == min(size, 7 - len(titles))
        titles += page
        more = copy.take(copy.ask(limit=size))
        assert more is (len(titles) < 7)

    assert titles == [f"+{task.title}" for task in tasks]


def test_a_snapshot_says_more_if_the_list_changed_since_it_began(owner: Person, copy: Copy) -> None:
    first, _ = owner.has_task("1"), owner.has_task("2")
    assert copy.take(copy.ask(limit=1))
    owner.put(owner.path(first), {"title": "1 anew"})

    assert copy.take(copy.ask(limit=1))

    assert told(copy) == ["+1 anew"]


def test_a_page_looks_at_a_bounded_number_of_changes(
    owner: Person, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "MAX_ROWS", 3)
    tasks = [owner.has_task(str(number)) for number in range(4)]
    copy.follow()
    for _ in range(5):
        owner.patch(f"{owner.tasks}?status=all", {"completed": True})
        owner.patch(f"{owner.tasks}?status=all", {"completed": False})
    owner.delete(owner.path(tasks[0]))
    pages = []

    while True:
        pages.append(told(copy))
        if not copy.take(copy.ask()):
            break

    assert list(chain.from_iterable(pages)) == ["+1", "+2", "+3", f"-{tasks[0]['id']}"]
    assert len(pages) == 14
    assert copy.is_the_list()


def test_every_page_is_one_statement(
    owner: Person, copy: Copy, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        copy.take(copy.ask())
    for title in "abc":
        owner.has_task(title)
    for kept in (copy, Copy(owner)):
        for _ in range(4):
            with django_assert_num_queries(1):
                kept.take(kept.ask(limit=1))


def test_without_limit_a_page_has_200_changes(owner: Person) -> None:
    Task.objects.bulk_create([Task(user_id="owner", title=str(number)) for number in range(201)])

    answer = Copy(owner).ask()

    assert len(answer.json["changes"]) == 200
    assert answer.json["more"] is True
    assert Copy(owner).follow().is_the_list()
