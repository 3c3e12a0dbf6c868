"""`manage.py serve` needs only the code: it serves, keeps its data, and stops everything that it started."""

import io
import json
import logging
import re
import shlex
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from gunicorn.config import Config

from tests.support.checkout import Checkout
from tests.support.server import PATIENCE_SECONDS, TASKS, Server, free_port, is_running
from todo_project.logging import GunicornLogger


@pytest.fixture
def serve(checkout: Checkout) -> Iterator[Callable[..., Server]]:
    """Starts servers on free ports, and stops them after the test."""
    servers: list[Server] = []

    def serve(**variables: str) -> Server:
        server = Server(checkout, PORT=str(free_port()), **variables)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def test_a_new_checkout_serves_the_request_that_it_prints_and_keeps_its_data(serve: Callable[..., Server]) -> None:
    server = serve()
    curl = next(line for line in server.printed if line.startswith("  curl "))
    before = server.tasks()

    posted = subprocess.run([*shlex.split(curl), "--silent"], capture_output=True, check=True, timeout=PATIENCE_SECONDS)

    task = json.loads(posted.stdout)
    assert task["title"] == "Buy milk"
    assert server.tasks() == [task, *before]
    first_token = server.token
    server.stop()
    server = serve()
    assert server.tasks() == [task, *before]
    server.printed = [line.replace(server.token, first_token) for line in server.printed]
    assert server.tasks() == [task, *before], "a token of the first start is still valid"


def test_a_used_port_is_reported_with_the_remedy(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        start = checkout.run("manage.py", "serve", PORT=str(port))

    assert start.returncode == 1
    assert start.stdout == ""
    assert f"Cannot listen at 127.0.0.1:{port}: Address already in use. Set PORT" in start.stderr


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])
def test_it_stops_with_its_workers_and_its_database(serve: Callable[..., Server], way: signal.Signals) -> None:
    server = serve(WEB_CONCURRENCY="2")
    server.read_until("Worker ready", times=2)  # A worker that is stopped while it loads logs that.
    assert len(server.workers) == 2
    assert all(is_running(process) for process in [*server.workers, server.database])

    ended = server.stop(way)

    assert ended == 0, server.printed[-1]
    assert not any(is_running(process) for process in [*server.workers, server.database])
    assert not server.database_file.exists()
    assert "Traceback" not in "".join(server.printed)


def test_web_concurrency_is_the_number_of_workers(serve: Callable[..., Server]) -> None:
    server = serve(WEB_CONCURRENCY="1")
    server.tasks()

    server.stop()

    assert len(server.workers) == 1


def test_the_url_of_the_next_page_is_never_too_long(serve: Callable[..., Server]) -> None:
    server = serve()
    title, tag = "🧺" * 200, "🧺" * 50
    ids = [server.ask(TASKS, {"title": title, "tags": [tag]})[0]["id"] for _ in range(2)]
    query = {"q": title, "tag": tag, "sort": "title", "limit": 1}
    first, headers = server.ask(f"{TASKS}?{urlencode(query)}")

    link = re.fullmatch(r'<(.*)>; rel="next"', headers["Link"])
    assert link is not None
    assert len(link[1]) > 4094, "longer than gunicorn takes by itself"
    second, _ = server.ask(link[1])

    assert [task["id"] for task in [*first, *second]] == ids


def test_the_access_log_has_one_unforgeable_line_per_request_and_no_text(serve: Callable[..., Server]) -> None:
    server = serve()
    _, headers = server.ask(f"{TASKS}?q=a+secret")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        server.ask("/nothing%0A[forged]")
    for target in ("/health#q=secret", 'http://me:secret@localhost/health"'):
        server.send(f"HEAD {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    server.stop()
    paths = re.findall(r'"HEAD (.*)" \d\d\d ', "".join(server.printed))
    assert paths == ["/health", "/health%22"]

    lines = [line for line in "".join(server.printed).splitlines() if '"GET ' in line]
    when, seconds = r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]", r"\d\.\d{6}s"
    assert re.fullmatch(rf'{when} "GET {TASKS}" 200 2 {seconds} {headers["X-Request-ID"]}', lines[-2])
    assert re.fullmatch(rf'{when} "GET /nothing%0A\[forged\]" 404 \d+ {seconds} \S+', lines[-1])
    assert "secret" not in "".join(server.printed)


UNREADABLE = {
    "Invalid HTTP Version": f"GET {TASKS}?q=a secret HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "Invalid HTTP Header": f"GET {TASKS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization Bearer secret\r\n\r\n",
    "Invalid chunk size": (
        f"POST {TASKS} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n\r\n"
    ),
}


def test_an_unreadable_request_is_logged_without_its_content(serve: Callable[..., Server]) -> None:
    server = serve()
    for said in UNREADABLE.values():
        assert re.match(rb"HTTP/1.1 4\d\d ", server.send(said))
    server.stop()

    printed = "".join(server.printed)
    assert re.findall(r"Invalid request from ip=127\.0\.0\.1: (.*)", printed) == list(UNREADABLE)
    assert "secret" not in printed


@pytest.mark.parametrize(
    ("level", "said", "logged"),
    [
        ("exception", ("Error handling request %s %s", "GET", "/a?q=secret"), "Error handling request GET /a"),
        ("exception", ("Exception in worker %s", "1?"), "Exception in worker 1?"),
        ("warning", ("Invalid request from ip=::1: Bad Header: secret",), "Invalid request from ip=::1: Bad Header"),
        ("warning", ("Worker %s: slow: very", "1?"), "Worker 1?: slow: very"),
    ],
)
def test_gunicorns_messages_about_a_request_contain_only_its_path(
    level: str, said: tuple[str, ...], logged: str
) -> None:
    log = GunicornLogger(Config())  # type: ignore[no-untyped-call]  # gunicorn has no types.
    written = logging.StreamHandler(io.StringIO())
    log.error_log.addHandler(written)

    try:
        raise ValueError
    except ValueError:
        getattr(log, level)(*said)

    log.error_log.removeHandler(written)
    assert written.stream.getvalue().splitlines()[0] == logged


def test_a_killed_server_does_not_keep_the_database_running_forever(serve: Callable[..., Server]) -> None:
    killed = serve()
    killed.stop(signal.SIGKILL)
    assert is_running(killed.database)

    server = serve()
    assert server.database == killed.database
    server.stop()

    assert not is_running(server.database)
