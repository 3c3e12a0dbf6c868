"""SQL statements of authentication: put together once, prepared once per connection, then only parameters are sent.

Without it, Django's ORM and PostgreSQL's planner take several times as long as the statement itself.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet

type Statement = tuple[str, tuple[str, ...]]


def compiled(rows: "QuerySet[Any, Any]") -> Statement:
    """Return the SQL of `rows`, whose values are names of parameters, and these names in their order."""
    sql, names = rows.query.sql_with_params()
    return sql, tuple(names)


def fetch_one(statement: Statement, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Run a compiled statement, and return its first row, or None. A value that is no name stays what it is."""
    sql, names = statement
    return next(iter(fetch_all(sql, [params.get(name, name) for name in names])), None)


def fetch_all(sql: str, params: Any) -> list[tuple[Any, ...]]:
    """Run `sql` so that PostgreSQL can prepare it, and return its rows.

    Django's own cursor puts the parameters into the SQL. Whether a connection prepares is decided when it is opened
    (todo_project/database.py).
    """
    with connection.cursor() as cursor:
        cursor.cursor = psycopg.Cursor(connection.connection)
        cursor.execute(sql, params)
        return list(cursor.fetchall())
