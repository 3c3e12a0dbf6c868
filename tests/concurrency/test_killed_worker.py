"""A worker that is killed between the commit and its answer loses the answer alone: the retry gets it."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.better_auth.config import SECRET
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of
from tests.support.server import SERVERS

TASKS = "/api/owner/tasks"
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
COMMITTED = "SELECT FROM tasks WHERE title = 'Buy bread'"


def until(database: "psycopg.Connection[Any]", query: str) -> None:
    """Return once `query` finds a row."""
    deadline = time.monotonic() + 20
    while database.execute(query).fetchone() is None:
        assert time.monotonic() < deadline, query


def until_up(api: Api) -> None:
    """Return once the next worker answers."""
    deadline = time.monotonic() + 20
    while not api.is_up():
        assert time.monotonic() < deadline


def children_of(process: int) -> list[str]:
    """The children of a process, by the kernel's own list."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux alone lists a process's children there.")
@pytest.mark.parametrize("server", SERVERS)
def test_a_create_whose_worker_was_killed_after_its_commit_is_done_once(django_db_setup: None, server: str) -> None:
    headers = {"Authorization": f"Bearer {token_of('owner', secret=SECRET)}", "Idempotency-Key": "k"}
    lost: list[BaseException] = []

    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, server) as api, psycopg.connect(url, autocommit=True) as observer, psycopg.connect(url) as holder:
            api.send("POST", TASKS, {"title": "Buy milk"}, Authorization=headers["Authorization"])
            (worker,) = map(int, children_of(api.process.pid))

            def create() -> None:
                try:
                    api.send("POST", TASKS, {"title": "Buy bread"}, **headers)
                except OSError as error:
                    lost.append(error)

            holder.execute("SELECT FROM task_lists FOR UPDATE")
            client = threading.Thread(target=create)
            client.start()
            until(observer, WAITING)  # The statement is with the database, and waits for the list.
            os.kill(worker, signal.SIGSTOP)
            holder.commit()
            until(observer, COMMITTED)  # Its answer is on the way to a worker that no longer reads.
            os.kill(worker, signal.SIGKILL)
            client.join(30)

            until_up(api)
            again = api.send("POST", TASKS, {"title": "Buy bread"}, **headers)

            assert len(lost) == 1
            assert again.status == 201
            assert again.headers["Idempotency-Replayed"] == "true"
            assert observer.execute("SELECT count(*) FROM tasks WHERE title = 'Buy bread'").fetchone() == (1,)
            assert observer.execute("SELECT live_count, revision FROM task_lists").fetchone() == (2, 2)
