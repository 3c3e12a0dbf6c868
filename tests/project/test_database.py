"""The connection pool is bounded, and a connection that died while idle is replaced before a request uses it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool, PoolTimeout
from pytest_django.fixtures import Settings

from accounts import prepared, statements
from accounts.tokens.cache import seen_tokens
from accounts.tokens.seen_users import seen_users
from tests.support.people import Person, token_of
from todo_project import database
from todo_project.database import (
    TRUSTED_SECONDS,
    PooledConnection,
    check_if_idle,
    connect_for_waiting,
    pool_options,
    prepare_statements,
)


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(database, "time", clock)
    return clock


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections that were tested."""
    checked: list[Any] = []
    monkeypatch.setattr(ConnectionPool, "check_connection", checked.append)
    return checked


class NewConnection:
    """A connection before its first use; `process` is the process id that the server reports."""

    def __init__(self, process: int) -> None:
        self.info = SimpleNamespace(backend_pid=7)
        self.process = process
        self.statements: list[str] = []
        self.prepare_threshold: int | None = 5
        self.can_prepare = False
        self.checked_out_at = Clock.now

    def execute(self, statement: str, params: object = None) -> Any:
        self.statements.append(statement)
        return SimpleNamespace(fetchone=lambda: (self.process,))

    def commit(self) -> None:
        pass


def test_a_connection_is_tested_after_a_pause_and_not_while_it_is_in_use(clock: Clock, checked: list[Any]) -> None:
    one: Any = NewConnection(7)

    check_if_idle(one)
    clock.now += TRUSTED_SECONDS
    check_if_idle(one)
    assert checked == [], "new, and then handed out five seconds ago"

    clock.now += TRUSTED_SECONDS + 0.1
    check_if_idle(one)
    assert checked == [one]

    check_if_idle(one)
    assert checked == [one]


def test_a_busy_api_sends_no_test(clock: Clock, checked: list[Any]) -> None:
    one: Any = NewConnection(7)

    for _ in range(100):
        clock.now += 1
        check_if_idle(one)

    assert checked == []


@pytest.mark.parametrize(("is_serving", "count"), [(False, 2), (True, 3)], ids=["command", "server"])
def test_statements_are_prepared_on_a_direct_connection_and_not_behind_a_pooler(
    monkeypatch: pytest.MonkeyPatch, is_serving: bool, count: int
) -> None:
    monkeypatch.setattr(database.serving, "is_on", is_serving)
    own, pooled = NewConnection(7), NewConnection(8)

    for one in (own, pooled):
        prepare_statements(one)  # type: ignore[arg-type]  # as much of a connection as is asked

    assert (own.can_prepare, pooled.can_prepare) == (True, False)
    assert (own.prepare_threshold, pooled.prepare_threshold) == (None, None), "psycopg prepares nothing beside it"
    assert len(own.statements) == count, "with time-outs for requests"
    assert len(pooled.statements) == 1, "a session's settings would leak to another client"


def prepared_statements() -> int:
    """Return how many statements are prepared on the connection of the next request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        ((count,),) = cursor.fetchall()
    connection.close()
    return int(count)


def test_a_statement_is_prepared_once_per_connection(caller: Person) -> None:
    before = prepared_statements()
    for _ in range(5):
        assert caller.post(caller.tasks, {"title": "x"}).status == 201
        connection.close()

    assert prepared_statements() == before + 1


@pytest.mark.parametrize("is_shared", [True, False])
def test_the_look_up_of_a_caller_is_prepared_too(caller: Person, settings: Settings, is_shared: bool) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = is_shared
    database.close_pools()

    for _ in range(3):
        seen_tokens.clear()
        seen_users.clear()
        assert caller.get(caller.tasks).status == 200

    assert prepared_statements() == 2


def test_nothing_is_prepared_on_a_connection_to_a_pooler(caller: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "prepare_statements", lambda connection: connection.commit())
    database.close_pools()

    for _ in range(3):
        assert caller.post(caller.tasks, {"title": "x"}).status == 201

    assert prepared_statements() == 0


def test_a_connection_keeps_a_bounded_number_of_prepared_statements(
    caller: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MAX_PREPARED", 3)

    for sort in ("title", "updated", "due_date", "priority", "title"):
        assert caller.get(f"{caller.tasks}?sort={sort}").status == 200
        assert prepared_statements() <= 3


def test_a_connection_that_has_received_a_long_list_is_replaced_by_another(
    caller: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = server_process_of(caller)
    assert server_process_of(caller) == process

    monkeypatch.setattr(statements, "LARGE_VALUE", 1)
    assert caller.get(caller.tasks).status == 200

    assert server_process_of(caller) != process, "libpq would keep the memory"


def own_connection() -> psycopg.Connection[Any]:
    """A connection to the database of the tests that is not of the pool."""
    parameters = connection.get_connection_params()
    for name in ("pool", "cursor_factory", "context"):
        parameters.pop(name, None)
    return psycopg.connect(**parameters, autocommit=True)


@pytest.mark.usefixtures("transactional_db")
def test_a_prepared_statement_goes_on_after_a_migration_that_changes_what_it_returns() -> None:
    """Better Auth's tables are migrated while the API runs."""
    with own_connection() as one:
        statements = prepared.PreparedStatements.of(one)
        one.execute("CREATE TEMPORARY TABLE example AS SELECT 1 AS x")
        assert statements.fetch_all("SELECT x FROM example", {}) == [(1,)]

        one.execute("ALTER TABLE example ALTER x TYPE text")

        assert statements.fetch_all("SELECT x FROM example", {}) == [("1",)]
        assert len(statements.names) == 1


@pytest.mark.usefixtures("transactional_db")
def test_a_connection_that_dies_under_a_prepared_statement_is_an_operational_error() -> None:
    with own_connection() as one:
        statements = prepared.PreparedStatements.of(one)
        assert statements.fetch_all("SELECT %(one)s::int", {"one": 1}) == [(1,)]
        kill(one.info.backend_pid)

        with pytest.raises(psycopg.OperationalError):
            statements.fetch_all("SELECT 1", {})


@pytest.fixture
def caller(transactional_db: None) -> Iterator[Person]:
    """A user whose requests take a connection from the pool and return it, as in a server."""
    database.close_pools()
    person = Person("owner", token_of("owner"))
    assert person.get(person.tasks).status == 200
    connection.close()
    yield person
    database.close_pools()


def server_process_of(person: Person) -> int:
    """Return the process id of the connection of the next request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((process,),) = cursor.fetchall()
    connection.close()
    return int(process)


def kill(process: int) -> None:
    """Terminate a connection in the server, as a restart or a scale-to-zero does."""
    parameters = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    parameters = {name: value for name, value in parameters.items() if name not in {"cursor_factory", "context"}}
    with psycopg.connect(**parameters) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [process]).fetchone() == (True,)


def test_a_connection_that_died_while_idle_is_replaced_before_the_request_uses_it(caller: Person, clock: Clock) -> None:
    process = server_process_of(caller)
    kill(process)
    clock.now += TRUSTED_SECONDS + 1

    answer = caller.get(caller.tasks)

    assert answer.status == 200
    connection.close()
    assert server_process_of(caller) != process


def test_when_all_connections_died_while_idle_no_request_waits_for_one_after_the_other(
    caller: Person, clock: Clock
) -> None:
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's
    taken = [pool.getconn() for _ in range(5)]
    for one in taken:
        kill(one.info.backend_pid)
        pool.putconn(one)
    clock.now += TRUSTED_SECONDS + 1

    assert caller.get(caller.tasks).status == 200


class FlakyConnection(PooledConnection):
    """Cannot be opened the first few times, as to a database that restarts."""

    failures = 0

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> Any:
        if cls.failures:
            cls.failures -= 1
            raise psycopg.OperationalError("refused")
        return super().connect(*args, **options)


@pytest.fixture
def flaky_pool(django_db_setup: None) -> Iterator[ConnectionPool[Any]]:
    """A pool as settings make it, whose connections cannot be opened at first."""
    parameters = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    options = pool_options(1) | {"check": None, "connection_class": FlakyConnection}
    with ConnectionPool(kwargs=parameters, open=True, **options) as pool:
        yield pool


def test_a_request_that_waits_gets_a_connection_soon_after_an_outage(
    flaky_pool: ConnectionPool[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FlakyConnection, "failures", 4)  # With the pool's own pauses, the fifth attempt takes 7 s.

    flaky_pool.putconn(flaky_pool.getconn(timeout=5))

    assert FlakyConnection.failures == 0


def test_a_connection_that_cannot_be_prepared_is_closed_and_another_one_is_opened(
    flaky_pool: ConnectionPool[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PgBouncer takes connections while its database is away, and refuses the first statement."""
    refused: list[psycopg.Connection[Any]] = []

    def refuse_once(connection: psycopg.Connection[Any]) -> None:
        if not refused:
            refused.append(connection)
            raise psycopg.OperationalError("server login has been failing")

    monkeypatch.setattr(database, "prepare_statements", refuse_once)

    one = flaky_pool.getconn()

    assert refused[0].closed
    assert not one.closed
    flaky_pool.putconn(one)


def test_no_connection_is_opened_after_an_outage_if_nobody_waits(flaky_pool: ConnectionPool[Any]) -> None:
    connect_for_waiting(flaky_pool)

    assert "connections_num" not in flaky_pool.get_stats(), "a database that may scale to zero is left to"


def test_a_connection_that_died_just_now_is_a_503_once(caller: Person, clock: Clock) -> None:
    kill(server_process_of(caller))

    assert caller.get(caller.tasks).error == (503, "SERVICE_UNAVAILABLE")
    connection.close()
    assert caller.get(caller.tasks).status == 200


def test_a_process_has_no_more_connections_than_its_pool(caller: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's
    taken = [pool.getconn() for _ in range(pool.max_size)]
    monkeypatch.setattr(pool, "timeout", 0.05)
    try:
        with pytest.raises(PoolTimeout):
            pool.getconn()

        answer = caller.get(caller.tasks)

        assert answer.error == (503, "SERVICE_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        for one in taken:
            pool.putconn(one)
    assert caller.get(caller.tasks).status == 200


def test_the_connection_that_was_used_last_is_used_next(caller: Person) -> None:
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's
    first, second = pool.getconn(), pool.getconn()
    for one in (first, second):
        pool.putconn(one)
    checked_out_at = first.checked_out_at, second.checked_out_at

    assert caller.get(caller.tasks).status == 200

    assert first.checked_out_at == checked_out_at[0]
    assert second.checked_out_at > checked_out_at[1]


def test_a_write_is_committed_whatever_state_its_connection_was_left_in(caller: Person) -> None:
    connection.set_autocommit(False)
    connection.cursor().execute("SELECT 1")
    connection.close()

    task = caller.post(caller.tasks, {"title": "Buy milk"}).json

    with connection.cursor() as cursor:  # The other requests' view of it, and not that of its own connection.
        cursor.execute("SELECT id, pg_current_xact_id_if_assigned() IS NULL FROM tasks")
        assert cursor.fetchall() == [(task["id"], True)]
    connection.close()


def test_an_unused_connection_is_not_kept_open() -> None:
    options = pool_options(10)

    assert options["min_size"] == 0, "a database that may scale to zero is left to"
    assert options["max_size"] == 10
    assert options["timeout"] < 30, "a request waits for a connection shorter than its caller waits for the answer"


def test_after_closing_the_pools_the_next_request_opens_a_connection(caller: Person) -> None:
    first = server_process_of(caller)

    database.close_pools()

    assert caller.get(caller.tasks).status == 200
    connection.close()
    assert server_process_of(caller) != first
