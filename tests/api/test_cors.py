"""Scripts of allowed origins can read every response, errors too; no others can, and no cache mixes them up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from pytest_django.fixtures import Settings

from tests.support.faults import raiser, statements_raise
from tests.support.people import Answer, Person
from tests.support.routes import OWN_ROUTES, TOKEN_ROUTES, Route

ORIGIN = "http://localhost:3000"  # what CORS_ORIGINS says
EXPOSED = {"content-disposition", "etag", "idempotency-replayed", "link", "location", "retry-after", "x-request-id"}
FOREIGN = [
    "http://localhost:3001",
    "https://localhost:3000",
    "http://localhost",
    "http://localhost:3000.evil.example",
    "http://evil.example",
    "http://a@localhost:3000",
    "http://127.0.0.1:3000",
    "http://LOCALHOST:3000",
    "HTTP://localhost:3000",
    "http://localhost:3000/",
    "http://localhost:3000/path",
    "http://localhost:3000?q",
    " http://localhost:3000x",
    "http://localhost:3000, http://localhost:3000",
    "capacitor://localhost",
    "null",
    "*",
    "",
    "http://[",
]


# What the browser libraries of Datadog, New Relic, PostHog, Zipkin, AWS X-Ray, Google Cloud, Application Insights,
# Elastic and Jaeger send, and clients with a cache of their own.
MONITORING = {
    *("x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority"),
    *("newrelic", "x-posthog-session-id", "x-posthog-window-id", "x-posthog-distinct-id"),
    *("b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags"),
    *("x-amzn-trace-id", "x-cloud-trace-context", "request-id", "request-context", "elastic-apm-traceparent"),
    *("uber-trace-id", "if-modified-since", "expires"),
}


def names_in(answer: Answer, header: str) -> set[str]:
    """Return the items of a comma-separated header in lower case."""
    return {name.strip().lower() for name in answer.headers.get(header, "").split(",")}


def is_readable(answer: Answer) -> bool:
    """Return whether only a script of the allowed origin can read the response."""
    assert "origin" in names_in(answer, "Vary")
    return (
        answer.headers.get("Access-Control-Allow-Origin") == ORIGIN
        and answer.headers.get("Access-Control-Allow-Credentials") == "true"
        and names_in(answer, "Access-Control-Expose-Headers") >= EXPOSED
    )


@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
def test_the_allowed_origin_can_read_every_response_to_every_caller(
    route: Route, owner: Person, stranger: Person, nobody: Person
) -> None:
    path = route.path("owner", owner.has_task()["id"])

    for person in (nobody, stranger, owner):
        assert is_readable(person.send(route.method, path, route.body, origin=ORIGIN))


ERRORS: dict[str, tuple[int, Callable[[Person], Answer]]] = {
    "unreadable body": (400, lambda owner: owner.send("POST", owner.tasks, raw=b"{", origin=ORIGIN)),
    "foreign host": (400, lambda owner: owner.get("/", origin=ORIGIN, host="evil.example")),
    "no task": (404, lambda owner: owner.get(f"{owner.tasks}/0", origin=ORIGIN)),
    "no such URL": (404, lambda owner: owner.get("/nothing", origin=ORIGIN)),
    "no method": (405, lambda owner: owner.put(owner.tasks, origin=ORIGIN)),
    "no method of a page": (405, lambda owner: owner.post("/docs", origin=ORIGIN)),
    "chunked body": (411, lambda owner: owner.post(owner.tasks, {}, origin=ORIGIN, transfer_encoding="chunked")),
    "large body": (413, lambda owner: owner.send("POST", owner.tasks, raw=b" " * 70_000, origin=ORIGIN)),
    "other type": (415, lambda owner: owner.post(owner.tasks, {}, origin=ORIGIN, content_type="text/plain")),
    "no title": (422, lambda owner: owner.post(owner.tasks, {}, origin=ORIGIN)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_the_allowed_origin_can_read_every_error(owner: Person, name: str) -> None:
    status, send = ERRORS[name]
    answer = send(owner)

    assert answer.status == status
    assert is_readable(answer)


def test_the_allowed_origin_can_read_an_unexpected_error(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with statements_raise(OperationalError()):
        away = owner.get(owner.tasks, origin=ORIGIN)
    monkeypatch.setattr("tasks.views.tasks.list_tasks", raiser(ValueError()))
    fault = owner.get(owner.tasks, origin=ORIGIN)
    monkeypatch.setattr(HttpRequest, "get_host", raiser(ValueError()))
    outside = owner.get(owner.tasks, origin=ORIGIN)

    assert [away.status, fault.status, outside.status] == [503, 500, 500]
    assert all(map(is_readable, (away, fault, outside)))


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_origin_can_read_anything(owner: Person, origin: str, method: str) -> None:
    preflight: dict[str, Any] = {"access_control_request_method": "PUT"} if method == "OPTIONS" else {}

    for path in (owner.tasks, "/api/stranger/tasks", "/nothing", "/", "/openapi.json"):
        answer = owner.send(method, path, origin=origin, **preflight)

        assert not any(name.lower().startswith("access-control-allow") for name in answer.headers)
        assert "origin" in names_in(answer, "Vary")


@pytest.mark.parametrize("path", ["/api/owner/tasks", "/api/owner/tasks/7", "/api/me", "/health", "/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_preflight_needs_no_token_and_allows_what_browsers_ask_for(nobody: Person, path: str, method: str) -> None:
    asked = "authorization,content-type,x-request-id"
    answer = nobody.send(
        "OPTIONS", path, origin=ORIGIN, access_control_request_method=method, access_control_request_headers=asked
    )

    assert (answer.status, answer.content) == (200, b"")
    assert is_readable(answer)
    assert method.lower() in names_in(answer, "Access-Control-Allow-Methods")
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert set(asked.split(",")) <= names_in(answer, "Access-Control-Allow-Headers")


def test_a_preflight_allows_a_list_of_headers_and_no_other(nobody: Person) -> None:
    answer = nobody.send("OPTIONS", "/api/owner/tasks", origin=ORIGIN, access_control_request_method="GET")
    allowed = names_in(answer, "Access-Control-Allow-Headers")

    assert allowed >= {"authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "prefer"}
    assert allowed >= {"x-request-id", "x-requested-with", "sentry-trace", "baggage", "traceparent", "tracestate"}
    assert allowed >= MONITORING
    assert allowed.isdisjoint({"*", "cookie", "host", "x-forwarded-for", "x-user-id"})


@pytest.mark.parametrize("origin", ["capacitor://localhost", "chrome-extension://nmmhkkegccagdldgiimedpiccmgmieda"])
def test_the_origin_of_a_shell_or_an_extension_can_be_allowed(nobody: Person, settings: Settings, origin: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [origin]

    assert nobody.get("/api/me", origin=origin).headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Origin" not in nobody.get("/api/me", origin=f"{origin}/").headers


def test_no_script_of_another_origin_can_read_the_admin(nobody: Person) -> None:
    answer = nobody.get("/admin", origin=ORIGIN)

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_a_response_about_tasks_is_private_and_varies_by_token_and_origin(
    route: Route, owner: Person, stranger: Person, nobody: Person
) -> None:
    path = route.path("owner", owner.has_task()["id"])
    answers = [person.send(route.method, path, route.body) for person in (nobody, stranger, owner)]
    answers += [owner.send("TRACE", path), owner.send(route.method, route.path("owner", "x"), {"title": 5})]
    with statements_raise(OperationalError()):
        answers += [owner.send(route.method, path, route.body)]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert names_in(answer, "Vary") >= {"authorization", "origin"}


def test_if_the_session_cookie_is_accepted_responses_vary_by_it_too(owner: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_SESSION_COOKIE = True
    settings.CREDENTIAL_HEADERS = ["Authorization", "Cookie"]

    for path in (owner.tasks, "/api/me"):
        assert {"Authorization", "Cookie"} <= set(owner.get(path).headers["Vary"].split(", "))
