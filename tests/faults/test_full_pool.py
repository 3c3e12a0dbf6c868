"""A request waits for a connection of the pool for a bounded time: 503 comes while all of them are still busy."""

from concurrent.futures import ThreadPoolExecutor

import psycopg

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

POOL_SIZE = 2
TASKS = "/api/ada/tasks"
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_a_request_that_gets_no_connection_is_503_while_the_others_go_on(django_db_setup: None) -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with (
            Api(url, DATABASE_POOL_SIZE=f"{POOL_SIZE}") as api,
            psycopg.connect(url, autocommit=True) as observer,
            ThreadPoolExecutor() as threads,
            psycopg.connect(url) as holder,
        ):
            ada = bearer(token_of("ada", secret=api.secret))
            assert api.send("POST", TASKS, {"title": "Buy milk"}, **ada).status == 201
            holder.execute("SELECT FROM task_lists FOR UPDATE")
            busy = [threads.submit(api.send, "POST", TASKS, {"title": "Buy bread"}, **ada) for _ in range(POOL_SIZE)]
            while len(observer.execute(WAITING).fetchall()) < POOL_SIZE:
                assert not any(request.done() for request in busy)

            refused = api.send("GET", TASKS, **ada)

            assert not any(request.done() for request in busy)
            assert (refused.status, refused.json["error_code"]) == (503, "SERVICE_UNAVAILABLE")
            assert int(refused.headers["Retry-After"]) > 0
            holder.commit()
            assert [request.result().status for request in busy] == [201] * POOL_SIZE
            assert len(api.send("GET", TASKS, **ada).json) == 1 + POOL_SIZE
