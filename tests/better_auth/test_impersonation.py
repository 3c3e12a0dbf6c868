"""An administrator of the real admin plugin who acts as a user is named in the history of what they do."""

import psycopg
import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer
from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api


@pytest.mark.parametrize("kind", ["minted, with sid", "session token", "session cache"])
def test_what_an_administrator_does_as_a_user_names_both(our_database: str, kind: str) -> None:
    config = Config(database=our_database, admin=True, sid=True, cookie_cache="jwt")
    with BetterAuthServer(config) as server, Api(our_database, BETTER_AUTH_SHARED_DATABASE="true") as api:
        staff, ada = server.administrator(), server.sign_up()
        staff.post("/api/auth/admin/impersonate-user", {"userId": ada.id}).ok()
        tokens = {
            "minted, with sid": staff.minted,
            "session token": staff.signed_session_token,
            "session cache": staff.session_data_cookie,
        }

        created = api.send("POST", f"/api/{ada.id}/tasks", {"title": "Buy milk"}, **bearer(tokens[kind]()))

        assert created.status == 201
        with psycopg.connect(our_database) as connection:
            actors = connection.execute("SELECT actor FROM task_changes").fetchall()
        assert actors == [(f"{ada.id}, as by {staff.id}",)]
