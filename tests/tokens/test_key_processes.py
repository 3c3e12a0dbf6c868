"""Every worker of every process knows the last good keys from its first request on, also right after a restart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.key_server import KeyServer, running
from tests.support.tokens import ORIGIN, key, plugin

WORKERS = 3
CALLS = 30


@pytest.fixture
def server() -> Iterator[KeyServer]:
    """It publishes one key."""
    with running() as server:
        server.publish(key("EdDSA"))
        yield server


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of a migrated database."""
    with fresh_database(server_url()) as url:
        migrated = manage(url, "migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr
        yield url


def api(database: str, server: KeyServer) -> Api:
    """The API with some workers, whose keys come from `server`."""
    settings = {"BETTER_AUTH_JWKS_URL": server.url, "BETTER_AUTH_ISSUER": ORIGIN, "BETTER_AUTH_AUDIENCE": ORIGIN}
    return Api(database, WEB_CONCURRENCY=str(WORKERS), **settings)


def first_requests(running_api: Api) -> list[int]:
    """The statuses of many calls at once, each with a token of its own, so that all workers get some."""
    tokens = [key("EdDSA").token(plugin(n=n)) for n in range(CALLS)]
    with ThreadPoolExecutor(CALLS) as callers:
        return list(callers.map(running_api.status, tokens))


def test_after_a_restart_in_an_outage_every_worker_accepts_a_known_key(database: str, server: KeyServer) -> None:
    with api(database, server) as before:
        assert before.status(key("EdDSA").token()) == 200
    server.hang()
    fetched = server.requests

    with api(database, server) as after:
        assert first_requests(after) == [200] * CALLS
        assert after.status(key("EdDSA", "unknown").token()) == 503
    assert server.requests > fetched


def test_while_unknown_kids_flood_a_server_that_hangs_every_known_key_is_accepted(
    database: str, server: KeyServer
) -> None:
    with api(database, server) as running_api:
        assert running_api.status(key("EdDSA").token()) == 200
        server.hang()

        with ThreadPoolExecutor(60) as flood:
            unknown = [key("EdDSA", "unknown").token(kid=f"unknown-{n}") for n in range(200)]
            refused = [flood.submit(running_api.status, token) for token in unknown]
            assert first_requests(running_api) == [200] * CALLS
            assert {call.result() for call in refused} == {503}
