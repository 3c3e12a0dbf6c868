"""The bounded pool of database connections that every process keeps."""

import time
from typing import Any

from django.db import connections
from psycopg import Connection
from psycopg_pool import ConnectionPool

TRUSTED_SECONDS = 5.0


def check_if_idle(connection: Connection[Any]) -> None:
    """Make sure that a connection which was not handed out for some seconds still works.

    A database that scaled to zero has closed it. Asking at every checkout would be a second round trip for
    each request; asking only after a pause keeps a busy API at one.
    Raises psycopg.OperationalError where the connection is dead: the pool then takes another.
    """
    now = time.monotonic()
    handed_out_at: float = getattr(connection, "handed_out_at", now)
    if now - handed_out_at > TRUSTED_SECONDS:
        ConnectionPool.check_connection(connection)
    connection.handed_out_at = now  # type: ignore[attr-defined]  # psycopg's connections take attributes.


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
