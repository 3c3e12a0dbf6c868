"""Gone means gone: with the database shared, a token ends with the session, the ban or the deletion in Better Auth.

Better Auth's cookie cache goes on giving out new JWTs to kept cookies for minutes; they are refused as well.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer
from tests.better_auth.person import Person
from tests.support.api_server import Api

type Running = tuple[BetterAuthServer, Api]


@pytest.fixture(params=["1.7", "1.4"])
def running(our_database: str, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A Better Auth with everything on, and the API that asks its rows at every request."""
    config = Config(
        database=our_database, version=request.param, jwt="EdDSA", sid=True, admin=True, bearer=True, cookie_cache="jwt"
    )
    with BetterAuthServer(config) as server:
        settings = {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_RECHECK_SECONDS": "0"}
        with Api(our_database, BETTER_AUTH_URL=server.base_url, **settings) as api:
            yield server, api


def tokens_of(person: Person) -> dict[str, str]:
    """One of each kind that names its session, made now."""
    return {
        "jwt with sid": person.jwt(),
        "session cache": person.session_data_cookie(),
        "signed session": person.set_auth_token(),
    }


def statuses(api: Api, tokens: dict[str, str]) -> dict[str, int]:
    """What the API says to each."""
    return {kind: api.status(token) for kind, token in tokens.items()}


def everybody(tokens: dict[str, Any], status: int) -> dict[str, int]:
    """The same status for each."""
    return dict.fromkeys(tokens, status)


def test_after_sign_out(running: Running) -> None:
    server, api = running
    person = server.sign_up()
    kept = person.twin()
    tokens = {**tokens_of(person), "minted with sid": person.minted()}
    assert statuses(api, tokens) == everybody(tokens, 200)

    person.sign_out()

    assert statuses(api, tokens) == everybody(tokens, 401)
    assert api.status(kept.jwt()) == 401, "a new JWT for a session that has ended"


@pytest.mark.parametrize("version", ["1.7", "1.4"])
def test_a_token_that_names_no_session_lasts_beyond_sign_out_and_not_beyond_deletion(
    our_database: str, version: Any
) -> None:
    with BetterAuthServer(Config(database=our_database, version=version, jwt="EdDSA")) as server:
        settings = {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_RECHECK_SECONDS": "0"}
        with Api(our_database, BETTER_AUTH_URL=server.base_url, **settings) as api:
            person = server.sign_up()
            tokens = {"jwt": person.jwt(), "minted": person.minted()}

            person.sign_out()
            assert statuses(api, tokens) == everybody(tokens, 200)

            server.sign_in(person).delete_user()
            assert statuses(api, tokens) == everybody(tokens, 401)


def test_during_a_ban(running: Running) -> None:
    server, api = running
    staff, person = server.administrator(), server.sign_up()
    kept = person.twin()
    tokens = {**tokens_of(person), "minted": person.minted()}

    staff.ban_user(person.id)

    assert statuses(api, tokens) == everybody(tokens, 401)
    assert api.status(kept.jwt()) == 401
    staff.unban_user(person.id)
    assert api.status(server.sign_in(person).jwt()) == 200


def test_after_deletion(running: Running) -> None:
    server, api = running
    person = server.sign_up()
    kept = person.twin()
    tokens = {**tokens_of(person), "minted": person.minted()}

    person.delete_user()

    assert statuses(api, tokens) == everybody(tokens, 401)
    assert api.status(kept.jwt()) == 401
