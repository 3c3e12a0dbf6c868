"""Every database that Better Auth's own tools make works: its own migration's, Drizzle's and Prisma's.

Each is made by the real tool, and a real Better Auth with that tool's adapter runs on it beside the API.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer, LabError, migrate, push
from tests.better_auth.person import Person
from tests.better_auth.shapes import SHAPES, Shape
from tests.support.api_server import Api, manage

ALL = {"jwt": "EdDSA", "sid": True, "admin": True, "bearer": True, "cookie_cache": "jwt"}
ORIGIN = "http://localhost:3000"
ACCEPT_ALL = {
    "BETTER_AUTH_RECHECK_SECONDS": "0",
    "BETTER_AUTH_RAW_SESSION_TOKENS": "true",
    "BETTER_AUTH_SESSION_COOKIE": "true",
    "CORS_ORIGINS": ORIGIN,
}


def headers_of(person: Person) -> dict[str, dict[str, str]]:
    """What a frontend can send, by kind of token."""
    tokens = {
        "jwt": person.jwt(),
        "minted": person.minted(),
        "session cache": person.session_data_cookie(),
        "signed session": person.set_auth_token(),
        "raw session": person.raw_session_token(),
    }
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    return {
        **{kind: {"Authorization": f"Bearer {token}"} for kind, token in tokens.items()},
        "cookie": {"Cookie": cookies, "Origin": ORIGIN},
    }


def statuses(api: Api, headers: dict[str, dict[str, str]]) -> dict[str, int]:
    return {kind: api.send("GET", "/api/me", **sent).status for kind, sent in headers.items()}


def rows(database: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]  # Not a literal.


def migrated(database: str, shape: Shape) -> None:
    ended = manage(database, "migrate", "--verbosity=0", **shape.settings())
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("before", [True, False], ids=["migrated before the first user", "migrated after"])
@pytest.mark.parametrize("name", SHAPES)
def test_users_live_their_whole_life_beside_the_api(database: str, name: str, before: bool) -> None:
    shape = SHAPES[name]
    config = shape.config(database, **ALL)
    migrate(config)
    if before:
        migrated(database, shape)
    with BetterAuthServer(config) as server:
        ada = server.sign_up("Ada@Example.com")
        if not before:
            migrated(database, shape)
        # A second sign-up, because the API's triggers are on the table of users now.
        bob = server.sign_up("bob@example.com", name="Bob")
        with Api(database, **shape.settings(BETTER_AUTH_URL=server.base_url, **ACCEPT_ALL)) as api:
            staff = server.administrator()
            for person in (ada, bob):
                for sent in headers_of(person).values():
                    api.lives_through(person.id, **sent)
                sent = headers_of(person)["jwt"]
                assert api.send("POST", f"/api/{person.id}/tasks", {"title": "Buy milk"}, **sent).status == 201

            user = api.send("GET", f"/api/{ada.id}/export", **headers_of(ada)["jwt"]).ok().json["user"]
            assert (user["email"], user["email_verified"], bool(user["banned"])) == ("ada@example.com", False, False)
            assert user["created_at"].endswith("Z")

            sent = headers_of(bob)
            staff.ban_user(bob.id, seconds=3600)
            assert statuses(api, sent) == dict.fromkeys(sent, 401)
            staff.unban_user(bob.id)
            bob = server.sign_in(bob)
            sent = headers_of(bob)
            assert statuses(api, sent) == dict.fromkeys(sent, 200)
            bob.sign_out()
            assert statuses(api, sent) == dict.fromkeys(sent, 401)

            server.sign_in(bob).delete_user()
            assert rows(database, "SELECT DISTINCT user_id FROM tasks") == [(ada.id,)]
            assert rows(database, f'SELECT id FROM "{shape.users}" WHERE email = \'bob@example.com\'') == []

    checked = manage(database, "check", "--database", "default", **shape.settings())
    assert (checked.returncode, checked.stderr) == (0, "")
    assert manage(database, "makemigrations", "--check", "--dry-run", **shape.settings()).returncode == 0
