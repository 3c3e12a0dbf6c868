"""Every database that Better Auth's own tools make works: its own migration's, Drizzle's and Prisma's.

Each is made by the real tool, and a real Better Auth with that tool's adapter runs on it beside the API.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.better_auth.lab import BetterAuthServer, migrate, push
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
        return connection.execute(sql).fetchall()


def migrated(database: str, shape: Shape) -> None:
    ended = manage(database, "migrate", "--verbosity=0", **shape.settings())
    assert ended.returncode == 0, ended.stderr


CASES = [(name, True) for name in SHAPES] + [
    (name, False) for name in ("its own migration", "Drizzle, plural", "Prisma")
]


@pytest.mark.parametrize(("name", "before"), CASES)
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
                headers = headers_of(person)
                for one in headers.values():
                    api.lives_through(person.id, **one)
                task = api.send("POST", f"/api/{person.id}/tasks", {"title": "Buy milk"}, **headers["jwt"])
                assert task.status == 201

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

            administrator = staff.id
            staff.post("/api/auth/admin/impersonate-user", {"userId": ada.id}).ok()
            for token in (staff.minted(), staff.signed_session_token()):
                bearer = {"Authorization": f"Bearer {token}"}
                assert api.send("POST", f"/api/{ada.id}/tasks", {"title": "Buy bread"}, **bearer).status == 201
            actors = rows(database, "SELECT actor FROM task_changes ORDER BY revision DESC LIMIT 2")
            assert actors == [(f"{ada.id}, as by {administrator}",)] * 2
            assert rows(database, f"SELECT id FROM \"{shape.users}\" WHERE email = 'bob@example.com'") == []

    checked = manage(database, "check", "--database", "default", **shape.settings())
    assert (checked.returncode, checked.stderr) == (0, "")
    assert manage(database, "makemigrations", "--check", "--dry-run", **shape.settings()).returncode == 0


# As docs/better-auth.md has it.
OWN_SCHEMA = """
CREATE ROLE {role} LOGIN PASSWORD 'a-password';
CREATE SCHEMA todo AUTHORIZATION {role};
ALTER ROLE {role} IN DATABASE {database} SET search_path = todo, public;
GRANT SELECT, INSERT, UPDATE, DELETE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
"""


@contextmanager
def own_schema(database: str) -> Iterator[str]:
    """Return the URL of a role whose tables go into a PostgreSQL schema of their own."""
    role = f"todo_{secrets.token_hex(4)}"
    parts = urlsplit(database)
    with psycopg.connect(database, autocommit=True) as connection:
        sql = OWN_SCHEMA.format(role=role, database=parts.path.removeprefix("/"))
        connection.execute(sql)
        try:
            yield parts._replace(netloc=f"{role}:a-password@{parts.netloc.rpartition('@')[2]}").geturl()
        finally:
            connection.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def test_drizzle_kit_push_drops_our_tables_unless_they_have_a_schema_of_their_own(database: str) -> None:
    shape = SHAPES["Drizzle"]
    migrate(shape.config(database))

    with own_schema(database) as url:
        migrated(url, shape)
        assert "No changes detected" in push(shape.config(database))

    migrated(database, shape)
    # It shows what it would do, and asks a person whether to do it: there is none.
    assert 'DROP TABLE "tasks" CASCADE' in push(shape.config(database), "--strict", "--verbose")


def test_a_plugin_that_is_switched_on_later_counts_without_a_migration_or_a_restart(database: str) -> None:
    plain = Shape("snake_case", "drizzle", "drizzle-plain")
    migrate(plain.config(database))
    with own_schema(database) as url:
        migrated(url, plain)
        with BetterAuthServer(plain.config(database)) as server, Api(url, **plain.settings(**ACCEPT_ALL)) as api:
            ada = server.sign_up()
            token = ada.minted()
            api.lives_through(ada.id, Authorization=f"Bearer {token}")
            assert api.status("eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.e30.AAAA") == 401, "there is no table of keys"

            later = Shape("snake_case", "drizzle", "drizzle").config(database, **ALL)
            migrate(later)
            with BetterAuthServer(later) as with_plugins:
                with_plugins.administrator().ban_user(ada.id)
                assert api.status(token) == 401

                bob = with_plugins.sign_up("bob@example.com")
                settings = plain.settings(BETTER_AUTH_URL=with_plugins.base_url, **ACCEPT_ALL)
                with Api(url, **settings) as api_with_url:
                    api_with_url.lives_through(bob.id, Authorization=f"Bearer {bob.jwt()}")
