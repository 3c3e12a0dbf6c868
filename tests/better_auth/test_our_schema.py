"""A real Better Auth works on the tables that our migrations make, with its own check of them switched on."""

from typing import Any

import psycopg
import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer
from tests.support.api_server import Api, manage

VERSIONS = ["1.7", "1.4"]


def count(database: str, table: str) -> int:
    """How many rows the table has."""
    with psycopg.connect(database) as connection:
        row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        return int(row[0]) if row else 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("admin", [False, True], ids=["without admin", "with admin"])
def test_users_live_their_whole_life_on_our_tables(our_database: str, version: Any, admin: bool) -> None:
    config = Config(database=our_database, version=version, jwt="EdDSA", bearer=True, admin=admin)
    with BetterAuthServer(config) as server:
        person = server.sign_up("Ada@Example.com")
        person.jwt()
        server.rotate_keys()
        person.jwt()
        assert len(server.jwks()["keys"]) == 2
        person.change_password("another-password-of-the-lab", sign_out_others=True)
        person.change_email("ada@example.org")
        person.follow(server.mails("ada@example.org")[-1].url)
        person.sign_out()
        again = person.sign_in_as("ada@example.org")
        if admin:
            staff = server.administrator()
            staff.ban_user(again.id)
            staff.unban_user(again.id)
            again = again.sign_in_as("ada@example.org")
        again.delete_user()

    checked = manage(our_database, "check", "--database", "default", BETTER_AUTH_SHARED_DATABASE="true")
    assert checked.returncode == 0, checked.stderr
    assert count(our_database, "user") == (1 if admin else 0)


@pytest.mark.parametrize("version", VERSIONS)
def test_deleting_a_user_in_better_auth_takes_their_tasks_along(our_database: str, version: Any) -> None:
    config = Config(database=our_database, version=version, cookie_cache="jwt")
    with BetterAuthServer(config) as server, Api(our_database, BETTER_AUTH_SHARED_DATABASE="true") as api:
        person, other = server.sign_up(), server.sign_up("bob@example.com")
        for somebody in (person, other):
            token = somebody.session_data_cookie()
            created = api.send(
                "POST", f"/api/{somebody.id}/tasks", {"title": "Buy milk"}, Authorization=f"Bearer {token}"
            )
            assert created.status == 201

        person.delete_user()

        assert count(our_database, "tasks") == 1
        assert count(our_database, "user") == 1
