"""The service's own URLs need no token and load nothing from other servers, and no URL redirects."""

import importlib.util
import re
import sys

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from tests.support.people import Person, token_of
from tests.support.routes import PUBLIC_ROUTES, ROUTES, Route
from todo_project import urls

HTML_PAGES = ["/docs", "/redoc"]


def test_the_root_names_the_api_and_its_status(nobody: Person) -> None:
    answer = nobody.get("/")

    assert answer.content == b'{"message":"Todo API v2.0","status":"running"}'
    assert answer.headers["Content-Type"] == "application/json"


def test_health_is_healthy(nobody: Person) -> None:
    assert nobody.get("/health").content == b'{"status":"healthy"}'


@pytest.mark.parametrize("route", PUBLIC_ROUTES, ids=str)
@pytest.mark.parametrize("token", [None, "forged", token_of("owner", exp=1)], ids=["none", "forged", "expired"])
def test_a_public_url_needs_neither_a_token_nor_the_database(
    owner: Person, route: Route, token: str | None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    caller = Person("nobody", token)

    with django_assert_num_queries(0):
        assert caller.get(route.template).status == 200
        assert caller.get(route.template, cookie="sessionid=x; better-auth.session_token=x").status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", sorted({route.template for route in ROUTES}))
def test_a_trailing_slash_makes_no_difference_and_no_redirect(owner: Person, path: str, method: str) -> None:
    path = path.format(user_id="owner", task_id=owner.has_task()["id"])
    body = {"title": "x"} if method == "POST" else None

    spellings = (path.removesuffix("/") or "/", f"{path}/", f"{path}/?a=b")
    answers = [owner.send(method, spelling, body) for spelling in spellings]

    assert len({answer.status for answer in answers}) == 1
    assert answers[0].status not in range(300, 400)
    assert not any("Location" in answer.headers for answer in answers if answer.status != 201)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=str)
def test_head_is_get_without_the_body(owner: Person, route: Route) -> None:
    path = route.path("owner", owner.has_task()["id"])
    head, got = owner.send("HEAD", path), owner.get(path)

    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.mark.parametrize("path", HTML_PAGES)
def test_the_documentation_loads_nothing_from_other_servers(nobody: Person, path: str) -> None:
    page = nobody.get(path)
    html = page.content.decode()
    assets = re.findall(r'(?:src|href|data-document|spec-url)="([^"]*)"', html)

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "//" not in html
    assert len(assets) >= 3
    assert "/openapi.json" in assets
    for address in assets:
        asset = nobody.client.get(address)
        assert asset.getvalue()  # This also closes the file.
        assert asset.status_code == 200


@pytest.mark.parametrize("path", HTML_PAGES)
def test_the_documentations_policy_forbids_other_servers(nobody: Person, path: str) -> None:
    header = nobody.get(path).headers["Content-Security-Policy"]
    policy = dict(part.strip().partition(" ")[::2] for part in header.split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert set(" ".join(policy.values()).split()) <= {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}


def test_the_openapi_document_is_json(nobody: Person) -> None:
    answer = nobody.get("/openapi.json")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["openapi"].startswith("3.1")


@pytest.fixture(params=["", "v2", "todo/v2"])
def prefix(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Load the URL configuration as it is with that API_PREFIX."""
    settings.API_PREFIX = request.param
    spec = importlib.util.spec_from_file_location("urls_elsewhere", urls.__file__)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "urls_elsewhere", module)
    settings.ROOT_URLCONF = "urls_elsewhere"
    return f"/{request.param}".rstrip("/")


@pytest.mark.django_db
def test_api_prefix_moves_the_api(prefix: str) -> None:
    caller = Person("owner", token_of("owner"))
    caller.tasks = f"{prefix}/owner/tasks"

    created = caller.post(caller.tasks, {"title": "x"})

    assert created.status == 201
    assert created.headers["Location"] == f"{caller.tasks}/{created.json['id']}"
    assert caller.get(created.headers["Location"] + "/").json == created.json
    assert caller.get(f"{prefix}/me").json["id"] == caller.get(f"{prefix}/auth/me").json["id"] == "owner"
    assert caller.get("/api/owner/tasks").status == caller.get("/api/me").status == 404
    assert caller.get("/health").status == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/health", "/openapi.json", "/nothing", "/api/me"])
def test_a_response_has_its_content_length(nobody: Person, path: str) -> None:
    answer = nobody.get(path)

    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_a_response_without_a_body_has_no_content_length(owner: Person) -> None:
    assert "Content-Length" not in owner.delete(owner.path(owner.has_task())).headers
