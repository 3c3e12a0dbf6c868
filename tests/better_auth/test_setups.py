"""Each frontend set-up of docs/better-auth.md works against a real Better Auth, of both versions, as written there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.better_auth.person import Person
from tests.support.api_server import Api

ORIGIN = "http://localhost:3000"
PREVIEWS = "https://app.example.com,https://*.preview.example.com"


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
    works_shared: bool = True
    names_url: bool = False
    url_variable: str = "BETTER_AUTH_URL"
    url_path: str = ""


SETUPS = {
    "session cache": Setup({"cookie_cache": "jwt"}, lambda person: bearer(person.session_data_cookie())),
    "minted": Setup({}, lambda person: bearer(person.minted())),
    "jwt EdDSA": Setup({"jwt": "EdDSA"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt with sid": Setup({"jwt": "EdDSA", "sid": True}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt ES256": Setup({"jwt": "ES256"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt ES512": Setup({"jwt": "ES512"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt RS256": Setup({"jwt": "RS256"}, lambda person: bearer(person.jwt()), names_url=True),
    "jwt PS256": Setup({"jwt": "PS256"}, lambda person: bearer(person.jwt()), names_url=True),
    "session cache by key": Setup(
        {"jwt": "EdDSA", "cookie_cache": "jwt", "jwt_options": {"sessionCookieCache": True}},
        lambda person: bearer(person.session_data_cookie()),
        names_url=True,
    ),
    "session cache, version 2": Setup(
        {"cookie_cache": "jwt", "options": {"session": {"cookieCache": {"version": "2"}}}},
        lambda person: bearer(person.session_data_cookie()),
        {"BETTER_AUTH_COOKIE_CACHE_VERSION": "2"},
    ),
    "API key": Setup(
        {"sid": True, "plugins": {"apiKey": {"enableSessionForAPIKeys": True}}},
        lambda person: bearer(person.minted_by_api_key()),
    ),
    "preview": Setup(
        {"jwt": "EdDSA", "base_url": "https://todo-git-main.preview.example.com"},
        lambda person: bearer(person.jwt()),
        {"BETTER_AUTH_ISSUER": PREVIEWS, "BETTER_AUTH_AUDIENCE": PREVIEWS},
        works_apart=False,
    ),
    "Neon": Setup(
        {"jwt": "EdDSA", "ids": "uuid", "jwt_options": {"jwks": {"jwksPath": "/.well-known/jwks.json"}}},
        lambda person: bearer(person.jwt()),
        {"BETTER_AUTH_SECRET": ""},
        works_shared=False,
        names_url=True,
        url_variable="NEON_AUTH_BASE_URL",
        url_path="/api/auth",
    ),
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
    "cookie prefix": Setup(
        {"options": {"advanced": {"cookiePrefix": "todo"}}},
        lambda person: {"Cookie": "; ".join(f"{n}={v}" for n, v in person.cookies.items()), "Origin": ORIGIN},
        {"BETTER_AUTH_SESSION_COOKIE": "true", "CORS_ORIGINS": ORIGIN, "BETTER_AUTH_COOKIE_PREFIX": "todo"},
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
    our_database: str, separate_database: str, database: str, name: str, version: Any
) -> None:
    """With Better Auth in the API's database and, if the set-up allows it, in another one, at the same time."""
    setup = SETUPS[name]
    config = Config(database=our_database if setup.works_shared else database, version=version, **setup.options)
    if config.plugins or not setup.works_shared:  # Better Auth's own migration adds the tables of other plugins.
        migrate(config)
    with BetterAuthServer(config) as server:
        url = {setup.url_variable: f"{server.base_url}{setup.url_path}"} if setup.names_url else {}
        user = server.sign_up()

        if setup.works_shared:
            with Api(our_database, BETTER_AUTH_SHARED_DATABASE="true", **setup.settings, **url) as api:
                api.lives_through(user.id, **setup.sends(user))

        if setup.works_apart:
            with Api(separate_database, **setup.settings, **url) as api:
                api.lives_through(user.id, **setup.sends(user))
