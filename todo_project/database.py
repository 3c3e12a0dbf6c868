"""The bounded pool of database connections that each process keeps."""

import time
from typing import Any, Self

from django.conf import settings
from django.core.management import CommandError
from django.db import connection as default_connection
from django.db import connections
from psycopg import Connection, Error, OperationalError
from psycopg_pool import ConnectionPool

TRUSTED_SECONDS = 5.0
TIMEOUTS = """
    SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),
        set_config('idle_in_transaction_session_timeout', %s, false)
"""


class serving:  # noqa: N801  A flag with a name.
    """Whether this process serves requests: a migration or a command of support may take longer than a request."""

    is_on = False


class PooledConnection(Connection[Any]):
    """A connection that has been prepared once it is open: if that fails, the pool opens another one.

    If the `check` of a new connection fails, psycopg's pool lets the request wait for a second, and then for two.
    PgBouncer accepts connections while its database is away, and refuses their first statement.
    """

    checked_out_at: float  # The last time that a request took it, by the monotonic clock.

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> Self:
        connection = super().connect(*args, **options)
        try:
            prepare_statements(connection)
        except Error:
            connection.close()
            raise
        connection.checked_out_at = time.monotonic()
        return connection


def check_if_idle(connection: PooledConnection) -> None:
    """Test a connection that nobody used for more than TRUSTED_SECONDS.

    A database that scaled to zero has closed it. A test at every checkout would cost each request a second round
    trip; a test after a pause costs a busy API none.
    Raises psycopg.OperationalError if the connection is dead: the pool then replaces it, and waits longer and longer
    before it looks at the next one. All idle ones are tested at once: four dead ones would make a request wait in vain.
    """
    now = time.monotonic()
    if now - connection.checked_out_at > TRUSTED_SECONDS:
        try:
            ConnectionPool.check_connection(connection)
        except OperationalError:
            default_connection.pool.check()  # type: ignore[attr-defined]  # PostgreSQL's
            raise
    connection.checked_out_at = now


def prepare_statements(connection: Connection[Any]) -> None:
    """Let a new connection prepare our statements (accounts/prepared.py), and keep one plan for each.

    Not behind a pooler such as PgBouncer: each transaction may get another server connection, which does not know the
    prepared statement. A pooler is recognised by the backend process id, which it makes up.
    One plan: otherwise PostgreSQL plans again for each user, which took three times as long as running the statement.
    A request's connection has time-outs. Behind a pooler they would stay on the connection for its other clients.
    psycopg must not prepare statements of its own: after a rollback it would deallocate ours with them.
    """
    connection.prepare_threshold = None
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (None,)
    if process == connection.info.backend_pid:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        if serving.is_on:
            connection.execute(
                TIMEOUTS,
                [
                    f"{settings.STATEMENT_TIMEOUT_MS}",
                    f"{settings.LOCK_TIMEOUT_MS}",
                    f"{settings.IDLE_IN_TRANSACTION_TIMEOUT_MS}",
                ],
            )
        connection.can_prepare = True  # type: ignore[attr-defined]  # psycopg's connections accept attributes.
    connection.commit()


def pool_options(max_size: int) -> dict[str, Any]:
    """Return options of psycopg's pool: at most `max_size` connections per process, none while it is idle.

    timeout: seconds that a request waits for a connection before it is answered 503.
    max_idle: seconds after which an unused connection is closed.
    reconnect_timeout: seconds after which it gives up a connection. Each attempt waits twice as long as the one before:
        after an outage of a minute, an API that went on trying would not be back for another one.
    """
    return {
        "connection_class": PooledConnection,
        "min_size": 0,
        "max_size": max_size,
        "timeout": 5,
        "max_idle": 300,
        "check": check_if_idle,
        "reconnect_timeout": 0.5,
        "reconnect_failed": connect_for_waiting,
    }


def connect_for_waiting(pool: ConnectionPool[Connection[Any]]) -> None:
    """Begin again, if requests still wait for the connection that `pool` has given up."""
    if pool.get_stats()["requests_waiting"]:
        pool.check()  # It opens a connection, unless it has one.


def close_pools() -> None:
    """Close this process's connections and pools."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # only the PostgreSQL backend has it


def why_unreachable(variable: str = "DATABASE_URL") -> str:
    """Return in one line why the default database cannot be reached, or an empty string if it can.

    It connects without the pool, which tries again for seconds and then only says that it has no connection.
    """
    of_django = {"pool", "cursor_factory", "context"}
    parameters = default_connection.get_connection_params()
    try:
        Connection.connect(**{name: value for name, value in parameters.items() if name not in of_django}).close()
    except OperationalError as error:
        reason = str(error).partition("\n")[0].removeprefix("connection failed: ").rstrip(".")
        return f"The database {parameters['dbname']!r} cannot be reached: {reason}. Check {variable} and the database."
    return ""


def require_database(variable: str = "DATABASE_URL") -> None:
    """Raise CommandError if the default database cannot be reached."""
    if reason := why_unreachable(variable):
        raise CommandError(reason)


def where() -> str:
    """Return in one line which database this is, where, and as which role; without a password, or why it is away."""
    if reason := why_unreachable():
        return reason
    with default_connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user, current_setting('server_version')")
        name, role, version = cursor.fetchone() or ("", "", "")
    info = default_connection.connection.info
    return f"{name} on {info.host or 'this machine'}:{info.port}, as {role} (PostgreSQL {version.partition(' ')[0]})"
