"""What the tests of frontends stand on: Node, Chromium, and databases."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.better_auth.project import why_not
from tests.frontend.person import Person
from tests.frontend.site import Site
from tests.support.api_server import manage
from tests.support.browser import chromium_program, running_chromium
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser; skips if none is installed."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(postgres: str) -> Iterator[Site]:
    """The app on tables that Drizzle made, for all tests; each brings its own people."""
    chromium_program()
    with fresh_database(postgres) as database, Site(database) as site:
        yield site


@pytest.fixture
def person(chromium: Browser, site: Site) -> Iterator[Callable[..., Person]]:
    """Makes somebody with a browser profile of their own; a second profile is another device."""
    contexts = []

    def make(name: str, **options: object) -> Person:
        contexts.append(chromium.new_context(**options))  # type: ignore[arg-type]  # Options of Playwright by name.
        return Person(contexts[-1], site, name)

    yield make
    for context in contexts:
        context.close()
