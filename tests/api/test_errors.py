"""Every response of 400 and above, on every URL, whatever goes wrong, has one JSON body; only /admin answers HTML."""

from typing import Any

import pytest
from django.contrib.auth.models import User as StaffUser
from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.exceptions import Throttled

from tests.support.faults import raiser, statements_raise
from tests.support.people import Person, token_of
from tests.support.routes import OWN_ROUTES, PARSE_ERROR, ROUTES, TOKEN_ROUTES, Route

INTERNAL_ERROR = {"detail": "Internal server error", "error_code": "INTERNAL_ERROR", "status_code": 500}
UNROUTED = [
    "/nothing",
    "/api",
    "/api/owner/nothing",
    "/api/owner/task",
    "/api/owner/tasks/7/x",
    "/api/owner/tasks/7/complete/x",
    "/api/owner/tasks//",
    "/api//tasks",
    "/API/owner/tasks",
    "/api/owner/tasks.json",
    "/api/%FF%00/nothing",
    "/docs/x",
    "/redocs",
    "/adminx",
    "/static/nothing.js",
    "/favicon.ico",
    "/openapi.yaml",
    "/health.json",
    "/*",
]


@pytest.fixture(params=[False, True], ids=["production", "DEBUG"])
def debug(request: pytest.FixtureRequest, settings: Settings) -> None:
    """Errors are the same with DEBUG, for which Django has its own error pages."""
    settings.DEBUG = request.param


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("path", UNROUTED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unrouted_url_is_404_in_json(nobody: Person, method: str, path: str) -> None:
    answer = nobody.send(method, path, {"x": 1} if method == "POST" else None, accept="text/html")

    assert answer.error == (404, "NOT_FOUND")
    assert answer.json == {"detail": "Not found.", "error_code": "NOT_FOUND", "status_code": 404}


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:x", "a b", "[::1", "a,localhost"]
)
def test_a_foreign_host_name_is_400_in_json_that_names_the_setting(nobody: Person, host: str) -> None:
    for path in ("/", "/api/owner/tasks", "/docs", "/nothing", "/admin/", "/healthx", "/static/x"):
        answer = nobody.get(path, host=host)

        assert answer.error == PARSE_ERROR
        assert list(answer.json) == ["detail", "error_code", "status_code"]
        assert "ALLOWED_HOSTS" in answer.json["detail"]
        assert host not in answer.json["detail"]


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "3f2a91c0b7de", "healthcheck.railway.app", "my_pod", "a b", ""])
@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_a_health_check_is_answered_under_every_host_name(nobody: Person, host: str, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = nobody.send(method, path, host=host)

        assert answer.status == 200
    assert nobody.get(path, host=host).json == {"status": "healthy"}


def test_a_foreign_host_name_is_400_in_json_with_https_redirects_too(nobody: Person, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    nobody.client = Client(raise_request_exception=False)

    assert nobody.get("/api/owner/tasks", host="evil.example").error == PARSE_ERROR


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("path", sorted({route.template for route in ROUTES}))
def test_a_method_that_a_url_does_not_support_is_405_with_the_supported_ones(owner: Person, path: str) -> None:
    owner.client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    allowed = {route.method for route in ROUTES if route.template == path}
    allowed |= {"HEAD"} if "GET" in allowed else set()

    for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - allowed:
        answer = owner.send(method, path.format(user_id="owner", task_id=7))

        assert answer.error == (405, "METHOD_NOT_ALLOWED"), method
        assert set(answer.headers["Allow"].split(", ")) == allowed | {"OPTIONS"}


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "text/plain;q=0.1", "*/*;q=0", "x", ""])
def test_responses_are_json_whatever_accept_says(owner: Person, accept: str) -> None:
    for path, status in ((owner.tasks, 200), ("/api/stranger/tasks", 403), ("/nothing", 404), ("/", 200)):
        answer = owner.get(path, accept=accept)

        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")


def test_more_than_1000_parameters_are_400(owner: Person) -> None:
    assert owner.get(owner.tasks + "?" + "&".join(f"a{n}=1" for n in range(1001))).error == PARSE_ERROR


def test_only_a_validation_error_names_the_invalid_fields(owner: Person) -> None:
    assert list(owner.post(owner.tasks, {}).json) == ["detail", "error_code", "status_code", "errors"]
    assert list(owner.post(owner.tasks).json) == ["detail", "error_code", "status_code"]


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("error", [ValueError("Buy milk"), DataError("Buy milk"), RecursionError()], ids=repr)
def test_an_unexpected_error_is_500_without_details(
    owner: Person, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr("tasks.views.tasks.list_tasks", raiser(error))

    answer = owner.get(owner.tasks)

    assert answer.error == (500, "INTERNAL_ERROR")
    assert answer.json == INTERNAL_ERROR


@pytest.mark.usefixtures("debug")
def test_an_unexpected_error_outside_the_views_is_500_in_json_too(
    nobody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpRequest, "get_host", raiser(ValueError("Buy milk")))

    for path in ("/", "/api/owner/tasks", "/docs"):
        assert nobody.get(path).json == INTERNAL_ERROR


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_an_unavailable_database_is_503(owner: Person, route: Route, error: type[Exception]) -> None:
    path = route.path("owner", owner.has_task()["id"])

    with statements_raise(error("server closed the connection")):
        answer = owner.send(route.method, path, route.body)

    assert answer.error == (503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.django_db
@pytest.mark.parametrize("route", TOKEN_ROUTES, ids=str)
def test_an_unavailable_database_is_503_for_a_new_user_too(route: Route) -> None:
    newcomer = Person("newcomer", token_of("newcomer"))

    with statements_raise(OperationalError("server closed the connection")):
        answer = newcomer.send(route.method, route.path("newcomer"), route.body)

    assert answer.error == (503, "SERVICE_UNAVAILABLE")


def test_a_request_that_needs_no_database_sends_no_query(
    owner: Person, nobody: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    refusals: list[Any] = []
    with django_assert_num_queries(0):
        refusals += [nobody.get("/nothing"), owner.get("/nothing"), owner.post(owner.tasks, {})]
        refusals += [nobody.get(owner.tasks), owner.get(owner.tasks + "?sort="), owner.get(owner.tasks + "/x")]

    assert [answer.status for answer in refusals] == [404, 404, 422, 401, 422, 422]


@pytest.mark.parametrize(("wait", "retry_after"), [(30, "30"), (None, None)])
def test_too_many_requests_are_429(
    owner: Person, monkeypatch: pytest.MonkeyPatch, wait: int | None, retry_after: str | None
) -> None:
    monkeypatch.setattr("tasks.views.tasks.list_tasks", raiser(Throttled(wait)))

    answer = owner.get(owner.tasks)

    assert answer.error == (429, "THROTTLED")
    assert answer.headers.get("Retry-After") == retry_after


@pytest.mark.django_db
def test_errors_of_admin_pages_stay_html(settings: Settings) -> None:
    settings.DEBUG = False
    client = Client(enforce_csrf_checks=True)

    refused = client.post("/admin/login/", {"username": "x", "password": "y"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (403, "text/html; charset=utf-8")

    client.force_login(StaffUser.objects.create_superuser("staff"))
    missing = client.get("/admin/tasks/nothing/")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("error", "answered"), [(Http404(), (404, "NOT_FOUND")), (PermissionDenied(), (403, "PERMISSION_DENIED"))]
)
def test_djangos_not_found_and_permission_denied_get_the_same_body(
    owner: Person, monkeypatch: pytest.MonkeyPatch, error: Exception, answered: tuple[int, str]
) -> None:
    monkeypatch.setattr("tasks.views.tasks.list_tasks", raiser(error))

    assert owner.get(owner.tasks).error == answered
