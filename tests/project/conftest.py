"""Fixtures for tests of the settings, of real starts, and of the database schema."""

import os
import shutil
from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests.support.checkout import SECRETS, Checkout
from tests.support.pgbouncer import REASON
from tests.support.schema import rows
from tests.support.serving_role import Roles, serving_role
from tests.support.settings import SettingsOf, run_settings
from todo_project import development, env


@pytest.fixture
def empty_environment() -> Iterator[None]:
    """Removes all environment variables; they are restored after the test."""
    with mock.patch.dict(os.environ, clear=True):
        yield


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> SettingsOf:
    """Runs settings.py without a `.env` file and without writing secrets."""
    monkeypatch.setattr(env, "load_env_file", lambda path: [])
    monkeypatch.setattr(development, "secret", lambda folder, name: SECRETS[name])
    return run_settings


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project, in which programs are started. Its database is shared by the tests of a module."""
    return Checkout(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The alias of an empty database, which is dropped after the test."""
    name = f"{connection.settings_dict['NAME']}_scratch"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        connections.databases["scratch"] = {**connection.settings_dict, "NAME": name}
        try:
            yield "scratch"
        finally:
            connections["scratch"].close()
            connections["scratch"].close_pool()  # type: ignore[attr-defined]  # only the PostgreSQL backend has it
            del connections["scratch"]
            del connections.databases["scratch"]
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def alice(db: None) -> str:
    """A user, inserted as Better Auth does: only the columns without a default in the database."""
    rows(
        'INSERT INTO "user" (id, name, email, "emailVerified") VALUES (%s, %s, %s, %s)',
        ["alice", "Alice", "alice@example.com", True],
    )
    return "alice"


@pytest.fixture(scope="module")
def roles(django_db_setup: None) -> Iterator[Roles]:
    """A database with a role that serves, for the tests of a module."""
    with serving_role() as roles:
        yield roles


@pytest.fixture
def serving_url(request: pytest.FixtureRequest, roles: Roles) -> Iterator[str]:
    """The URL of the role that serves: "direct", or "pooled" through PgBouncer in transaction mode."""
    if request.param == "direct":
        yield roles.serving
        return
    if shutil.which("pgbouncer") is None:
        pytest.skip(REASON)
    with roles.pooler() as pooler:
        yield roles.pooled(pooler.port)
