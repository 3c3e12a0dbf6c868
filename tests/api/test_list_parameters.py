"""The query of a list: what is acceptable, what is ignored, and what is named where it is refused."""

from urllib.parse import urlencode

import pytest

from tests.support.people import Person

NO_DAYS = ["", "x", "2026-02-30", "2026-13-01", "0000-01-01", "2026-1-1", "20261120", "2026-W47-5", "2026-11-20T12:00"]
NO_DAYS += [
    "2026-11-20 ",
    "2026-11-20Z",
    "today",
    "infinity",
    "-2026-11-20",
    "12026-11-20",
    "٢٠٢٦-11-20",
    "2026-11-20\n",
]
REFUSED: list[tuple[str, str]] = [
    *((name, day) for name in ("due_before", "due_after") for day in NO_DAYS),
    *(("priority", value) for value in ("", "High", "urgent", "3", " high", "high,low", "null", "__class__")),
    *(("status", value) for value in ("", "Pending", "live", "trash", "all ", "__class__", "0", "keys")),
    *(("sort", value) for value in ("", "Title", "-created", "created_at", "id", "title,id", "__class__", "items")),
    *(("order", value) for value in ("", "ASC", "ascending", "-1", "asc;", "desc NULLS FIRST", "asc,desc")),
    *(("q", value) for value in ("\0", "a\0b", "x" * 201)),
]


@pytest.mark.parametrize(("name", "value"), REFUSED, ids=ascii)
def test_a_value_outside_the_contract_is_422_and_named(owner: Person, name: str, value: str) -> None:
    answer = owner.get(f"{owner.tasks}?{urlencode({name: value})}")

    assert answer.error == (422, "VALIDATION_ERROR")
    assert list(answer.json["errors"]) == [name]


def test_every_wrong_parameter_is_named_at_once(owner: Person) -> None:
    names = ["status", "sort", "order", "priority", "due_before", "due_after", "limit", "tag"]

    answer = owner.get(f"{owner.tasks}?q=%00&cursor=x&{urlencode(dict.fromkeys(names, ''))}")
    alone = owner.get(f"{owner.tasks}?q=%00&cursor=x")

    assert set(answer.json["errors"]) == {*names, "q"}
    assert set(alone.json["errors"]) == {"q"}


def test_of_a_repeated_parameter_the_last_counts(owner: Person) -> None:
    owner.has_task("a", priority="high", due_date="2026-11-20")
    owner.has_task("b", completed=True)

    for first, last in [
        ("status=x", "status=pending"),
        ("sort=", "sort=title"),
        ("order=x", "order=asc"),
        ("q=zzz", "q=a"),
        ("q=" + "x" * 201, "q="),
        ("priority=none", "priority=high"),
        ("due_before=x", "due_before=2026-11-20"),
        ("due_after=2027-01-01", "due_after=2026-11-20"),
    ]:
        together = owner.get(f"{owner.tasks}?{first}&{last}")
        assert together.json == owner.get(f"{owner.tasks}?{last}").json != [], last
        assert together.json[0]["title"] in {"a", "b"}
    assert owner.get(f"{owner.tasks}?status=pending&status=x").status == 422


def test_unknown_parameters_are_ignored(owner: Person) -> None:
    task = owner.has_task("a")

    for unknown in (
        "page=2",
        "search=zzz",
        "title=zzz",
        "Status=completed",
        "user_id=stranger",
        "q[]=zzz",
        "tags=x",
        "=",
    ):
        assert owner.get(f"{owner.tasks}?{unknown}").json == [task]
