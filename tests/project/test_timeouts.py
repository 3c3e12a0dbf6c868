"""What waits too long in the database is given up and answered 503."""

import psycopg
import pytest
from pytest_django.fixtures import Settings

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of
from todo_project.database import prepare_statements, serving

NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@pytest.mark.parametrize(("is_serving", "expected"), [(True, ["7s", "8s", "9s"]), (False, ["0", "0", "0"])])
def test_the_connections_of_requests_have_time_outs(
    django_db_setup: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_serving: bool, expected: list[str]
) -> None:
    settings.STATEMENT_TIMEOUT_MS, settings.LOCK_TIMEOUT_MS = 7000, 8000
    settings.IDLE_IN_TRANSACTION_TIMEOUT_MS = 9000
    monkeypatch.setattr(serving, "is_on", is_serving)

    with psycopg.connect(server_url()) as connection:
        prepare_statements(connection)

        assert [connection.execute(f"SHOW {name}").fetchone()[0] for name in NAMES] == expected  # type: ignore[index]


def test_a_write_that_waits_too_long_for_a_lock_is_503_and_not_done(django_db_setup: None) -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, DATABASE_LOCK_TIMEOUT_MS="200") as api, psycopg.connect(url) as holder:
            headers = {"Authorization": f"Bearer {token_of('ada', secret=api.secret)}"}
            assert api.send("POST", "/api/ada/tasks", {"title": "Buy milk"}, **headers).status == 201
            holder.execute("SELECT FROM task_lists FOR UPDATE")
            refused = api.send("POST", "/api/ada/tasks", {"title": "Buy bread"}, **headers)
            holder.rollback()

            assert (refused.status, refused.json["error_code"]) == (503, "SERVICE_UNAVAILABLE")
            assert refused.headers["Retry-After"] == "2"
            assert len(api.send("GET", "/api/ada/tasks", **headers).json) == 1
