"""The database enforces what a task may contain, whoever writes it."""

import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, IntegrityError, transaction

from tasks.constraints import WHITE_SPACE, trim
from tests.support.schema import (
    rows,
)


def insert_task(title: str, description: str | None = None) -> None:
    """Insert a task of Alice without validation in Python."""
    with transaction.atomic():
        rows("INSERT INTO tasks (user_id, title, description) VALUES ('alice', %s, %s)", [title, description])


def test_the_database_has_defaults_for_what_an_insert_omits(alice: str) -> None:
    rows("INSERT INTO tasks (user_id, title) VALUES ('alice', 'Buy milk')")

    ((task_id, description, completed, created_at, updated_at),) = rows(
        "SELECT id, description, completed, created_at, updated_at FROM tasks"
    )

    assert task_id > 0
    assert description is None
    assert completed is False
    assert created_at == updated_at
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)


@pytest.mark.parametrize("title", ["x", "x" * 200, "🛒" * 200, "a  b", "\u200bx", "\ufeffx", "a\nb"])
def test_the_database_accepts_the_titles_that_the_api_accepts(alice: str, title: str) -> None:
    insert_task(title)

    assert rows("SELECT title FROM tasks") == [(title,)]


@pytest.mark.parametrize("title", ["", " ", " x", "x ", "\tx", "x\n", "\u3000", "x" * 201])
def test_the_database_refuses_the_titles_that_the_api_refuses(alice: str, title: str) -> None:
    with pytest.raises((IntegrityError, DataError), match=r"task_title_is_trimmed|character varying\(200\)"):
        insert_task(title)


@pytest.mark.parametrize("space", [f"{ord(character):#06x}" for character in WHITE_SPACE])
def test_the_database_refuses_every_white_space_around_a_title(alice: str, space: str) -> None:
    character = chr(int(space, 0))
    for title in (f"{character}x", f"x{character}", character):
        with pytest.raises(IntegrityError, match="task_title_is_trimmed"):
            insert_task(title)


def test_white_space_is_what_python_strips() -> None:
    characters = [chr(number) for number in range(sys.maxunicode + 1)]

    assert [character for character in characters if character.isspace()] == list(WHITE_SPACE)
    assert [character for character in characters if not character.strip()] == list(WHITE_SPACE)
    assert trim(f"{WHITE_SPACE}a{WHITE_SPACE}b{WHITE_SPACE}") == f"a{WHITE_SPACE}b"


def test_the_database_limits_the_length_of_a_description(alice: str) -> None:
    insert_task("x", "🛒" * 1000)
    insert_task("x", "")
    with pytest.raises(IntegrityError, match="task_description_length"):
        insert_task("x", "x" * 1001)


def test_deleting_a_user_deletes_their_tasks_sessions_and_accounts_in_the_database(alice: str) -> None:
    rows("INSERT INTO \"user\" (id, name, email, \"emailVerified\") VALUES ('bob', 'Bob', 'bob@example.com', true)")
    rows("INSERT INTO tasks (user_id, title) VALUES ('alice', 'x'), ('alice', 'y'), ('bob', 'z')")
    rows("""INSERT INTO session (id, "expiresAt", token, "updatedAt", "userId")
            VALUES ('s', now(), 't', now(), 'alice');
            INSERT INTO account (id, "accountId", "providerId", "userId", "updatedAt")
            VALUES ('a', 'alice', 'credential', 'alice', now())""")

    rows("DELETE FROM \"user\" WHERE id = 'alice'")

    assert rows("SELECT user_id FROM tasks") == [("bob",)]
    assert rows("SELECT * FROM session") == rows("SELECT * FROM account") == []


def test_a_task_without_a_user_is_refused(db: None) -> None:
    with pytest.raises(IntegrityError, match="foreign key"):
        rows("SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO tasks (user_id, title) VALUES ('nobody', 'x')")
