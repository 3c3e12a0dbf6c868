"""Somebody who tried the app with the real anonymous plugin signs up, and their tasks are there."""

from typing import Any

import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.better_auth.person import Person
from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, free_port


@pytest.mark.parametrize("place", ["shared", "separate"])
def test_the_tasks_of_a_trial_are_those_of_the_account(our_database: str, separate_database: str, place: str) -> None:
    port = free_port()
    config = Config(database=our_database, plugins={"anonymous": {}}, moves_to=f"http://127.0.0.1:{port}/api/moves")
    migrate(config)
    is_shared = place == "shared"
    settings: dict[str, Any] = {"BETTER_AUTH_RECHECK_SECONDS": "0"}
    if is_shared:
        settings["BETTER_AUTH_SHARED_DATABASE"] = "true"
    with (
        BetterAuthServer(config) as server,
        Api(our_database if is_shared else separate_database, PORT=str(port), **settings) as api,
    ):
        person = Person(server.url, server.origin, "ada@example.com")
        trial = person.post("/api/auth/sign-in/anonymous").ok().json["user"]["id"]
        token = person.minted()
        for title in ("Buy milk", "Buy bread"):
            created = api.send("POST", f"/api/{trial}/tasks", {"title": title}, **bearer(token))
            assert created.status == 201

        person.sign_up("Ada")

        assert person.id != trial
        tasks = api.send("GET", f"/api/{person.id}/tasks", **bearer(person.minted())).json
        assert [task["title"] for task in tasks] == ["Buy bread", "Buy milk"]
        if is_shared:  # Better Auth has deleted the anonymous user.
            assert api.status(token, f"/api/{trial}/tasks") == 401
        else:
            assert api.send("GET", f"/api/{trial}/tasks", **bearer(token)).json == []
