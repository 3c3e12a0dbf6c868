"""Checks come in one order, 401 → 403 → 404 → the input → 412 → 409: a refusal tells nothing that a later one would."""

import pytest
from pytest_django.fixtures import Settings

from tests.support.people import Answer, Person, TaskJSON
from tests.support.routes import (
    ABSENT,
    OWN_ROUTES,
    REFUSED_BODIES,
    ROUTES_OF_A_TASK,
    ROUTES_WITH_BODY,
    TASK_ROUTES,
    TOKEN_ROUTES,
    Route,
)

ROUTES_WITHOUT_BODY = [route for route in OWN_ROUTES if not route.body]
WRITES_OF_A_TASK = [route for route in ROUTES_OF_A_TASK if route.method != "GET"]
STALE = '"99"'


def send(person: Person, route: Route, path: str, body: str) -> Answer:
    """Send the body of that name to `path`."""
    return person.send(route.method, path, **REFUSED_BODIES[body][0])


@pytest.mark.parametrize("body", REFUSED_BODIES)
@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_401_and_403_never_depend_on_the_body(
    route: Route, body: str, nobody: Person, stranger: Person, kept_task: TaskJSON
) -> None:
    path = route.path("owner", kept_task["id"])

    assert send(nobody, route, path, body).error == (401, "NOT_AUTHENTICATED")
    assert send(stranger, route, path, body).error == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("body", REFUSED_BODIES)
@pytest.mark.parametrize("route", ROUTES_OF_A_TASK, ids=str)
def test_404_never_depends_on_the_body(
    route: Route, body: str, owner: Person, stranger: Person, kept_task: TaskJSON
) -> None:
    absent = send(owner, route, route.path("owner", ABSENT), body)
    anothers = send(stranger, route, route.path("stranger", kept_task["id"]), body)

    assert absent.error == anothers.error == (404, "NOT_FOUND")
    assert absent.json["detail"] == anothers.json["detail"] == "Task not found"


@pytest.mark.parametrize("body", REFUSED_BODIES)
@pytest.mark.parametrize("route", ROUTES_WITH_BODY, ids=str)
def test_a_body_is_looked_at_last(route: Route, body: str, owner: Person, kept_task: TaskJSON) -> None:
    assert send(owner, route, route.path("owner", kept_task["id"]), body).error == REFUSED_BODIES[body][1]


@pytest.mark.parametrize("body", REFUSED_BODIES)
@pytest.mark.parametrize("route", ROUTES_WITHOUT_BODY, ids=str)
def test_a_body_that_nobody_needs_is_not_looked_at(route: Route, body: str, owner: Person) -> None:
    assert send(owner, route, route.path("owner", owner.has_task()["id"]), body).status == route.success


@pytest.mark.parametrize("route", ROUTES_OF_A_TASK, ids=str)
def test_a_path_id_is_looked_at_after_the_path(
    route: Route, owner: Person, stranger: Person, nobody: Person, kept_task: TaskJSON
) -> None:
    path = route.path("owner", f"{kept_task['id']}x")

    assert nobody.send(route.method, path, route.body).error == (401, "NOT_AUTHENTICATED")
    assert stranger.send(route.method, path, route.body).error == (403, "PERMISSION_DENIED")
    assert owner.send(route.method, path, route.body).error == (422, "VALIDATION_ERROR")


def test_a_query_is_looked_at_after_the_path(owner: Person, stranger: Person, nobody: Person) -> None:
    for query in ("?status=", "?sort=age", "?" + "a=1&" * 2000):
        assert nobody.get(owner.tasks + query).error == (401, "NOT_AUTHENTICATED")
        assert stranger.get(owner.tasks + query).error == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
def test_a_method_is_looked_at_after_the_path(
    route: Route, owner: Person, stranger: Person, nobody: Person, kept_task: TaskJSON
) -> None:
    path = route.path("owner", kept_task["id"])

    assert nobody.send("TRACE", path).error == (401, "NOT_AUTHENTICATED")
    if route in OWN_ROUTES:
        assert stranger.send("TRACE", path).error == (403, "PERMISSION_DENIED")
    assert owner.send("TRACE", path).error == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("route", WRITES_OF_A_TASK, ids=str)
def test_a_precondition_is_looked_at_after_the_caller_the_path_and_the_task(
    route: Route, owner: Person, stranger: Person, nobody: Person, kept_task: TaskJSON
) -> None:
    path = route.path("owner", kept_task["id"])

    for tag in (STALE, "no tag", "*"):
        assert nobody.send(route.method, path, route.body, if_match=tag).error == (401, "NOT_AUTHENTICATED")
        assert stranger.send(route.method, path, route.body, if_match=tag).error == (403, "PERMISSION_DENIED")
        for absent in (route.path("stranger", kept_task["id"]), route.path("stranger", ABSENT)):
            assert stranger.send(route.method, absent, route.body, if_match=tag).error == (404, "NOT_FOUND")


@pytest.mark.parametrize("body", REFUSED_BODIES)
@pytest.mark.parametrize("route", [route for route in WRITES_OF_A_TASK if route.body], ids=str)
def test_412_comes_after_the_input(route: Route, body: str, owner: Person, kept_task: TaskJSON) -> None:
    path = route.path("owner", kept_task["id"])
    sent, error = REFUSED_BODIES[body]

    assert owner.send(route.method, path, **sent, if_match=STALE).error == error
    assert owner.send(route.method, path, route.body, if_match=STALE).error == (412, "PRECONDITION_FAILED")


def test_409_comes_after_412_and_the_input(owner: Person, settings: Settings) -> None:
    trashed = owner.has_task()
    owner.delete(owner.path(trashed))
    owner.has_task()
    settings.TASKS_PER_USER_LIMIT = 1
    restore = f"{owner.path(trashed)}/restore"

    assert owner.post(restore, if_match="no tag").error == (400, "PARSE_ERROR")
    assert owner.post(restore, if_match=STALE).error == (412, "PRECONDITION_FAILED")
    assert owner.post(restore, if_match='"2"').error == (409, "TASK_LIMIT_REACHED")
    assert owner.post(owner.tasks, {"title": ""}).error == (422, "VALIDATION_ERROR")
    assert owner.post(owner.tasks, {"title": "x"}, idempotency_key="").error == (400, "PARSE_ERROR")
    assert owner.post(owner.tasks, {"title": "x"}).error == (409, "TASK_LIMIT_REACHED")


@pytest.mark.parametrize("route", [route for route in TASK_ROUTES if route.query], ids=str)
def test_a_bulk_operation_looks_at_its_query_after_the_path(
    route: Route, owner: Person, stranger: Person, nobody: Person, kept_task: TaskJSON
) -> None:
    for query in ("", "?status=", "?status=deleted"):
        path = f"{owner.tasks}{query}"

        assert nobody.send(route.method, path, route.body).error == (401, "NOT_AUTHENTICATED")
        assert stranger.send(route.method, path, route.body).error == (403, "PERMISSION_DENIED")
        assert owner.send(route.method, path, route.body).error == (422, "VALIDATION_ERROR")


def test_a_bulk_operation_is_about_the_callers_own_tasks(owner: Person, stranger: Person, kept_task: TaskJSON) -> None:
    assert stranger.patch(f"{stranger.tasks}?status=all", {"completed": True}).json == {"updated": 0}
    assert stranger.delete(f"{stranger.tasks}?status=all").json == {"deleted": 0}
