"""A database that Better Auth made is adopted by our migrations: nobody is lost and nobody signed out."""

from typing import Any

import psycopg
import pytest

from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.support.api_server import Api, manage


def tables(database: str) -> list[tuple[Any, ...]]:
    """Every column of every table, and its type."""
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY 1, 2"
        ).fetchall()


@pytest.mark.parametrize("version", ["1.7", "1.4"])
@pytest.mark.parametrize(("admin", "jwt"), [(False, False), (True, True), (False, True)], ids=["plain", "all", "jwt"])
def test_users_and_sessions_of_better_auth_go_on_after_our_migration(
    database: str, version: Any, admin: bool, jwt: bool
) -> None:
    config = Config(database=database, version=version, admin=admin, jwt="EdDSA" if jwt else None, bearer=True)
    migrate(config)
    with BetterAuthServer(config) as server:
        person = server.sign_up()
        token = person.jwt() if jwt else person.set_auth_token()
        url = server.base_url

        migrated = manage(database, "migrate", "--verbosity=0", BETTER_AUTH_SHARED_DATABASE="true")
        assert migrated.returncode == 0, migrated.stderr
        with Api(database, BETTER_AUTH_SHARED_DATABASE="true", BETTER_AUTH_URL=url) as api:
            api.lives_through(person.id, Authorization=f"Bearer {token}")
            api.lives_through(person.id, Authorization=f"Bearer {person.set_auth_token()}")

    # It checks its tables at the first request of a process: so another one, with every plugin on.
    with BetterAuthServer(Config(database=database, version="1.7", admin=True, jwt="EdDSA")) as server:
        assert server.sign_in(person).id == person.id
        assert server.sign_up("bob@example.com").jwt()


def test_a_database_of_1_4_goes_on_under_1_7(database: str) -> None:
    migrate(Config(database=database, version="1.4", jwt="EdDSA"))
    with BetterAuthServer(Config(database=database, version="1.4", jwt="EdDSA")) as server:
        person = server.sign_up()
        cookies, kid = person.twin().cookies, server.jwks()["keys"] or person.jwt()

    assert kid
    assert manage(database, "migrate", "--verbosity=0", BETTER_AUTH_SHARED_DATABASE="true").returncode == 0
    with BetterAuthServer(Config(database=database, version="1.7", jwt="EdDSA")) as server:
        visitor = server.sign_up("bob@example.com")
        visitor.cookies = cookies
        session = visitor.session()
        assert session is not None
        assert session["user"]["id"] == person.id


@pytest.mark.parametrize("version", ["1.7", "1.4"])
@pytest.mark.parametrize("ids", ["uuid", "serial"])
def test_ids_that_are_not_text_are_refused_by_name_before_anything_is_changed(
    database: str, version: Any, ids: Any
) -> None:
    migrate(Config(database=database, version=version, ids=ids))
    before = tables(database)

    refused = manage(database, "migrate", "--verbosity=0", BETTER_AUTH_SHARED_DATABASE="true")

    assert refused.returncode == 1
    assert "generateId" in refused.stderr
    assert '"user".id is' in refused.stderr
    assert "Traceback" not in refused.stderr
    assert [
        column for column in tables(database) if column[0] in {"user", "session", "account", "verification"}
    ] == before
    assert "tasks" not in {column[0] for column in tables(database)}


def test_a_database_that_better_auth_uses_must_be_said_to_be_shared(our_database: str) -> None:
    with BetterAuthServer(Config(database=our_database)) as server:
        server.sign_up()

    checked = manage(our_database, "check", "--database", "default")
    assert checked.returncode == 1
    assert "BETTER_AUTH_SHARED_DATABASE=true" in checked.stderr
    with pytest.raises(AssertionError), Api(our_database):
        pass  # never entered
