"""`manage.py serve` on a machine with the code alone: it serves, keeps its data, and stops with all it started."""

import io
import json
import logging
import os
import re
import shlex
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from gunicorn.config import Config

from tests.support.checkout import Checkout
from todo_project.logging import GunicornLogger

PATIENCE_SECONDS = 60
TASKS = "/api/developer/tasks"


class Server:
    """A running `manage.py serve`, once it listens."""

    def __init__(self, checkout: Checkout, **variables: str) -> None:
        self.process = checkout.start("manage.py", "serve", **variables)
        self.printed: list[str] = []
        self.database_file = checkout.folder / ".local" / "postgres" / "postmaster.pid"
        self.read_until("Listening at")
        self.database = int(self.database_file.read_text().split()[0])

    def read_until(self, text: str, times: int = 1) -> None:
        """Read what it prints until a line has `text`."""
        watchdog = Timer(PATIENCE_SECONDS, self.process.kill)
        watchdog.start()
        try:
            assert self.process.stdout is not None
            while times:
                line = self.process.stdout.readline()
                assert line, "".join(self.printed)
                self.printed.append(line)
                times -= text in line
        finally:
            watchdog.cancel()

    def stop(self, way: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, as a platform does with TERM and Ctrl-C with INT, and return how it ended."""
        self.process.send_signal(way)
        rest, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.printed.append(rest)
        return self.process.returncode

    @property
    def token(self) -> str:
        """The token it printed."""
        return self.line("Token").split()[1]

    @property
    def workers(self) -> list[int]:
        """The processes that gunicorn said it booted."""
        return [int(process) for process in re.findall(r"Booting worker with pid: (\d+)", "".join(self.printed))]

    def line(self, beginning: str) -> str:
        """The printed line that begins so."""
        return next(line for line in self.printed if line.startswith(beginning))

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[Any, Message]:
        """What the printed token is answered, and the headers; a body is posted."""
        address = self.line("Todo API").split()[2]
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{address}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer), answer.headers

    def send(self, request: str) -> bytes:
        """What it answers to this text, until one side hangs up."""
        where = urlsplit(self.line("Todo API").split()[2])
        with socket.create_connection((where.hostname, where.port), PATIENCE_SECONDS) as connection:
            connection.sendall(request.encode())
            return connection.makefile("rb").read()

    def tasks(self) -> list[dict[str, Any]]:
        """What the printed token sees."""
        tasks: list[dict[str, Any]] = self.ask(TASKS)[0]
        return tasks


def is_running(process: int) -> bool:
    """Whether there is a process of this number that has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # Where nobody collects orphans, an ended one keeps its number as a zombie.
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def serve(checkout: Checkout) -> Iterator[Callable[..., Server]]:
    """Starts servers on a port of their own, and leaves none behind."""
    servers: list[Server] = []

    def serve(**variables: str) -> Server:
        server = Server(checkout, PORT=str(free_port()), **variables)
        servers.append(server)
        return server

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def test_a_fresh_checkout_serves_the_request_that_it_prints_and_keeps_its_data(serve: Callable[..., Server]) -> None:
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
    assert server.tasks() == [task, *before], "the first start's token is good still"


def test_a_port_that_is_taken_stops_the_start_and_names_the_remedy(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        start = checkout.run("manage.py", "serve", PORT=str(port))

    assert start.returncode == 1
    assert start.stdout == ""
    assert f"Cannot listen at 127.0.0.1:{port}: Address already in use. Set PORT" in start.stderr


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])
def test_it_stops_with_its_workers_and_its_database(serve: Callable[..., Server], way: signal.Signals) -> None:
    server = serve(WEB_CONCURRENCY="2")
    server.read_until("Worker ready", times=2)  # One that is stopped while it loads tells of that.
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


def test_the_address_of_the_next_page_is_never_too_long(serve: Callable[..., Server]) -> None:
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


def test_the_access_log_has_a_line_a_request_that_nobody_can_forge_and_no_text(serve: Callable[..., Server]) -> None:
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


def test_a_request_that_cannot_be_read_is_logged_without_what_it_said(serve: Callable[..., Server]) -> None:
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
def test_what_the_server_says_of_a_request_that_broke_it_has_its_path_alone(
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


def test_a_server_that_was_killed_does_not_keep_the_database_from_stopping_later(serve: Callable[..., Server]) -> None:
    killed = serve()
    killed.stop(signal.SIGKILL)
    assert is_running(killed.database)

    server = serve()
    assert server.database == killed.database
    server.stop()

    assert not is_running(server.database)
