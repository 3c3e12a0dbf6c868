"""A list has the tasks of one status in a total order, the same on every machine."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks.models import Task
from tests.support.people import Person


def titles(person: Person, query: str = "") -> list[str]:
    """The titles in the order of the list."""
    return [task["title"] for task in person.get(person.tasks + query).json]


def test_a_user_without_tasks_has_an_empty_list(owner: Person) -> None:
    for query in ("", "?status=completed", "?sort=title"):
        assert owner.get(owner.tasks + query).content == b"[]"


def test_a_list_is_an_array_of_tasks_as_they_are_answered_alone(owner: Person) -> None:
    tasks = [owner.has_task(title, completed=title == "b") for title in "abc"]

    listed = owner.get(owner.tasks).json

    assert listed == tasks[::-1]
    assert listed == [owner.get(owner.path(task)).json for task in listed]


def test_a_status_leaves_out_the_others(owner: Person) -> None:
    for title in "abcd":
        owner.has_task(title, completed=title in "bd")

    assert titles(owner) == titles(owner, "?status=all") == ["d", "c", "b", "a"]
    assert titles(owner, "?status=pending") == ["c", "a"]
    assert titles(owner, "?status=completed") == ["d", "b"]
    assert titles(owner, "?status=completed&sort=title") == ["b", "d"]


def test_created_is_newest_first_and_of_the_same_time_the_larger_id_first(owner: Person) -> None:
    tasks = [owner.has_task(str(n)) for n in range(6)]
    Task.objects.filter(title__in="135").update(created_at="2026-11-20T12:00:00Z")
    Task.objects.filter(title__in="02").update(created_at="2026-11-20T12:00:00.000001Z")
    Task.objects.filter(title="4").update(created_at="2020-01-01T00:00:00Z")

    assert titles(owner) == titles(owner, "?sort=created") == ["2", "0", "5", "3", "1", "4"]
    assert tasks[0]["id"] < tasks[5]["id"]


def test_title_is_a_to_z_whatever_the_case_and_of_the_same_title_the_smaller_id_first(owner: Person) -> None:
    for title in ["b", "B", "a", "C", "A", "c", "a"]:
        owner.has_task(title)

    assert titles(owner, "?sort=title") == ["a", "A", "a", "b", "B", "C", "c"]


@pytest.mark.parametrize(
    "in_order",
    [
        ["É", "é", "Éa", "éb"],
        ["\u0416", "\u0436", "\u0416a", "\u0436b", "\u0417"],  # Cyrillic
        [
            "\u0391\u03a3 a",
            "\u03b1\u03c3 b",
            "\u0391\u03a3 c",
        ],  # Greek, with a sigma at a word's end
        ["\uff21", "\uff41", "\uff22"],  # full width
        ["\U00010400", "\U00010428", "\U00010401"],  # Deseret, beyond 16 bits
        ["ss", "sz", "ß"],  # ß is not a ss
        ["I", "i", "Ia", "ib", "\u0130", "\u0131"],  # I with a dot, whose lower case is two letters, and i without
        ["10", "2", "A", "a", "Z", "z", "ß", "É", "é", "ÿ", "\u0416", "\u0436", "中", "\uffee", "\U0001f600"],
        ["A b", "a-b", "A_b", "ab", "a~b"],
    ],
    ids=lambda in_order: ascii(in_order[0]),
)
def test_titles_are_compared_by_the_code_points_of_their_lower_case(owner: Person, in_order: list[str]) -> None:
    for title in in_order:
        owner.has_task(title)

    assert titles(owner, "?sort=title") == in_order


def test_titles_are_compared_alike_whatever_the_databases_locale(owner: Person) -> None:
    with CaptureQueriesContext(connection) as statements:
        titles(owner, "?sort=title")

    assert 'COLLATE "C"' in statements[0]["sql"]
