"""What the tests of real Better Auth servers stand on: Node, and an empty PostgreSQL database each."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.better_auth.project import why_not
from tests.support.api_server import manage
from tests.support.databases import fresh_database, server_url


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The PostgreSQL of the tests, on which databases are made; skips where Node is missing."""
    if reason := why_not():
        pytest.skip(reason)
    return server_url()


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> Iterator[str]:
    """The name of a database that `manage.py migrate` made, for others to be copied from: that takes no second."""
    with fresh_database(postgres_url) as url:
        migrated = manage(url, "migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def our_database(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """The URL of a database that our migrations made, and nobody has used."""
    with fresh_database(postgres_url, migrated_template) as url:
        yield url


@pytest.fixture
def separate_database(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """The URL of another such database, for an API beside a Better Auth that has its own."""
    with fresh_database(postgres_url, migrated_template) as url:
        yield url
