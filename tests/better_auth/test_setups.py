"""Each frontend set-up of docs/better-auth.md works against a real Better Auth, of both versions, as written there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer
from tests.better_auth.person import Person
from tests.support.api_server import Api

ORIGIN = "http://localhost:3000"


def bearer(token: str) -> dict[str, str]:
    """The header that carries `token`."""
    return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class Setup:
    """One section of the page: Better Auth's options, the API's settings, and what the frontend sends."""

    options: dict[str, Any]
    sends: Callable[[Person], dict[str, str]]
    settings: dict[str, str] = field(default_factory=dict)
    works_apart: bool = True
    names_url: bool = False


SETUPS = {
    "session cache": Setup({"cookie_cache": "jwt"}, lambda person: bearer(person.session_data_cookie())),
    "minted": Setup({}, lambda person: bearer(person.minted())),
    "jwt EdDSA": Setup({"jwt": "EdDSA"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt with sid": Setup({"jwt": "EdDSA", "sid": True}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt ES256": Setup({"jwt": "ES256"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt ES512": Setup({"jwt": "ES512"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt RS256": Setup({"jwt": "RS256"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt PS256": Setup({"jwt": "PS256"}, lambda person: bearer(person.jwt()), names_url=True),
    "bearer": Setup({"bearer": True}, lambda person: bearer(person.set_auth_token()), works_apart=False),
    "raw": Setup(
        {},
        lambda person: bearer(person.raw_session_token()),
        {"BETTER_AUTH_RAW_SESSION_TOKENS": "true"},
        works_apart=False,
    ),
    "cookie": Setup(
        {},
        lambda person: {"Cookie": "; ".join(f"{n}={v}" for n, v in person.cookies.items()), "Origin": ORIGIN},
        {"BETTER_AUTH_SESSION_COOKIE": "true", "CORS_ORIGINS": ORIGIN},
        works_apart=False,
    ),
    "secure cookie": Setup(
        {"secure_cookies": True},
        lambda person: {"Cookie": "; ".join(f"{n}={v}" for n, v in person.cookies.items()), "Origin": ORIGIN},
        {"BETTER_AUTH_SESSION_COOKIE": "true", "CORS_ORIGINS": ORIGIN},
        works_apart=False,
    ),
}


# Of 1.4, what it does differently: its keys have no `alg`, and it percent-encodes set-auth-token.
CASES = [(name, "1.7") for name in SETUPS]
CASES += [(name, "1.4") for name in ("session cache", "minted", "jwt EdDSA", "jwt RS256", "bearer", "cookie")]


@pytest.mark.parametrize(("name", "version"), CASES)
def test_a_user_who_signed_in_manages_their_tasks(
    our_database: str, separate_database: str, name: str, version: Any
) -> None:
    """With Better Auth in the API's database and, if the set-up allows it, in another one, at the same time."""
    setup = SETUPS[name]
    config = Config(database=our_database, version=version, **setup.options)
    with BetterAuthServer(config) as server:
        url = {"BETTER_AUTH_URL": server.base_url} if setup.names_url else {}
        user = server.sign_up()

        with Api(our_database, BETTER_AUTH_SHARED_DATABASE="true", **setup.settings, **url) as api:
            api.lives_through(user.id, **setup.sends(user))

        if setup.works_apart:
            with Api(separate_database, **setup.settings, **url) as api:
                api.lives_through(user.id, **setup.sends(user))
