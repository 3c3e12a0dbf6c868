"""Hundreds of hostile requests: none is a fault of ours, and none reads or changes another user's tasks."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tasks.models import Task
from tests.support import hostile
from tests.support.people import Answer, Person, TaskJSON
from tests.support.routes import OWN_ROUTES, Route

SECRET_TEXT = b"Two litres"  # the description of the owner's task


def raw(person: Person, method: str, path: str, **environ: Any) -> Answer:
    """Send a path as the server hands it over, which no client's own idea of a URL has touched."""
    as_latin_1 = path.encode("utf-8", "surrogateescape").decode("latin-1")
    headers = {"authorization": f"Bearer {person.token}"}
    return Answer(person.client.generic(method, "/", PATH_INFO=as_latin_1, headers=headers, **environ))


def faults(answers: Iterable[tuple[object, Answer]]) -> list[tuple[object, int]]:
    """Those of the answers that are a fault of ours or tell what the owner wrote."""
    return [(sent, answer.status) for sent, answer in answers if answer.status >= 500 or SECRET_TEXT in answer.content]


def attack(route: Route, attacker: Person, task: TaskJSON, **sent: Any) -> Answer:
    """The route, on the owner's path."""
    return attacker.send(route.method, route.path("owner", task["id"]), **{"body": route.body, **sent})


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_no_hostile_token_opens_a_route(route: Route, nobody: Person, kept_task: TaskJSON) -> None:
    answers = [
        (token[:80], attack(route, nobody, kept_task, authorization=f"Bearer {token}")) for token in hostile.tokens()
    ]

    assert len(answers) > 60
    assert faults(answers) == []
    assert {answer.status for _, answer in answers} <= {401, 403}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_no_hostile_path_reaches_anothers_task(method: str, stranger: Person, kept_task: TaskJSON) -> None:
    answers = [(path[:80], raw(stranger, method, path)) for path in hostile.paths(kept_task["id"])]

    assert len(answers) > 80
    assert faults(answers) == []


def test_no_hostile_header_reaches_anothers_task(stranger: Person, kept_task: TaskJSON) -> None:
    for route in OWN_ROUTES:
        answers = [(headers, attack(route, stranger, kept_task, **headers)) for headers in hostile.HEADERS]

        assert faults(answers) == []
        assert {answer.status for _, answer in answers} <= {400, 401, 403}


def test_no_hostile_header_breaks_ones_own_requests(owner: Person) -> None:
    for route in OWN_ROUTES:
        for headers in hostile.HEADERS:
            answer = attack(route, owner, owner.has_task(), **headers)

            allowed = {route.success, 400, 401, 411, 415} | ({304} if "if_none_match" in headers else set())
            assert answer.status in allowed, headers


def test_no_hostile_body_is_a_fault_or_reaches_anothers_task(stranger: Person, kept_task: TaskJSON) -> None:
    own = stranger.post("/api/stranger/tasks", {"title": "mine"}).json
    sent = list(hostile.bodies(kept_task["id"]))
    answers = [(body[:80], stranger.send("PUT", stranger.path(own), raw=body)) for body in sent]
    answers += [(body[:80], stranger.send("POST", stranger.path(kept_task), raw=body)) for body in sent]
    Task.objects.filter(pk=own["id"]).delete()

    assert len(answers) > 250
    assert faults(answers) == []


@pytest.mark.parametrize("method", hostile.METHODS, ids=lambda method: ascii(method[:10]))
def test_no_hostile_method_is_a_fault_or_reaches_anothers_task(
    method: str, stranger: Person, kept_task: TaskJSON
) -> None:
    paths = ["/", "/docs", "/nothing", "/api/me", *(route.path("owner", kept_task["id"]) for route in OWN_ROUTES)]

    assert faults((path, raw(stranger, method, path)) for path in paths) == []


def test_no_token_is_taken_from_anywhere_but_its_header(nobody: Person, owner: Person, kept_task: TaskJSON) -> None:
    for name in ("access_token", "token", "authorization", "bearer", "jwt"):
        assert nobody.get(f"{owner.tasks}?{name}={owner.token}").status == 401
        assert nobody.get(owner.tasks, cookie=f"{name}={owner.token}").status == 401
        assert nobody.post(owner.tasks, {"title": "x", name: owner.token}).status == 401
        assert nobody.get(owner.tasks, **{f"x_{name}": owner.token}).status == 401
    assert nobody.get(owner.tasks, authorization=f"Bearer {owner.token},Bearer {owner.token}").status == 401


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
members = st.dictionaries(st.sampled_from(["title", "description", "completed", "id", "user_id", "x"]), json_values)
queries = st.text(st.sampled_from("status=pendingcompletedsorttitle&;%+0\0\xe9\u4e2d"), max_size=40)
anything = hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@anything
@given(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]), st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_in_a_path_is_a_fault(stranger: Person, kept_task: TaskJSON, method: str, text: str) -> None:
    for path in (f"/api/{text}/tasks", f"/api/stranger/tasks/{text}", f"/api/{text}", f"/{text}"):
        assert faults([(path, raw(stranger, method, path))]) == []


@anything
@given(members | json_values, queries)
def test_no_json_and_no_query_is_a_fault(owner: Person, body: Any, query: str) -> None:
    task = owner.has_task()

    assert owner.put(owner.path(task), body).status in {200, 400, 422}
    assert owner.post(owner.tasks, body).status in {201, 400, 422}
    assert owner.get(f"{owner.tasks}?{query}").status in {200, 422}
