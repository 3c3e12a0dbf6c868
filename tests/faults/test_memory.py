"""A worker's memory stays the same, however many requests it answers, and long lists are given back.

`python -m benchmarks.memory` does this with 100,000 requests.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from benchmarks.processes import resident_mebibytes
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.ledger import Client
from tests.support.server import until
from tests.support.workers import workers_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux alone says it there.")

CLIENTS = 8
LONG_LIST = """
    INSERT INTO tasks (user_id, title, description)
    SELECT 'ada', 'Buy milk ' || number, repeat('x', 300) FROM generate_series(1, 10000) number
"""


type Request = tuple[str, str, object, int]  # method, path, body, and the status that is expected


class Measured:
    """One worker, and a user with 10,000 tasks."""

    def __init__(self, api: Api) -> None:
        (self.worker,) = workers_of(api.process.pid)
        self.clients = [Client(api.port, "ada", api.secret) for _ in range(CLIENTS)]

    def send(self, times: int, *requests: Request) -> None:
        """Let each of the clients send the requests so many times."""

        def work(client: Client) -> None:
            for _ in range(times):
                for method, path, body, status in requests:
                    assert client.send(method, path, body).status == status

        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(work, self.clients))

    @property
    def mebibytes(self) -> float:
        return resident_mebibytes(self.worker)


@pytest.fixture(scope="module")
def measured() -> Iterator[Measured]:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, WEB_CONCURRENCY="1") as api:
            measured = Measured(api)
            measured.send(1, ("GET", "/api/ada/tasks", None, 200))
            with psycopg.connect(url) as database:
                database.execute(LONG_LIST)
            measured.send(10, BODY, *EVERYTHING)
            yield measured
            for client in measured.clients:
                client.connection.close()


BODY: Request = (
    "POST",
    "/health",
    {"description": "x" * 1000},
    405,
)  # The body is read all the same, and that is cheap.
EVERYTHING: tuple[Request, ...] = (
    ("POST", "/api/ada/tasks", {"title": ""}, 422),
    ("POST", "/api/ada/tasks", {"title": "Buy milk"}, 409),
    ("GET", "/api/ada/tasks?limit=20&sort=title", None, 200),
    ("GET", "/api/ada/tasks/changes?limit=20", None, 200),
    ("PATCH", "/api/ada/tasks/0/complete", {}, 404),
)


def test_requests_with_a_body_leave_nothing_behind(measured: Measured) -> None:
    """Each once left 3 KiB: a cycle through granian's objects, into which a garbage collection does not see."""
    before = measured.mebibytes

    measured.send(600, BODY)  # 4,800 requests
    measured.send(10, *EVERYTHING)

    assert measured.mebibytes - before < 7


def test_long_lists_and_exports_are_given_back(measured: Measured) -> None:
    before = measured.mebibytes

    measured.send(1, ("GET", "/api/ada/tasks", None, 200), ("GET", "/api/ada/export", None, 200))

    until(lambda: measured.mebibytes - before < 25)  # One such list is 5 MB, and eight were sent at a time.
