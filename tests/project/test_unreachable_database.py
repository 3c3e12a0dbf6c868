"""Every command says in one line why the database cannot be reached, without its password and without a traceback."""

import pytest

from tests.support.checkout import SECRETS, Checkout
from tests.support.server import free_port
from tests.support.settings import PASSWORD


@pytest.fixture(scope="module")
def nowhere() -> str:
    """The URL of a database at a port on which nobody listens."""
    return f"postgresql://todo:{PASSWORD}@127.0.0.1:{free_port()}/todo"


@pytest.mark.parametrize("command", ["migrate", "serve", "purge_trash"])
def test_a_command_says_why_the_database_cannot_be_reached(checkout: Checkout, nowhere: str, command: str) -> None:
    ended = checkout.run("manage.py", command, DATABASE_URL=nowhere, **SECRETS)

    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert "The database 'todo' cannot be reached: " in line
    assert "Connection refused. Check DATABASE_URL and the database." in line
    assert PASSWORD not in line


def test_the_variable_that_was_used_is_named(checkout: Checkout, nowhere: str) -> None:
    unused = nowhere.replace("todo:", "other:")

    ended = checkout.run("manage.py", "migrate", DATABASE_URL=unused, DATABASE_URL_UNPOOLED=nowhere, **SECRETS)

    assert ended.stderr.endswith("Check DATABASE_URL_UNPOOLED and the database.\n")


def test_a_traceback_can_be_asked_for(checkout: Checkout, nowhere: str) -> None:
    ended = checkout.run("manage.py", "purge_trash", "--traceback", DATABASE_URL=nowhere, **SECRETS)

    assert "Traceback" in ended.stderr
    assert PASSWORD not in ended.stderr


def test_an_error_of_a_database_that_can_be_reached_is_one_line(checkout: Checkout) -> None:
    program = (
        'from django.db import connection as c; c.cursor().execute("SET statement_timeout = 1; SELECT pg_sleep(9)")'
    )

    ended = checkout.run("manage.py", "shell", "--no-imports", "--command", program)

    assert ended.returncode == 1
    assert ended.stderr == "canceling statement due to statement timeout\n"
