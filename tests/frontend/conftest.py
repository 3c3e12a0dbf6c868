"""What the tests of frontends stand on: Node, and a migrated PostgreSQL database."""

from collections.abc import Iterator

import pytest

from tests.better_auth.project import why_not
from tests.support.api_server import manage
from tests.support.databases import fresh_database, server_url


@pytest.fixture(scope="session")
def postgres() -> str:
    """The PostgreSQL of the tests, on which databases are made; skips if Node is missing."""
    if reason := why_not():
        pytest.skip(reason)
    return server_url()


@pytest.fixture
def migrated(postgres: str) -> Iterator[str]:
    """The URL of a database that our migrations made."""
    with fresh_database(postgres) as url:
        made = manage(url, "migrate", "--verbosity=0")
        assert made.returncode == 0, made.stderr
        yield url
