"""Whoever wants to see the statements that the API sends sees them: Django's hooks, psycopg's and Django's cursors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.base import Cursor
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.statement_count import observer
from accounts.tokens.cache import seen_tokens
from accounts.tokens.seen_users import seen_users
from tests.support.people import Person, token_of
from todo_project.database import close_pools


@pytest.fixture
def caller(transactional_db: None) -> Iterator[Person]:
    """A user whose token was seen, so that a request sends one statement, on a connection from the pool."""
    close_pools()
    person = Person("owner", token_of("owner"))
    assert person.get(person.tasks).status == 200
    connection.close()
    yield person
    close_pools()


def test_the_look_up_of_a_caller_is_seen_too(caller: Person) -> None:
    seen_tokens.clear()
    seen_users.clear()

    with CaptureQueriesContext(connection) as queries:
        assert caller.get(caller.tasks).status == 200

    assert ['INSERT INTO "user"' in query["sql"] for query in queries] == [True, False]


def read_list(caller: Person) -> None:
    assert caller.get(caller.tasks).status == 200
    connection.close()


def test_execute_wrapper_sees_a_request(caller: Person) -> None:
    seen: list[str] = []

    def note(execute: Any, sql: str, *args: Any) -> Any:
        seen.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        read_list(caller)

    assert len(seen) == 1
    assert "FROM tasks" in seen[0]


def test_the_hook_of_tracers_sees_a_request(caller: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    @contextmanager
    def around(statement: str) -> Iterator[None]:
        seen.append(statement)
        yield

    monkeypatch.setattr(observer, "around", around)
    read_list(caller)

    assert len(seen) == 1
    assert "FROM tasks" in seen[0]


def test_query_counts_see_a_request(caller: Person) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert caller.get(caller.tasks).status == 200

    assert ["FROM tasks" in query["sql"] for query in queries] == [True]


def test_instrumentation_that_replaces_psycopgs_cursor_sees_a_request(
    caller: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    class TracedCursor(Cursor):
        """A cursor such as OpenTelemetry gives each connection."""

        def execute(self, query: Any, *args: Any, **options: Any) -> Any:
            seen.append(query)
            return super().execute(query, *args, **options)  # type: ignore[misc]  # Django's stubs do not know it.

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "cursor_factory", TracedCursor)
    close_pools()
    read_list(caller)
    seen.clear()

    read_list(caller)
    with CaptureQueriesContext(connection):
        read_list(caller)

    assert ["FROM tasks" in query for query in seen] == [True, True]


@pytest.mark.parametrize("is_traced", [True, False])
def test_tools_that_replace_djangos_cursor_see_a_request_if_database_tracing_is_on(
    caller: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_traced: bool
) -> None:
    seen: list[str] = []
    execute = CursorWrapper.execute

    def note(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        seen.append(sql)
        return execute(self, sql, params)

    settings.DATABASE_TRACING = is_traced
    monkeypatch.setattr(CursorWrapper, "execute", note)

    read_list(caller)

    assert ["FROM tasks" in sql for sql in seen] == ([True] if is_traced else [])
