"""Statements that are prepared on a connection and run by libpq's own call.

psycopg's cursor waits for PostgreSQL in a generator, so that one code serves threads and coroutines, and makes objects
that nobody here asks for. For one row that takes longer than all the rest: a statement on a connection of the pool
takes 73 µs of CPU this way, 111 by psycopg's cursor and 220 by Django's (docs/decisions/0010-prepared-statements.md).
Values are adapted and rows are made by psycopg all the same (https://www.psycopg.org/psycopg3/docs/api/pq.html).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from accounts.row_security import SET_OWNER

MAX_PREPARED = 100  # Statements per connection; each takes PostgreSQL's memory.
PARAMETER = re.compile(r"%\((\w+)\)s")
SUCCESS = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.PIPELINE_SYNC}


class PreparedStatements:
    """The statements that are prepared on one connection. Nobody else may use it at the same time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.pgconn = connection.pgconn
        self.encoding = connection.info.encoding
        self.transformer = Transformer(connection)
        self.names: dict[str, bytes] = {}  # The oldest first.

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> "PreparedStatements":
        """Return those of `connection`, which keeps them for as long as it is open."""
        prepared: PreparedStatements | None = getattr(connection, "prepared_statements", None)
        if prepared is None:
            prepared = connection.prepared_statements = cls(connection)  # type: ignore[attr-defined]  # It takes any.
        return prepared

    def fetch_all(
        self, statement: str, params: Mapping[str, Any], *, owner: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of `statement`. Raises psycopg.Error.

        owner: whose rows PostgreSQL may show, if it must be told (accounts/row_security.py).
        """
        query, parameters = with_numbers(statement)
        values = self.transformer.dump_sequence([params[key] for key in parameters], [PyFormat.TEXT] * len(parameters))
        if owner is not None and SET_OWNER not in self.names:  # First, because it may put another one out.
            self.prepare(SET_OWNER, with_numbers(SET_OWNER)[0])
        name = self.names.get(statement) or self.prepare(statement, query)
        try:
            result = self.execute(name, values, owner)
        except psycopg.errors.FeatureNotSupported:  # A migration has changed the type of a column that it returns.
            self.deallocate(statement)
            result = self.execute(self.prepare(statement, query), values, owner)
        self.transformer.set_pgresult(result)
        return self.transformer.load_rows(0, result.ntuples, tuple)

    def execute(self, name: bytes, values: Any, owner: str | None) -> PGresult:
        if owner is None:
            return self.succeeded(self.pgconn.exec_prepared(name, values))
        return self.execute_for(owner.encode(), name, values)

    def execute_for(self, owner: bytes, name: bytes, values: Any) -> PGresult:
        """Run a statement after PostgreSQL was told of `owner`: in one round trip, and in one transaction.

        All that is sent before the sync is one transaction (PostgreSQL's manual, "Pipeline Mode" of libpq).
        """
        set_owner = self.names.get(SET_OWNER) or self.prepare(SET_OWNER, with_numbers(SET_OWNER)[0])
        self.pgconn.enter_pipeline_mode()
        self.pgconn.send_query_prepared(set_owner, [owner])
        self.pgconn.send_query_prepared(name, values)
        self.pgconn.pipeline_sync()
        results = [self.pgconn.get_result() for _ in range(5)]  # Each statement's, and None after it; the sync's.
        self.pgconn.exit_pipeline_mode()
        told, _, result, _, _ = results
        for received in (told, result):
            if received is None:  # pragma: no cover  A connection that was lost between the two.
                raise psycopg.OperationalError(self.pgconn.get_error_message(self.encoding))
            self.succeeded(received)
        return result  # type: ignore[return-value]  # None has raised.

    def deallocate(self, statement: str) -> None:
        self.succeeded(self.pgconn.exec_(b"DEALLOCATE " + self.names.pop(statement)))

    def prepare(self, statement: str, query: bytes) -> bytes:
        """Prepare `statement` and return its name. PostgreSQL finds out the types of its parameters."""
        if len(self.names) == MAX_PREPARED:
            self.deallocate(next(iter(self.names)))
        name = b"todo_%d" % id(statement)
        self.succeeded(self.pgconn.prepare(name, query))
        self.names[statement] = name
        return name

    def succeeded(self, result: PGresult) -> PGresult:
        """Return `result`. Raises the psycopg.Error that PostgreSQL answered with."""
        if self.pgconn.status == ConnStatus.BAD:  # libpq's own words for a lost connection have no SQLSTATE.
            raise psycopg.OperationalError(result.get_error_message(self.encoding))
        if result.status not in SUCCESS:
            raise psycopg.errors.error_from_result(result, encoding=self.encoding)
        return result


@lru_cache(maxsize=1024)
def with_numbers(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return `statement` with PostgreSQL's `$1` instead of `%(name)s`, and the names in the order of their numbers."""
    names = tuple(dict.fromkeys(PARAMETER.findall(statement)))
    query = PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", statement)
    return query.replace("%%", "%").encode(), names
