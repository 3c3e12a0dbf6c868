"""The bounded pool of database connections that every process keeps."""

import time
from typing import Any

from django.db import connections
from psycopg import Connection
from psycopg_pool import ConnectionPool

TRUSTED_SECONDS = 5.0
PREPARE_AFTER = 2  # A statement that is run for the third time is prepared.


def check_if_idle(connection: Connection[Any]) -> None:
    """Make sure that a connection which was not handed out for some seconds still works; set a new one up.

    A database that scaled to zero has closed it. Asking at every checkout would be a second round trip for
    each request; asking only after a pause keeps a busy API at one.
    Raises psycopg.OperationalError where the connection is dead: the pool then takes another.
    """
    now = time.monotonic()
    handed_out_at: float | None = getattr(connection, "handed_out_at", None)
    if handed_out_at is None:
        prepare_statements(connection)
    elif now - handed_out_at > TRUSTED_SECONDS:
        ConnectionPool.check_connection(connection)
    connection.handed_out_at = now  # type: ignore[attr-defined]  # psycopg's connections take attributes.


def prepare_statements(connection: Connection[Any]) -> None:
    """Let a new connection prepare the statements of tasks (tasks/statements.py), and keep one plan for each.

    Not behind a pooler such as PgBouncer, which gives each transaction another connection of its own: what was prepared
    on one is unknown on the next. A pooler gives itself away by the process id that it makes up.
    One plan: PostgreSQL would else go on making a plan for each person, which took three times as long as to run it.
    """
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (None,)
    if process == connection.info.backend_pid:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.prepare_threshold = PREPARE_AFTER
    connection.commit()


def pool_options(max_size: int) -> dict[str, Any]:
    """Options of psycopg's pool: at most `max_size` connections a process, none while nobody asks.

    timeout: seconds that a request waits for a connection before it is a 503.
    max_idle: seconds after which an unused connection is closed.
    """
    return {"min_size": 0, "max_size": max_size, "timeout": 5, "max_idle": 300, "check": check_if_idle}


def close_pools() -> None:
    """Close this process's connections and the pools they came from."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
