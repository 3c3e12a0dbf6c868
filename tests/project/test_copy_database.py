"""`copy_database` moves everything into an empty PostgreSQL; a dump of the whole database does so, too."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.auth.models import User as StaffUser
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from tests.support.checkout import SECRETS, Checkout
from tests.support.databases import fresh_database, server_url
from tests.support.dumps import dump_and_restore
from tests.support.people import Person, token_of

TABLES = ("user", "tasks", "task_lists", "task_changes", "task_idempotency_keys", "auth_user", "django_content_type")


@pytest.fixture
def target() -> Iterator[str]:
    """The URL of an empty database."""
    with fresh_database(server_url()) as url:
        yield url


@pytest.fixture
def lived_in(transactional_db: None) -> Person:
    """A user whose list has lived: created, changed, completed, trashed; and a staff user."""
    owner = Person("owner", token_of("owner", name="Zoë \\ \t", email="o@example.com"))
    first = owner.post(owner.tasks, {"title": "Milk\\n", "tags": ["a,b", '"']}, idempotency_key="one").json
    second = owner.post(owner.tasks, {"title": "Bread", "description": "x\ny\tz\\N"}).json
    owner.patch(f"{owner.tasks}/{first['id']}/complete")
    owner.delete(f"{owner.tasks}/{second['id']}")
    StaffUser.objects.create(username="staff")
    return owner


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    with psycopg.connect(url) as copy:
        return {
            table: copy.execute(
                sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(table))
            ).fetchall()
            for table in TABLES
        }


def source_url() -> str:
    """The URL of the tests' own database."""
    parameters = connection.get_connection_params()
    return urlsplit(server_url())._replace(path=f"/{parameters['dbname']}").geturl()


def copied(checkout: Checkout, url: str) -> "subprocess.CompletedProcess[str]":
    return checkout.run("manage.py", "copy_database", url, DATABASE_URL=source_url(), **SECRETS)


def restored(checkout: Checkout, url: str) -> None:
    dump_and_restore(source_url(), url)


@pytest.mark.parametrize("copy", [copied, restored])
def test_a_copy_has_every_row_and_goes_on_with_the_next_ids(
    checkout: Checkout, lived_in: Person, target: str, copy: Callable[[Checkout, str], object]
) -> None:
    before = rows_of(source_url())

    copy(checkout, target)

    assert rows_of(target) == before
    with psycopg.connect(target) as other:
        (highest,) = other.execute("SELECT max(id) FROM tasks").fetchone() or (0,)
        inserted = other.execute("INSERT INTO tasks (user_id, title) VALUES ('owner', 'x') RETURNING id, version")
        assert inserted.fetchone() == (highest + 1, 1)
        changes = other.execute("SELECT count(*) FROM task_changes WHERE task_id = %s", [highest + 1])
        assert changes.fetchone() == (1,), "its triggers work"


def test_a_database_with_users_is_not_overwritten(checkout: Checkout, lived_in: Person, target: str) -> None:
    first = copied(checkout, target)
    before = rows_of(target)

    second = copied(checkout, target)

    assert first.stdout.startswith("Copied "), first.stderr
    assert second.returncode == 1
    assert second.stderr == "CommandError: The other database has users or tasks. Use an empty one.\n"
    assert rows_of(target) == before


@pytest.mark.parametrize(
    ("url", "wrong"),
    [("mysql://u:secret@h/d", "is not a PostgreSQL URL"), ("postgresql://h/d?pgbouncer=true", "pgbouncer")],
)
def test_an_invalid_url_is_reported_without_its_password(url: str, wrong: str) -> None:
    with pytest.raises(CommandError, match=wrong) as refusal:
        call_command("copy_database", url)

    assert "secret" not in str(refusal.value)
