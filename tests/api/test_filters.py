"""Filters choose among the caller's own tasks, and all of them must hold."""

from urllib.parse import urlencode

import pytest

from tests.support.paging import has_many_tasks
from tests.support.people import Person


def titles(person: Person, *asked: tuple[str, str]) -> list[str]:
    """The titles of the tasks that match, A to Z."""
    answer = person.get(f"{person.tasks}?{urlencode([*asked, ('sort', 'title')])}")
    assert answer.status == 200, answer.content
    return [task["title"] for task in answer.json]


def test_the_trash_is_a_status_of_its_own(owner: Person) -> None:
    kept, gone = owner.has_task("kept"), owner.has_task("gone", completed=True)
    owner.delete(owner.path(gone))

    (deleted,) = owner.get(f"{owner.tasks}?status=deleted").json

    assert deleted["title"] == "gone"
    assert deleted["deleted_at"] is not None
    assert owner.get(owner.tasks).json == [kept]
    assert owner.get(f"{owner.tasks}?status=completed").json == []
    owner.post(f"{owner.path(gone)}/restore")
    assert owner.get(f"{owner.tasks}?status=deleted").json == []


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", ["50% off", "A_b\\c", "BUY Milk", "Ärger", "ΟΔΟΣ"]),
        ("milk", ["BUY Milk"]),
        ("MILK", ["BUY Milk"]),
        ("y m", ["BUY Milk"]),
        ("buy  milk", []),
        (" ", ["50% off", "BUY Milk"]),
        ("%", ["50% off"]),
        ("0%", ["50% off"]),
        ("5%o", []),
        ("_", ["A_b\\c"]),
        ("a_B", ["A_b\\c"]),
        ("\\", ["A_b\\c"]),
        ("b\\C", ["A_b\\c"]),
        ("ä", ["Ärger"]),
        ("a\u0308", ["Ärger"]),
        ("οδοσ", ["ΟΔΟΣ"]),
        ("'", ["BUY Milk"]),
        ('say "X"', ["BUY Milk"]),
        ("two\nlines", ["50% off"]),
        ("\U0001f600", ["50% off"]),
        ("due", []),
        ("none", []),
        ("home", []),
    ],
)
def test_q_is_any_part_of_a_title_or_a_description_as_it_is_written(owner: Person, q: str, found: list[str]) -> None:
    owner.has_task("BUY Milk", description='it\'s what they say "x"', tags=["home"])
    owner.has_task("50% off", description="Two\nLines \U0001f600")
    owner.has_task("A_b\\c")
    owner.has_task("Ärger", description="")
    owner.has_task("ΟΔΟΣ", description=None)

    assert titles(owner, ("q", q)) == found


def test_q_has_200_code_points_at_most(owner: Person) -> None:
    owner.has_task("x", description="\U0001f600" * 201)

    assert titles(owner, ("q", "\U0001f600" * 200)) == ["x"]
    assert owner.get(f"{owner.tasks}?{urlencode({'q': 'x' * 201})}").json["errors"] == {
        "q": ["Ensure this field has no more than 200 characters."]
    }


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (["home"], ["all three", "one", "two"]),
        (["home", "a,b"], ["all three", "two"]),
        (["a,b", "home", "home"], ["all three", "two"]),
        (["a,b"], ["all three", "two"]),
        (["a"], []),
        (["Home"], ["all three"]),
        (["HOME"], []),
        (["home", "Home", "a,b"], ["all three"]),
        ([" home\u3000"], ["all three", "one", "two"]),
        (["home", "none"], []),
        (["hom"], []),
        (["%"], []),
        (["{home}"], []),
        (['"home"'], ['quoted "']),
        (["NULL"], []),
        (["home"] * 300, ["all three", "one", "two"]),
        ([str(number) for number in range(20)], []),
        (["\U0001f600" * 50], []),
    ],
)
def test_a_task_has_all_of_the_tags(owner: Person, tags: list[str], found: list[str]) -> None:
    owner.has_task("one", tags=["home"])
    owner.has_task("two", tags=["home", "a,b"])
    owner.has_task("all three", tags=["home", "a,b", "Home"])
    owner.has_task('quoted "', tags=['"home"', "\\"])
    owner.has_task("without")

    assert titles(owner, *(("tag", tag) for tag in tags)) == found


@pytest.mark.parametrize("tag", ["", " ", "\u3000", "x" * 51, "a\0b", "\U0001f600" * 51])
def test_a_tag_is_what_a_task_can_have(owner: Person, tag: str) -> None:
    for asked in ([("tag", tag)], [("tag", tag), ("tag", "home")], [("tag", "home"), ("tag", tag)]):
        answer = owner.get(f"{owner.tasks}?{urlencode(asked)}")
        assert answer.error == (422, "VALIDATION_ERROR")
        assert list(answer.json["errors"]) == ["tag"]


def test_more_tags_than_a_task_can_have_are_422(owner: Person) -> None:
    answer = owner.get(f"{owner.tasks}?{urlencode([('tag', str(number)) for number in range(21)])}")

    assert answer.json["errors"] == {"tag": ["Must be at most 20 distinct tags."]}


def test_the_days_of_due_before_and_due_after_are_in_it(owner: Person) -> None:
    for day in ("2026-11-19", "2026-11-20", "2026-11-21", None):
        owner.has_task(str(day), due_date=day)

    assert titles(owner, ("due_before", "2026-11-20")) == ["2026-11-19", "2026-11-20"]
    assert titles(owner, ("due_after", "2026-11-20")) == ["2026-11-20", "2026-11-21"]
    assert titles(owner, ("due_after", "2026-11-20"), ("due_before", "2026-11-20")) == ["2026-11-20"]
    assert titles(owner, ("due_after", "2026-11-21"), ("due_before", "2026-11-20")) == []
    assert titles(owner, ("due_after", "0001-01-01"), ("due_before", "9999-12-31")) == [
        "2026-11-19",
        "2026-11-20",
        "2026-11-21",
    ]


def test_what_is_not_utf_8_is_read_as_the_replacement_character(owner: Person) -> None:
    owner.has_task("broken \ufffd")
    owner.has_task("whole")

    for raw in ("%FF", "%C3", "%ED%A0%80"):
        answer = owner.get(f"{owner.tasks}?q={raw}")
        assert answer.status == 200
        assert {task["title"] for task in answer.json} <= {"broken \ufffd"}


def test_no_filter_reaches_the_tasks_of_others(owner: Person, stranger: Person) -> None:
    has_many_tasks(owner, 20)

    for asked in (
        "q=b",
        "tag=home",
        "priority=high",
        "due_before=2030-01-01",
        "due_after=2020-01-01",
        "status=deleted",
    ):
        assert owner.get(f"{owner.tasks}?{asked}").json != []
        assert stranger.get(f"{stranger.tasks}?{asked}").json == []
