"""Unknown fields and parameters are ignored, unless the client prefers strict handling or would be misled."""

from typing import Any

import pytest

from tasks.serializers import MAX_UNKNOWN
from tests.support.people import Person, TaskJSON
from tests.support.routes import (
    ERASURE,
    OWN_ROUTES,
    ROUTES_WITH_BODY,
    VALIDATION_ERROR,
    Route,
    every_write_of_text,
    write,
)

STRICT = "handling=strict"


@every_write_of_text
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dueDate", "Unknown field. Did you mean `due_date`?"),
        ("due-date", "Unknown field. Did you mean `due_date`?"),
        ("Title", "Unknown field. Did you mean `title`?"),
        ("tag", "Unknown field. Did you mean `tags`?"),
        ("x", "Unknown field."),
        ("", "Unknown field."),
    ],
)
def test_a_strict_client_is_told_about_an_unknown_field(
    owner: Person, kept_task: TaskJSON, route: Route, name: str, message: str
) -> None:
    body = {"title": "x", name: "2026-11-20"}

    answer = owner.send(route.method, route.path("owner", kept_task["id"]), body, prefer=STRICT)

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {name: [message]}
    assert answer.headers["Preference-Applied"] == STRICT


LONE_SURROGATE = "\ud800"  # JSON can say it and UTF-8 cannot.


@pytest.mark.parametrize("route", ROUTES_WITH_BODY, ids=str)
def test_an_unknown_field_that_utf8_cannot_write_is_named_as_it_was_sent(
    owner: Person, kept_task: TaskJSON, route: Route
) -> None:
    body = {**route.body, LONE_SURROGATE: 1}

    answer = owner.send(route.method, route.path("owner", kept_task["id"]), body, prefer=STRICT)

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {LONE_SURROGATE: ["Unknown field."]}


def test_of_many_unknown_fields_some_are_named_and_the_others_are_counted(owner: Person) -> None:
    names = [f"title{number}" for number in range(4000)]

    answer = owner.post(owner.tasks, {"title": "x", **dict.fromkeys(names, 1)}, prefer=STRICT)

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {
        **{name: ["Unknown field. Did you mean `title`?"] for name in names[:MAX_UNKNOWN]},
        "non_field_errors": ["There are 3990 more unknown fields."],
    }
    assert answer.json["detail"].endswith("`title`? There are 3990 more unknown fields.")


def test_one_unknown_parameter_too_many_is_counted_as_one(owner: Person) -> None:
    parameters = "&".join(f"x{number}" for number in range(MAX_UNKNOWN + 1))

    answer = owner.get(f"{owner.tasks}?{parameters}", prefer=STRICT)

    assert len(answer.json["errors"]) == MAX_UNKNOWN + 1
    assert answer.json["errors"]["non_field_errors"] == ["There is 1 more unknown parameter."]
    named = owner.get(f"{owner.tasks}?{parameters.rpartition('&')[0]}", prefer=STRICT)
    assert "non_field_errors" not in named.json["errors"]


@every_write_of_text
@pytest.mark.parametrize("prefer", ["", "handling=lenient", "return=minimal", "handling"])
def test_without_strict_handling_unknown_fields_are_ignored(owner: Person, route: Route, prefer: str) -> None:
    answer = write(owner, route, {"title": "x", "dueDate": "2026-11-20"}, prefer=prefer)

    assert answer.status == route.success
    assert answer.json["due_date"] is None
    assert "Preference-Applied" not in answer.headers


@every_write_of_text
def test_a_strict_client_may_send_a_whole_task_back(owner: Person, route: Route) -> None:
    task = owner.has_task()
    del task["completed"]  # Not a field of a new task.

    answer = write(owner, route, task, prefer=STRICT)

    assert answer.status == route.success
    assert answer.headers["Preference-Applied"] == STRICT


def test_completed_is_not_a_field_of_a_new_task(owner: Person) -> None:
    assert owner.post(owner.tasks, {"title": "x", "completed": True}).json["completed"] is False
    refused = owner.post(owner.tasks, {"title": "x", "completed": True}, prefer=STRICT)
    assert list(refused.json["errors"]) == ["completed"]


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_a_strict_client_is_told_about_an_unknown_parameter(owner: Person, route: Route) -> None:
    path = route.path("owner", owner.has_task()["id"])
    separator = "&" if route.query else "?"
    before = owner.get(owner.tasks).json

    refused = owner.send(route.method, f"{path}{separator}colour=red", route.body, prefer=STRICT)
    assert refused.error == VALIDATION_ERROR
    assert refused.json["errors"] == {"colour": ["Unknown parameter."]}
    assert owner.get(owner.tasks).json == before

    ignored = owner.send(route.method, f"{path}{separator}colour=red", route.body)
    assert ignored.status == route.success


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_what_is_documented_is_accepted_in_strict_handling(owner: Person, route: Route) -> None:
    answer = owner.send(route.method, route.path("owner", owner.has_task()["id"]), route.body, prefer=STRICT)

    assert answer.status == route.success
    assert answer.headers["Preference-Applied"] == STRICT


def test_strict_handling_goes_after_401_403_and_404(owner: Person, stranger: Person, nobody: Person) -> None:
    task = owner.has_task()

    for person, path, status in (
        (nobody, owner.path(task), 401),
        (stranger, owner.path(task), 403),
        (stranger, stranger.path(task), 404),
    ):
        assert person.put(f"{path}?x=1", {"y": 1}, prefer=STRICT).status == status


def test_strict_handling_and_a_count_are_both_applied(owner: Person) -> None:
    answer = owner.get(f"{owner.tasks}?limit=1", prefer="count=exact, Handling = Strict; x=y")

    assert answer.headers["Preference-Applied"] == "count=exact, handling=strict"
    assert answer.headers["X-Total-Count"] == "0"


def test_a_parameter_in_other_spelling_is_suggested(owner: Person) -> None:
    answer = owner.get(f"{owner.tasks}?dueBefore=2026-11-20&Limit=2", prefer=STRICT)

    assert answer.json["errors"] == {
        "dueBefore": ["Unknown parameter. Did you mean `due_before`?"],
        "Limit": ["Unknown parameter. Did you mean `limit`?"],
    }


@pytest.mark.parametrize("name", ["page", "offset", "skip", "start"])
@pytest.mark.parametrize("value", ["2", "0", ""])
def test_a_page_number_is_422_because_every_page_would_be_the_first(owner: Person, name: str, value: str) -> None:
    for number in range(3):
        owner.has_task(str(number))

    answer = owner.get(f"{owner.tasks}?limit=1&{name}={value}")

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {name: ["Pages have no numbers: follow the `Link` of the previous page."]}
    whole = owner.get(f"{owner.tasks}?{name}={value}")
    assert len(whole.json) == 3, "without `limit` there are no pages, and unknown parameters are ignored"


@pytest.mark.parametrize(
    "query",
    ["q=milk", "tag=home", "priority=high", "due_before=2026-11-20", "due_after=2026-11-20", "limit=1", "cursor="],
)
@pytest.mark.parametrize(("method", "body"), [("PATCH", {"completed": True}), ("DELETE", None)])
def test_a_bulk_operation_refuses_filters_that_it_would_ignore(
    owner: Person, kept_task: TaskJSON, method: str, body: Any, query: str
) -> None:
    answer = owner.send(method, f"{owner.tasks}?status=all&{query}", body)

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {query.partition("=")[0]: ["This operation chooses tasks by `status` alone."]}


def test_a_bulk_operation_ignores_what_narrows_nothing(owner: Person) -> None:
    owner.has_task()

    assert owner.delete(f"{owner.tasks}?status=all&sort=title&x=1").json == {"deleted": 1}


def test_an_erasure_is_refused_with_an_unknown_parameter(owner: Person) -> None:
    owner.has_task()

    assert owner.delete(f"{ERASURE.path('owner')}&dryRun=true", prefer=STRICT).error == VALIDATION_ERROR
    assert len(owner.get(owner.tasks).json) == 1
