"""The users of the tests: `owner` has the tasks, `stranger` tries, `nobody` has no token."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User as StaffUser
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.tokens.cache import seen_tokens
from accounts.tokens.seen_users import seen_users
from tasks.models import Task
from tests.support.copies import Copy
from tests.support.people import STAFF_HASH, Person, TaskJSON, signed_in
from todo_project.development import database_url

SLOW = (
    "tests/better_auth/",
    "tests/admin/test_dashboard_workers.py",
    "tests/admin/test_operators_day.py",
    "tests/concurrency/",
    "tests/faults/",
    "tests/frontend/",
    "tests/api/test_feed_cost.py",
    "tests/api/test_list_cost.py",
    "tests/api/test_write_cost.py",
    "tests/api/test_hostile",
    "tests/api/test_filters_model.py",
    "tests/project/test_api_documentation.py",
    "tests/project/test_backup.py",
    "tests/project/test_conformance.py",
    "tests/project/test_connections.py",
    "tests/project/test_copy_database.py",
    "tests/project/test_development.py",
    "tests/project/test_embedded_postgresql.py",
    "tests/project/test_migrations.py",
    "tests/project/test_release.py",
    "tests/project/test_serve.py",
    "tests/project/test_serving_role.py",
    "tests/project/test_two_databases.py",
    "tests/project/test_unreachable_database.py",
    "tests/tokens/test_jws_vectors.py",
    "tests/tokens/test_key_processes.py",
    "tests/tokens/test_long_header.py",
    "tests/tokens/test_recorded_tokens.py",
)
SLOW_NAMES = ("10_000", "test_every_list_names_one_owner", "test_readers_who_dawdle")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the embedded PostgreSQL before the workers do, or end with the reason why it does not start."""
    if settings.IS_DEVELOPMENT and not hasattr(session.config, "workerinput"):
        try:
            database_url(settings.DEVELOPMENT_DIR)
        except ImproperlyConfigured as error:
            pytest.exit(str(error), returncode=1)


FAST_CASES = 3  # Of each parametrized test, a fast run takes so many cases.


@pytest.hookimpl(tryfirst=True)  # Before pytest-randomly shuffles: every worker must mark the same tests.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test-fast` leaves out: servers, Node, crowds of rows or threads, and the many cases of a test."""
    cases: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        if item.nodeid.startswith(SLOW) or any(name in test for name in SLOW_NAMES) or cases[test] > FAST_CASES:
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def nobody_has_been_seen() -> None:
    """Each test begins in a process that knows no caller, as its database does."""
    seen_tokens.clear()
    seen_users.clear()


@pytest.fixture
def owner(db: None) -> Person:
    """Has the tasks."""
    return signed_in("owner")


@pytest.fixture
def stranger(db: None) -> Person:
    """Tries to reach the owner's."""
    return signed_in("stranger")


@pytest.fixture
def nobody() -> Person:
    """Has no token."""
    return Person("nobody")


@pytest.fixture
def kept_task(owner: Person) -> Iterator[TaskJSON]:
    """A task of the owner's. It and every other row must be the same after the test."""
    task = owner.has_task("Buy milk", description="Two litres")
    rows = list(Task.objects.order_by("id").values())

    yield task

    assert list(Task.objects.order_by("id").values()) == rows


@pytest.fixture
def copy(owner: Person) -> Copy:
    """An empty copy of the owner's list."""
    return Copy(owner)


@pytest.fixture
def staff(db: None) -> Client:
    """A staff user who is signed in."""
    client = Client()
    client.force_login(
        StaffUser.objects.create(username="staff", password=STAFF_HASH, is_staff=True, is_superuser=True)
    )
    return client
