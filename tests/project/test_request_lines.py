"""With LOG_FORMAT=json each request is one JSON object, which contains no user id, no token and no task text."""

import io
import json
import logging
import os
import re
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from pytest_django.fixtures import Settings

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import Person, token_of
from todo_project.logging import JSONFormatter
from todo_project.server.access_log import hash_of, template_of


@pytest.fixture(autouse=True)
def json_lines(django_db_setup: None, django_db_blocker: Any, settings: Settings) -> None:
    with django_db_blocker.unblock():  # The application looks at the database when it is imported.
        import todo_project.wsgi  # noqa: F401
    settings.LOG_FORMAT = "json"


def line_of(
    capfd: pytest.CaptureFixture[str], person: Person, method: str, path: str, body: bytes = b"", **headers: Any
) -> dict[str, Any]:
    """Send a request to the WSGI application, and return its line."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "q=secret",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        **headers,
    }
    if person.token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {person.token}"
    from todo_project.wsgi import application

    capfd.readouterr()
    request_finished.disconnect(close_old_connections)  # The test has a transaction open.
    try:
        response: Any = application(environ, lambda *_: None)
        b"".join(response)
        response.close()
    finally:
        request_finished.connect(close_old_connections)
    (line,) = capfd.readouterr().out.splitlines()
    assert not {"secret", person.id, person.token} & set(line.split('"'))
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_line_has_route_status_statements_and_the_hash_of_the_user(django_db_setup: None) -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url) as api:
            bearer = {"Authorization": f"Bearer {token_of('ada', secret=api.secret)}"}
            made = api.send("POST", "/api/ada/tasks", {"title": "a secret"}, **bearer)
            path = f"/api/ada/tasks/{made.json['id']}"
            assert api.send("GET", path, **bearer, **{"X-Request-ID": "the-id"}).status == 200
            log = os.pread(api.log.fileno(), 1_000_000, 0).decode()

    (text,) = [line for line in log.splitlines() if '"request_id_in":"the-id"' in line]
    line = json.loads(text)
    assert line.pop("time").endswith("Z")
    assert line.pop("ms") > 0
    assert len(line.pop("user")) == 16
    assert line == {
        "request_id": "the-id",
        "request_id_in": "the-id",
        "method": "GET",
        "route": "/api/{user_id}/tasks/{task_id}",
        "status": 200,
        "statements": 1,
    }
    assert not re.search("secret|ada|Bearer", log)


def test_prepared_statements_and_those_of_the_orm_are_counted(django_db_setup: None) -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url) as api:
            bearer = {"Authorization": f"Bearer {token_of('ada', secret=api.secret)}"}
            for path in ("/api/me", "/api/me", "/api/ada/tasks"):
                assert api.send("GET", path, **bearer).status == 200
            log = os.pread(api.log.fileno(), 1_000_000, 0).decode()

    lines = [json.loads(line) for line in log.splitlines() if '"GET","route":"/api' in line]
    # The first has the prepared look-up of its user before the ORM's, the second only the ORM's, the third no ORM.
    assert [line["statements"] for line in lines] == [2, 1, 1]


def test_an_unacceptable_request_id_is_not_repeated(owner: Person, capfd: pytest.CaptureFixture[str]) -> None:
    line = line_of(capfd, owner, "GET", "/health", HTTP_X_REQUEST_ID='"forged"\n{')

    assert line["request_id_in"] is None
    assert len(line["request_id"]) == 36
    assert (line["route"], line["user"], line["statements"]) == ("/health", None, 0)


def test_an_unknown_url_has_no_route(nobody: Person, db: None, capfd: pytest.CaptureFixture[str]) -> None:
    line = line_of(capfd, nobody, 'A"B', "/secret")

    assert (line["route"], line["status"], line["method"]) == (None, 404, 'A"B')


@pytest.mark.parametrize(
    ("path", "route"), [("/api/owner/tasks/", "/api/{user_id}/tasks"), ("/nothing", None)], ids=["route", "no route"]
)
def test_a_body_that_came_too_late_is_a_line_with_its_route_and_changes_nothing(
    owner: Person, capfd: pytest.CaptureFixture[str], path: str, route: str | None
) -> None:
    body = b'{"title": "Too late"}'

    line = line_of(capfd, owner, "POST", path, body, HTTP_X_REQUEST_ID="the-id", **{"todo.body_error": 408})

    assert (line["route"], line["status"], line["request_id"], line["statements"]) == (route, 408, "the-id", 0)
    assert owner.get(owner.tasks).json == []


def test_two_users_have_two_hashes() -> None:
    assert hash_of("ada") == hash_of("ada") != hash_of("bob")


def test_a_route_without_parameters_is_its_own_template() -> None:
    assert [template_of(route) for route in (None, "", "admin/<path:object_id>/x/")] == [
        None,
        "/",
        "/admin/{object_id}/x/",
    ]


def test_an_event_is_one_json_object_with_its_traceback() -> None:
    text_of_postgresql = "surprise\nDETAIL: secret"
    try:
        raise ValueError(text_of_postgresql)
    except ValueError as error:
        record = logging.LogRecord(
            "tasks", logging.ERROR, __file__, 1, "It %s", ("failed",), (ValueError, error, error.__traceback__)
        )

    text = JSONFormatter().format(record)

    assert text.count("\n") == 0
    event = json.loads(text)
    assert (event["level"], event["logger"], event["request_id"]) == ("ERROR", "tasks", "-")
    assert event["message"].startswith("It failed\nTraceback")
    assert "surprise" in event["message"]
    assert "secret" not in event["message"]
