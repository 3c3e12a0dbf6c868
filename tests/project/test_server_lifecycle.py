"""Both HTTP servers, granian and gunicorn, stop cleanly, and replace their workers without losing a request."""

import os
import re
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.support.checkout import Checkout
from tests.support.server import PATIENCE_SECONDS, SERVERS, Server, is_running, until

type Serve = Callable[..., Server]


@pytest.fixture(params=SERVERS)
def serve(request: pytest.FixtureRequest, checkout: Checkout) -> Iterator[Serve]:
    """Starts servers on free ports, and stops them after the test."""
    servers: list[Server] = []
    checkout.migrate()

    def serve(**variables: str) -> Server:
        server = Server(checkout, request.param, **variables)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])
def test_it_stops_with_its_workers_and_its_database(serve: Serve, way: signal.Signals) -> None:
    server = serve(WEB_CONCURRENCY="2")
    server.read_until("Worker ready", times=2)
    assert len(server.workers) == 2
    assert all(is_running(process) for process in [*server.workers, server.database])

    ended = server.stop(way)

    assert ended == 0, server.printed[-1]
    assert not any(is_running(process) for process in [*server.workers, server.database])
    assert not server.database_file.exists()
    assert "Traceback" not in server.text


def test_ctrl_c_reaches_every_process_of_the_terminal_and_is_no_error(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="2")
    server.read_until("Worker ready", times=2)

    for worker in server.workers:
        os.kill(worker, signal.SIGINT)
    ended = server.stop(signal.SIGINT)

    assert ended == 0, server.printed[-1]
    assert not any(is_running(worker) for worker in server.workers)
    assert not re.search("ERROR|Traceback|Unexpected", server.text)


def test_web_concurrency_is_the_number_of_workers(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    server.read_until("Worker ready")
    server.tasks()

    server.stop()

    assert len(server.workers) == 1


def test_a_request_in_progress_is_answered_before_the_server_stops(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    server.read_until("Worker ready")
    with server.connect() as client:
        server.begin_post(client, b'{"title": "Buy ', length=len(b'{"title": "Buy milk"}'))
        server.ask("/health")  # The one worker has seen the beginning of the request before this one.
        server.process.send_signal(signal.SIGTERM)
        server.read_until("Shutting down" if "granian" in server.text else "Handling signal: term")

        client.sendall(b'milk"}')

        assert client.makefile("rb").readline().split()[1] == b"201"
    assert server.process.wait(PATIENCE_SECONDS) == 0
    server.stop()


def test_a_killed_worker_is_replaced(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    server.read_until("Worker ready")
    (killed,) = server.workers

    os.kill(killed, signal.SIGKILL)

    server.read_until("Worker ready")
    assert len(server.workers) == 2
    server.wait_until_reachable()
    assert server.ask("/health")[0] == {"status": "healthy"}


def test_hup_replaces_the_workers_one_after_the_other(serve: Serve) -> None:
    server = serve(WEB_CONCURRENCY="1")
    server.read_until("Worker ready")
    (old,) = server.workers

    server.process.send_signal(signal.SIGHUP)

    server.read_until("Worker ready")
    until(lambda: not is_running(old))
    assert server.ask("/health")[0] == {"status": "healthy"}
    assert server.stop() == 0
    assert not any(is_running(worker) for worker in server.workers)
