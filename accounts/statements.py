"""Runs SQL statements: prepared once per connection, so that afterwards only their parameters are sent.

PostgreSQL needs longer to parse and plan them than to run them: for one task 0.13 ms against 0.03 prepared, for a
toggle 0.85 against 0.43, for a page 0.80 against 0.15. Django's own cursor puts the parameters into the SQL, so that
there is nothing to prepare. Whether a connection prepares is decided when it is opened (todo_project/database.py).

Whoever wants to see the statements does: Django's `execute_wrapper`, its query log and the query counts of tests,
instrumentation of psycopg, which replaces the cursor of a connection, and with DATABASE_TRACING=true what replaces the
methods of Django's cursor (Sentry does). docs/operations.md names the tools.
"""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.postgresql.base import Cursor
from django.db.models import QuerySet

from accounts.last_used_first import is_open, open_pool
from accounts.prepared import PreparedStatements
from accounts.row_security import SET_OWNER, owner_of
from accounts.statement_count import count, count_statement, observer
from accounts.statement_time import quickest_statement

LARGE_VALUE = 1024 * 1024


def compiled(rows: "QuerySet[Any, Any]") -> str:
    """Return the statement of `rows`, in which each text value is the name of a parameter.

    Put together once, because that takes the ORM several times as long as the statement itself.
    """
    sql, values = rows.query.sql_with_params()
    return sql % tuple(f"%({value})s" if isinstance(value, str) else value for value in values)


def fetch_all(statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of `statement`, which is a transaction of its own unless one is open."""
    begun = time.perf_counter()
    rows = fetch(statement, params)
    quickest_statement.note(time.perf_counter() - begun)
    return rows


def fetch(statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    database = connections[DEFAULT_DB_ALIAS]  # Looked up once: `connection` would look it up for every attribute.
    if database.connection is None and not is_observed(database):
        if observer.around is None:
            return fetch_from_pool(database, statement, params)
        with observer.around(statement):
            return fetch_from_pool(database, statement, params)
    owner = owner_of(params)
    with transaction.atomic(savepoint=False) if owner else nullcontext(), database.cursor() as cursor:
        if has_own_cursor(database.connection):
            cursor.cursor = psycopg.Cursor(database.connection)
        if owner:
            cursor.execute(SET_OWNER, {"user_id": owner})
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def is_observed(database: Any) -> bool:
    """Return whether somebody looks at what passes Django's cursor."""
    wrappers = database.execute_wrappers  # Our own counter looks at nothing.
    is_wrapped = len(wrappers) > (count_statement in wrappers)
    return is_wrapped or database.queries_logged or settings.DATABASE_TRACING


def has_own_cursor(opened: Any) -> bool:
    """Return whether cursors of this connection are Django's. Instrumentation of psycopg gives it others."""
    return opened.cursor_factory is Cursor


def fetch_from_pool(database: Any, statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of `statement`, run on a connection that is borrowed for it alone.

    To make it Django's connection for the rest of the request, which needs it no more, took 75 µs of a GET's 630.
    """
    pool = database.pool
    count.number += 1
    with database.wrap_database_errors:
        if not is_open(pool):
            open_pool(pool)
        borrowed = pool.getconn()
        try:
            if not borrowed.autocommit:
                borrowed.autocommit = True
            owner = owner_of(params)
            if not has_own_cursor(borrowed):
                return fetch_for_owner(borrowed, statement, params, owner, borrowed.cursor())
            if getattr(borrowed, "can_prepare", False):
                rows = PreparedStatements.of(borrowed).fetch_all(statement, params, owner=owner)
            else:
                rows = fetch_for_owner(borrowed, statement, params, owner, psycopg.Cursor(borrowed))
            if is_large(rows):
                borrowed._expire_at = 0.0  # The pool closes it on return, and opens another in the background.
            return rows
        finally:
            pool.putconn(borrowed)


def fetch_for_owner(
    borrowed: Any, statement: str, params: Mapping[str, Any], owner: str | None, cursor: psycopg.Cursor[Any]
) -> list[tuple[Any, ...]]:
    """Return the rows of `statement`, run after PostgreSQL was told of `owner`, if any, in one transaction.

    A pipeline sends both at once, and what is in a pipeline is one transaction.
    """
    if owner is None:
        return list(cursor.execute(statement, params).fetchall())
    with borrowed.pipeline():
        psycopg.Cursor(borrowed).execute(SET_OWNER, {"user_id": owner})
        cursor.execute(statement, params)
    return list(cursor.fetchall())


def is_large(rows: list[tuple[Any, ...]]) -> bool:
    """Return whether this is a whole list of more than about 2,000 tasks, which is one row.

    libpq keeps a buffer as large as the largest row, for as long as its connection is open.
    """
    return len(rows) == 1 and any(isinstance(value, str | bytes) and len(value) > LARGE_VALUE for value in rows[0])


def fetch_one(statement: str, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the first row of `statement`, or None."""
    return next(iter(fetch_all(statement, params)), None)
