"""The six task operations do what they say, each in one SQL statement."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.support.people import Answer, Person

MEMBERS = ["id", "user_id", "title", "description", "completed", "created_at", "updated_at"]
ONE_STATEMENT = 1


def test_a_task_lives_from_create_to_delete(owner: Person) -> None:
    created = owner.post(owner.tasks, {"title": "Buy milk", "description": "Two litres"})

    assert created.status == 201
    assert list(created.json)[:7] == MEMBERS
    assert created.json["user_id"] == "owner"
    assert created.json["title"] == "Buy milk"
    assert created.json["description"] == "Two litres"
    assert created.json["completed"] is False
    assert created.json["created_at"] == created.json["updated_at"]
    path = created.headers["Location"]
    assert path == f"{owner.tasks}/{created.json['id']}"
    assert owner.get(path).json == created.json

    changed = owner.put(path, {"title": "Buy oat milk"})
    assert changed.status == 200
    assert changed.json["title"] == "Buy oat milk"
    assert changed.json["description"] == "Two litres"
    assert changed.json["updated_at"] > created.json["updated_at"]
    assert changed.json["created_at"] == created.json["created_at"]

    toggled = owner.patch(f"{path}/complete")
    assert toggled.status == 200
    assert toggled.json["completed"] is True
    assert owner.get(path).json == toggled.json
    assert owner.patch(f"{path}/complete").json["completed"] is False

    deleted = owner.delete(path)
    assert deleted.status == 204
    assert deleted.content == b""
    assert owner.get(path).error == (404, "NOT_FOUND")
    assert owner.delete(path).error == (404, "NOT_FOUND")


def test_timestamps_are_rfc_3339_in_utc_with_microseconds(owner: Person) -> None:
    task = owner.has_task()

    for moment in (task["created_at"], task["updated_at"]):
        assert len(moment) == len("2026-11-20T12:00:00.123456Z")
        assert moment[10] == "T"
        assert moment.endswith("Z")


def test_a_time_on_the_full_second_has_its_microseconds_too(owner: Person) -> None:
    from tasks.models import Task

    task = owner.has_task()
    Task.objects.filter(pk=task["id"]).update(created_at="2026-11-20T12:00:00Z")

    assert owner.get(owner.path(task)).json["created_at"] == "2026-11-20T12:00:00.000000Z"


def test_put_keeps_what_the_body_does_not_name(owner: Person) -> None:
    task = owner.has_task("Buy milk", description="Two litres")

    bodies: list[dict[str, Any]] = [{"completed": True}, {"title": "x"}, {"description": ""}]
    for body in bodies:
        changed = owner.put(owner.path(task), body)

        assert changed.status == 200
        followed = {name: changed.json[name] for name in ("updated_at", "completed_at", "version")}
        assert changed.json == {**task, **body, **followed}
        task = changed.json


def test_put_of_nothing_changes_nothing(owner: Person) -> None:
    task = owner.has_task()

    assert owner.put(owner.path(task), {}).json == task
    assert owner.put(owner.path(task), {"id": 1, "user_id": "stranger", "created_at": "x", "unknown": [1]}).json == task


def test_put_null_clears_a_description(owner: Person) -> None:
    task = owner.has_task(description="Two litres")

    assert owner.put(owner.path(task), {"description": None}).json["description"] is None


def test_completed_is_ignored_on_create(owner: Person) -> None:
    assert (
        owner.post(owner.tasks, {"title": "x", "completed": True, "id": 1, "user_id": "stranger"}).json["completed"]
        is False
    )


def test_toggling_looks_at_no_body(owner: Person) -> None:
    task = owner.has_task()

    assert owner.send("PATCH", owner.path(task) + "/complete", raw=b"not json", content_type="text/plain").status == 200


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(lambda owner, task: owner.get(owner.tasks), id="list"),
        pytest.param(lambda owner, task: owner.post(owner.tasks, {"title": "x"}), id="create"),
        pytest.param(lambda owner, task: owner.get(owner.path(task)), id="get"),
        pytest.param(lambda owner, task: owner.put(owner.path(task), {"title": "x"}), id="update"),
        pytest.param(lambda owner, task: owner.patch(owner.path(task) + "/complete"), id="toggle"),
        pytest.param(lambda owner, task: owner.delete(owner.path(task)), id="delete"),
    ],
)
def test_an_operation_that_succeeds_is_one_statement(
    owner: Person, operation: Callable[..., Answer], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    task = owner.has_task()

    with django_assert_num_queries(ONE_STATEMENT):
        answer = operation(owner, task)

    assert answer.status < 300
