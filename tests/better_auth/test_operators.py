"""Better Auth obeys what operators do in a shared database: it signs out, refuses the banned, and lets them in again."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer
from tests.better_auth.project import LabError
from tests.support.api_server import Api, manage

SETTINGS = {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_RECHECK_SECONDS": "0"}


@pytest.fixture(params=["1.7", "1.4"])
def running(our_database: str, request: pytest.FixtureRequest) -> Iterator[tuple[BetterAuthServer, Api]]:
    """A Better Auth without a cookie cache, and the API that asks its rows at every request."""
    config = Config(database=our_database, version=request.param, jwt="EdDSA", sid=True, admin=True, bearer=True)
    with BetterAuthServer(config) as server, Api(our_database, BETTER_AUTH_URL=server.base_url, **SETTINGS) as api:
        yield server, api


def do(api: Api, act: str, user_id: str, *arguments: Any) -> None:
    """Do what the errand of this name does, in a process of its own, as another worker would."""
    called = ", ".join(map(repr, (user_id, *arguments)))
    ended = manage(api.database, "shell", "-c", f"from accounts import standing; standing.{act}({called})", **SETTINGS)
    assert ended.returncode == 0, ended.stderr


def test_who_is_signed_out_everywhere_is_signed_out_in_better_auth(running: tuple[BetterAuthServer, Api]) -> None:
    server, api = running
    person = server.sign_up()
    other = server.sign_up("ben@example.com", name="Ben")
    token, twin = person.jwt(), person.twin()
    assert api.status(token) == 200

    do(api, "sign_out", person.id)

    assert (person.session(), twin.session()) == (None, None)
    assert api.status(token) == 401
    assert other.session() is not None
    assert api.status(server.sign_in(person).jwt()) == 200


def test_who_is_banned_cannot_sign_in_until_the_ban_is_lifted(running: tuple[BetterAuthServer, Api]) -> None:
    server, api = running
    person = server.sign_up()
    token = person.jwt()

    do(api, "ban", person.id, "Sends spam", None)

    assert person.session() is None
    assert api.status(token) == 401
    with pytest.raises(LabError, match="banned"):
        server.sign_in(person)
    do(api, "lift_ban", person.id)
    assert api.status(server.sign_in(person).jwt()) == 200


def test_who_is_blocked_signs_in_and_is_refused_here(running: tuple[BetterAuthServer, Api]) -> None:
    server, api = running
    person = server.sign_up()
    token = person.jwt()

    do(api, "block", person.id, "Sends spam", "anna")

    assert api.status(token) == 401
    assert api.status(server.sign_in(person).jwt()) == 401
    do(api, "unblock", person.id)
    assert api.status(token) == 200
