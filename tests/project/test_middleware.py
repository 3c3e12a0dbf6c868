"""Only requests for pages pass Django's page middleware; every request is finished once, whatever goes wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import got_request_exception, request_finished
from django.dispatch import Signal
from django.test import Client

from tests.support.faults import raiser, written_log
from tests.support.people import Person
from tests.support.routes import OWN_ROUTES, Route

PAGE_MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware.__call__",
    "django.middleware.csp.ContentSecurityPolicyMiddleware.__call__",
    "django.contrib.sessions.middleware.SessionMiddleware.__call__",
    "django.middleware.common.CommonMiddleware.__call__",
    "django.middleware.csrf.CsrfViewMiddleware.__call__",
]


@pytest.fixture
def sent() -> Iterator[Callable[[Signal], list[Any]]]:
    """Collects the senders of a signal."""
    receivers = []

    def collect(signal: Signal) -> list[Any]:
        senders: list[Any] = []

        def receive(sender: Any, **kwargs: Any) -> None:
            senders.append(sender)

        signal.connect(receive, weak=False)
        receivers.append((signal, receive))
        return senders

    yield collect
    for signal, receive in receivers:
        signal.disconnect(receive)


@pytest.mark.parametrize("name", PAGE_MIDDLEWARE)
def test_an_api_request_does_not_reach_the_middleware_of_pages(
    owner: Person, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(name, raiser(AssertionError("reached")))
    owner.client = Client(raise_request_exception=False)

    assert owner.get(owner.tasks).status == 200
    assert [owner.get(path).status for path in ("/", "/health", "/openapi.json", "/adminx")] == [200, 200, 200, 404]
    assert owner.get("/admin/login/").status == owner.get("/docs").status == 500


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/admin/login/"])
def test_a_page_has_the_headers_of_djangos_own_middleware(nobody: Person, db: None, path: str) -> None:
    page = nobody.get(path)

    assert page.status == 200
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


ADDRESSES = [
    "/",
    "/health",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/static/x",
    "/nothing",
    "/%00",
    "/api/me",
    "//",
    "/x/" * 99,
]


@pytest.mark.parametrize("path", [*ADDRESSES, *sorted({route.path("owner") for route in OWN_ROUTES})])
def test_every_answer_has_the_security_headers_and_can_be_read_by_the_allowed_origin(
    owner: Person, nobody: Person, path: str
) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"):
        for person, host in ((nobody, "testserver"), (owner, "testserver"), (owner, "evil.example")):
            answer = person.send(method, path, origin="http://localhost:3000", host=host)

            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["X-Request-ID"]
            if not path.startswith("/static"):
                assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_a_request_is_finished_once_when_its_answer_is_closed(
    owner: Person, sent: Callable[[Signal], list[Any]], route: Route
) -> None:
    path = route.path("owner", owner.has_task()["id"])
    finished = sent(request_finished)

    assert owner.send(route.method, path, route.body).status == route.success
    assert len(finished) == 1


def test_a_failure_outside_the_views_is_sent_to_monitoring_and_logged_with_its_request_id(
    nobody: Person, sent: Callable[[Signal], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("todo_project.middleware.resolve", raiser(ValueError("surprise")))
    reported, finished = sent(got_request_exception), sent(request_finished)

    with written_log() as log:
        answer = nobody.get("/health", x_request_id="the-request")

    assert answer.error == (500, "INTERNAL_ERROR")
    assert len(reported) == len(finished) == 1
    assert "ERROR the-request" in log.getvalue()
    assert "ValueError: surprise" in log.getvalue()


def test_a_view_may_return_a_plain_response(nobody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("todo_project.views.document", lambda: b"{}")

    assert nobody.get("/openapi.json").content == b"{}"
