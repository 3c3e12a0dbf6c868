"""A task's due date, priority and tags come back exactly as they were given; what is none of them is 422."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import User
from tasks.models import Task, TaskChange
from tests.support.people import Person, TaskJSON
from tests.support.routes import ROUTES_OF_TEXT, VALIDATION_ERROR, Route, every_serializer, every_write_of_text, write

DEFAULTS: dict[str, Any] = {"due_date": None, "priority": "none", "tags": []}
GIVEN: dict[str, Any] = {"due_date": "2026-11-24", "priority": "high", "tags": ["home", "milk, bread"]}
CHANGES = [route for route in ROUTES_OF_TEXT if route.method != "POST"]
every_change = pytest.mark.parametrize("route", CHANGES, ids=str)

OF_NO_TYPE: list[Any] = [5, 0, 5.5, True, False, {}, {"a": "b"}]
NO_DAYS: list[Any] = [
    *OF_NO_TYPE,
    [],
    ["2026-11-20"],
    "",
    "today",
    "infinity",
    "2026-11-20T10:00:00Z",
    "2026-11-20T00:00:00",
    "2026-11-20 00:00",
    "2026-11-20Z",
    " 2026-11-20",
    "2026-11-20\n",
    "2026-11-20\0",
    "\ud800",
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "2026-00-01",
    "2026-01-00",
    "2026-1-1",
    "26-11-20",
    "20261120",
    "2026-W47-5",
    "2026-324",
    "20/11/2026",
    "0000-01-01",
    "-001-01-01",
    "10000-01-01",
    "\uff12\uff10\uff12\uff16-11-20",  # full-width digits
    "\u0662\u0660\u0662\u0666-11-20",  # Arabic-Indic digits
    "2026\u201311\u201320",  # dashes
]
NO_PRIORITIES: list[Any] = [*OF_NO_TYPE, [], ["high"], "", " ", "High", "HIGH", " high", "high\0", "urgent", "\ud800"]
NO_TAGS: list[Any] = [
    *OF_NO_TYPE,
    "home",
    "",
    [None],
    ["home", None],
    [5],
    [True],
    [["home"]],
    [{"home": "garden"}],
    [""],
    [" \t\u3000"],
    ["a", ""],
    ["x" * 51],
    ["\U0001f600" * 51],
    ["a\0b"],
    ["\ud800"],
    [f"tag {n}" for n in range(21)],
]


def members(task: TaskJSON) -> dict[str, Any]:
    """The three fields of a task."""
    return {name: task[name] for name in DEFAULTS}


# What is given comes back


def test_a_new_task_has_none_of_them(owner: Person) -> None:
    assert members(owner.has_task()) == DEFAULTS


@every_serializer
@pytest.mark.parametrize(
    "given",
    [
        GIVEN,
        *({"due_date": day} for day in ("2026-11-24", "0001-01-01", "9999-12-31", "2024-02-29", "1582-10-10")),
        *({"priority": priority} for priority in ("none", "low", "medium", "high")),
        *(
            {"tags": tags}
            for tags in (
                [],
                ["b", "a", "c"],
                ["Home", "home", "HOME"],
                ["a, b", '"', "'", "\\", "{}", "{a,b}", "NULL", "null", "%s", "<b>", "a\nb", "a\tb", "\u0001"],
                ["\U0001f600" * 50, "x" * 50, "e\u0301", "\u00e9", "\u200b"],
                [f"tag {n}" for n in range(20)],
            )
        ),
    ],
    ids=ascii,
)
def test_what_is_given_comes_back_exactly(owner: Person, route: Route, given: dict[str, Any]) -> None:
    answer = write(owner, route, {"title": "x", **given})

    assert answer.status == route.success
    assert members(answer.json) == {**DEFAULTS, **given}
    assert answer.json in owner.get(owner.tasks).json
    assert owner.get(owner.path(answer.json)).json == answer.json


@every_serializer
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([" home ", "\tgarden\r\n", "\u3000x\u00a0"], ["home", "garden", "x"]),
        (["b", "a", "b", " a ", "c", "b\n"], ["b", "a", "c"]),
        ([*["a"] * 1000, "b"], ["a", "b"]),
        ([f" tag {n % 20} " for n in range(100)], [f"tag {n}" for n in range(20)]),
        ([" " * 100 + "x" * 50], ["x" * 50]),
    ],
)
def test_tags_are_trimmed_and_each_is_kept_once_in_its_first_place(
    owner: Person, route: Route, sent: list[str], kept: list[str]
) -> None:
    assert write(owner, route, {"title": "x", "tags": sent}).json["tags"] == kept


@every_change
@pytest.mark.parametrize("member", DEFAULTS)
def test_null_puts_a_field_back_to_its_default_and_leaves_the_others(owner: Person, route: Route, member: str) -> None:
    task = owner.has_task(**GIVEN)

    answer = owner.send(route.method, owner.path(task), {member: None})

    assert members(answer.json) == {**GIVEN, member: DEFAULTS[member]}
    assert answer.json["version"] == 2


def test_null_in_a_new_task_is_the_default(owner: Person) -> None:
    assert members(owner.has_task(due_date=None, priority=None, tags=None)) == DEFAULTS


@every_change
def test_what_is_absent_is_kept(owner: Person, route: Route) -> None:
    task = owner.has_task(**GIVEN)

    answer = owner.send(route.method, owner.path(task), {"title": "y"})

    assert members(answer.json) == GIVEN


@every_write_of_text
def test_fields_of_like_names_are_ignored(owner: Person, route: Route) -> None:
    unknown = {"dueDate": "2026-11-24", "due_at": 5, "Tags": ["x"], "labels": ["x"], "priority ": "high"}

    assert members(write(owner, route, {"title": "x", **unknown}).json) == DEFAULTS


# What is refused


@every_serializer
@pytest.mark.parametrize("due_date", NO_DAYS, ids=ascii)
def test_what_is_not_a_day_is_422_and_changes_nothing(
    owner: Person, kept_task: TaskJSON, route: Route, due_date: Any
) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), {"title": "x", "due_date": due_date})

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {"due_date": ["Must be a date such as 2026-11-20, without a time."]}


@every_serializer
@pytest.mark.parametrize("priority", NO_PRIORITIES, ids=ascii)
def test_what_is_not_a_priority_is_422_and_changes_nothing(
    owner: Person, kept_task: TaskJSON, route: Route, priority: Any
) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), {"title": "x", "priority": priority})

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {"priority": ["Must be one of: none, low, medium, high."]}


@every_serializer
@pytest.mark.parametrize("tags", NO_TAGS, ids=ascii)
def test_what_is_not_a_list_of_tags_is_422_and_changes_nothing(
    owner: Person, kept_task: TaskJSON, route: Route, tags: Any
) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), {"title": "x", "tags": tags})

    assert answer.error == VALIDATION_ERROR
    assert list(answer.json["errors"]) == ["tags"]


def test_every_field_that_is_wrong_is_named(owner: Person, kept_task: TaskJSON) -> None:
    answer = owner.put(owner.path(kept_task), {"due_date": "soon", "priority": 1, "tags": "home"})

    assert list(answer.json["errors"]) == ["due_date", "priority", "tags"]


# Versions, the record, retries


@every_change
def test_a_write_that_changes_none_of_them_leaves_the_version(owner: Person, route: Route) -> None:
    task = owner.has_task(**GIVEN)
    plain = owner.has_task()
    history = TaskChange.objects.count()

    again = owner.send(route.method, owner.path(task), {**GIVEN, "tags": [" home", "milk, bread", "home"]})
    cleared = owner.send(route.method, owner.path(plain), dict.fromkeys(DEFAULTS))

    assert (again.json, cleared.json) == (task, plain)
    assert TaskChange.objects.count() == history


@every_change
@pytest.mark.parametrize(
    "changed",
    [{"due_date": "2026-11-25"}, {"priority": "low"}, {"tags": ["milk, bread", "home"]}, {"tags": ["home", "Home"]}],
)
def test_a_change_is_a_version_and_is_recorded_from_what_to_what(
    owner: Person, route: Route, changed: dict[str, Any]
) -> None:
    task = owner.has_task(**GIVEN)

    answer = owner.send(route.method, owner.path(task), {**GIVEN, **changed})

    assert answer.json["version"] == 2
    change = TaskChange.objects.latest_first()[0]
    assert (change.kind, change.after) == ("changed", changed)
    assert change.before == {name: GIVEN[name] for name in changed}


def test_a_retry_gets_them_again(owner: Person) -> None:
    first, again = (owner.post(owner.tasks, {"title": "x", **GIVEN}, idempotency_key="k") for _ in range(2))

    assert first.content == again.content
    assert members(again.json) == GIVEN
    assert Task.objects.count() == 1


def test_they_stay_through_the_trash_and_through_completion(owner: Person) -> None:
    task = owner.has_task(**GIVEN)

    assert members(owner.patch(f"{owner.path(task)}/complete").json) == GIVEN
    owner.delete(owner.path(task))
    assert members(owner.get(f"{owner.tasks}?status=deleted").json[0]) == GIVEN
    assert members(owner.post(f"{owner.path(task)}/restore").json) == GIVEN


# Past the API

BROKEN: dict[str, dict[str, Any]] = {
    "an unknown priority": {"priority": "urgent"},
    "an empty priority": {"priority": ""},
    "no priority": {"priority": None},
    "no list": {"tags": None},
    "a tag twice": {"tags": ["home", "home"]},
    "an untrimmed tag": {"tags": ["home "]},
    "an empty tag": {"tags": [""]},
    "a tag that is white space": {"tags": ["\u3000"]},
    "a null tag": {"tags": ["home", None]},
    "a long tag": {"tags": ["x" * 51]},
    "too many tags": {"tags": [f"tag {n}" for n in range(21)]},
}


def by_update(broken: dict[str, Any]) -> None:
    Task.objects.update(**broken)


def by_save(broken: dict[str, Any]) -> None:
    task = Task.objects.get()
    for name, value in broken.items():
        setattr(task, name, value)
    task.save()


def by_bulk_create(broken: dict[str, Any]) -> None:
    Task.objects.bulk_create([Task(user_id="owner", title="x", **broken)])


def by_psql(broken: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for name, value in broken.items():
            cursor.execute(f"UPDATE tasks SET {name} = %s", [value])


@pytest.mark.parametrize("write", [by_update, by_save, by_bulk_create, by_psql])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_for_every_writer_the_database_refuses_what_the_api_would(
    owner: Person, kept_task: TaskJSON, broken: dict[str, Any], write: Callable[[dict[str, Any]], None]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write(broken)


@pytest.mark.parametrize("tags", ["'{{a,b},{c,d}}'", "'{home,NULL}'", "'{NULL}'"])
def test_psql_cannot_nest_tags_or_leave_one_out(owner: Person, kept_task: TaskJSON, tags: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE tasks SET tags = {tags}")


def test_a_shell_writes_and_reads_them(owner: Person) -> None:
    task = Task.objects.create(user=User.objects.get(), title="x", tags=["milk, bread"], priority="low")
    task.tags.append("home")
    task.save()

    assert Task.objects.get(tags__contains=["home"]).tags == ["milk, bread", "home"]
    assert members(owner.get(owner.tasks).json[0]) == {**DEFAULTS, "priority": "low", "tags": task.tags}
