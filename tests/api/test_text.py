"""The text of a task: what is acceptable is kept as sent, what is not is 422 and changes nothing."""

from typing import Any

import pytest

from tests.support.people import Person, TaskJSON
from tests.support.routes import (
    VALIDATION_ERROR,
    Route,
    every_serializer,
    every_write_of_text,
    write,
)


@every_serializer
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Buy milk \t\r\n", "Buy milk"),
        ("\u00a0\u2003\u3000\u0085x\u001f\u2028", "x"),  # what Unicode calls white space
        ("\u200bx\ufeff", "\u200bx\ufeff"),  # what it does not
        ("two\nlines", "two\nlines"),
        ("x" * 200, "x" * 200),
        (" " + "x" * 200 + " ", "x" * 200),
        ("\U0001f600" * 200, "\U0001f600" * 200),  # 400 units of UTF-16, 800 bytes, 200 code points
        ("e\u0301", "e\u0301"),  # not composed
        ("<b>'\"\\%s{}--", "<b>'\"\\%s{}--"),
        ("null", "null"),
        ("\u0001\u007f", "\u0001\u007f"),
    ],
)
def test_a_title_is_trimmed_and_else_kept(owner: Person, route: Route, sent: str, kept: str) -> None:
    answer = write(owner, route, {"title": sent})

    assert answer.status == route.success
    assert answer.json["title"] == kept
    assert owner.get(owner.path(answer.json)).json["title"] == kept


NO_TEXT: list[Any] = [5, 5.5, True, ["x"], {"x": "y"}, "\0", "a\0b", "\ud800", "x\udfffx", "\udc00\ud800"]


@every_serializer
@pytest.mark.parametrize("title", ["", "   ", "\u3000\n", None, "x" * 201, "\U0001f600" * 201, *NO_TEXT], ids=ascii)
def test_what_is_not_a_title_is_422(owner: Person, kept_task: TaskJSON, route: Route, title: Any) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), {"title": title})

    assert answer.error == VALIDATION_ERROR
    assert list(answer.json["errors"]) == ["title"]


def test_a_title_is_required_in_a_new_task_alone(owner: Person) -> None:
    refused = owner.post(owner.tasks, {"description": "x"})

    assert refused.json == {
        "detail": "title: This field is required.",
        "error_code": "VALIDATION_ERROR",
        "status_code": 422,
        "errors": {"title": ["This field is required."]},
    }


@every_serializer
@pytest.mark.parametrize(
    "description",
    ["", " ", "  a\r\nb\rc\n\t ", "x" * 1000, " " * 1000, "\U0001f600" * 1000, "\ufeffe\u0301\u0000"[:-1], None],
    ids=ascii,
)
def test_a_description_is_kept_exactly_as_sent(owner: Person, route: Route, description: str | None) -> None:
    answer = write(owner, route, {"title": "x", "description": description})

    assert answer.json["description"] == description
    assert owner.get(owner.path(answer.json)).json["description"] == description


@every_serializer
@pytest.mark.parametrize("description", ["x" * 1001, "\U0001f600" * 1001, *NO_TEXT], ids=ascii)
def test_what_is_not_a_description_is_422(owner: Person, kept_task: TaskJSON, route: Route, description: Any) -> None:
    body = {"title": "x", "description": description}
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), body)

    assert answer.error == VALIDATION_ERROR
    assert list(answer.json["errors"]) == ["description"]


@pytest.mark.parametrize("completed", ["yes", "true", "", 1, 0, 1.0, None, [], {}, [True]], ids=ascii)
def test_completed_is_true_or_false_alone(owner: Person, kept_task: TaskJSON, completed: Any) -> None:
    answer = owner.put(owner.path(kept_task), {"title": "x", "completed": completed})

    assert answer.error == VALIDATION_ERROR
    assert list(answer.json["errors"]) == ["completed"]
    assert owner.post(owner.tasks, {"completed": completed}).json["errors"].keys() == {"title"}


def test_every_field_that_is_wrong_is_named(owner: Person, kept_task: TaskJSON) -> None:
    answer = owner.put(owner.path(kept_task), {"title": 5, "description": 5, "completed": 5})

    assert list(answer.json["errors"]) == ["title", "description", "completed"]


@every_write_of_text
def test_unknown_fields_are_ignored(owner: Person, route: Route) -> None:
    ignored = {"id": "x", "user_id": 5, "user": None, "created_at": [], "updated_at": "x", "": "", "\ud800": "\0"}
    answer = write(owner, route, {"title": "x", **ignored})

    assert answer.status == route.success
    assert answer.json["user_id"] == "owner"
    assert answer.json["updated_at"].endswith("Z")
