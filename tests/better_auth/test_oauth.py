"""A command line and an MCP client sign their user in at the real OAuth provider, and do here what the user allowed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.better_auth.oauth import Client, provider, send
from tests.support.api_server import Api, free_port

type Running = tuple[BetterAuthServer, Api]

METADATA = re.compile(r'resource_metadata="([^"]+)"')


@pytest.fixture(params=["shared", "separate"])
def running(our_database: str, separate_database: str, request: pytest.FixtureRequest) -> Iterator[Running]:
    """An OAuth provider, and the API as one of its resources, with its tables and without."""
    port = free_port()
    resource = f"http://127.0.0.1:{port}"
    config = Config(database=our_database, jwt="EdDSA", plugins=provider(resource))
    migrate(config)
    with BetterAuthServer(config) as server:
        settings = {"BETTER_AUTH_URL": server.base_url, "BETTER_AUTH_RESOURCE": resource}
        if request.param == "shared":
            settings |= {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_RECHECK_SECONDS": "0"}
        database = our_database if request.param == "shared" else separate_database
        with Api(database, PORT=str(port), **settings) as api:
            yield server, api


def discovered(api: Api) -> tuple[Client, dict[str, Any]]:
    """A client that knows nothing but the API's URL, and the metadata that its 401 led it to."""
    challenge = api.send("GET", "/api/somebody/tasks")
    assert challenge.status == 401
    (url,) = METADATA.findall(challenge.headers["WWW-Authenticate"])
    metadata = send("GET", url)
    return Client(metadata["authorization_servers"][0]), metadata


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_an_mcp_client_finds_the_sign_in_by_itself_and_reads(running: Running) -> None:
    server, api = running
    ada = server.sign_up()
    client, metadata = discovered(api)

    headers = bearer(client.by_browser(ada, "openid tasks:read", metadata["resource"]))

    assert api.send("GET", f"/api/{ada.id}/tasks", **headers).json == []
    assert api.send("GET", f"/api/{ada.id}/tasks/changes", **headers).status == 200
    refused = api.send("POST", f"/api/{ada.id}/tasks", {"title": "Buy milk"}, **headers)
    assert (refused.status, refused.json["error_code"]) == (403, "INSUFFICIENT_SCOPE")
    assert 'scope="tasks:write"' in refused.headers["WWW-Authenticate"]
    for path in ("/api/me", f"/api/{ada.id}/export"):
        assert api.send("GET", path, **headers).status == 403
    assert api.send("DELETE", f"/api/{ada.id}?confirm={ada.id}", **headers).status == 403


@pytest.mark.parametrize(("scope", "reads", "writes"), [("tasks:read", 200, 403), ("tasks:read tasks:write", 200, 201)])
def test_a_command_line_does_what_its_scopes_allow(running: Running, scope: str, reads: int, writes: int) -> None:
    server, api = running
    ada = server.sign_up()
    client, metadata = discovered(api)

    headers = bearer(client.by_device(ada, scope, metadata["resource"]))

    assert api.send("GET", f"/api/{ada.id}/tasks", **headers).status == reads
    if writes == 403:
        assert api.send("POST", f"/api/{ada.id}/tasks", {"title": "Buy milk"}, **headers).status == 403
    else:
        api.lives_through(ada.id, **headers)


def test_a_token_that_is_not_for_this_api_is_refused(running: Running) -> None:
    server, api = running
    ada = server.sign_up()
    client, metadata = discovered(api)

    tokens = client.by_browser(ada, "openid tasks:read", metadata["resource"])
    without_resource = client.by_browser(ada, "openid tasks:read", None)

    assert api.status(tokens["id_token"], f"/api/{ada.id}/tasks") == 401
    assert api.status(without_resource["access_token"], f"/api/{ada.id}/tasks") == 401


def test_a_sign_out_ends_the_clients_of_that_session_if_the_database_is_shared(running: Running) -> None:
    server, api = running
    ada = server.sign_up()
    client, metadata = discovered(api)
    token = client.by_browser(ada, "tasks:read", metadata["resource"])["access_token"]
    assert api.status(token, f"/api/{ada.id}/tasks") == 200

    ada.sign_out()

    is_shared = "BETTER_AUTH_SHARED_DATABASE" in api.settings
    assert api.status(token, f"/api/{ada.id}/tasks") == (401 if is_shared else 200)
