"""Starts the API in development mode as a process, and talks to it."""

import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from tests.support.checkout import Checkout

PATIENCE_SECONDS = 60
TASKS = "/api/developer/tasks"


SERVERS = ("granian", "gunicorn")
COMMANDS = {"granian": ("manage.py", "serve"), "gunicorn": ("-m", "gunicorn")}


class Server:
    """The API in development mode, run by one of COMMANDS. The constructor returns when it listens.

    gunicorn expects a migrated database.
    """

    def __init__(self, checkout: Checkout, name: str = "granian", *, url: str = "", **variables: str) -> None:
        port = variables.setdefault("PORT", str(free_port()))
        self.url = url or f"http://127.0.0.1:{port}"
        self.process = checkout.start(*COMMANDS[name], **variables)
        self.printed: list[str] = []
        self.database_file = checkout.folder / ".local" / "postgres" / "postmaster.pid"
        self.token = ""
        self.read_until("Listening at")
        self.database = int(self.database_file.read_text().split()[0])
        self.token = checkout.token
        self.wait_until_reachable()

    @property
    def database_url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.database_file.parent}"

    def wait_until_reachable(self) -> None:
        """Return when it accepts connections: granian's workers begin to listen after its message."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.connect().close()
            except OSError:
                assert self.process.poll() is None, self.text
                assert time.monotonic() < deadline

    @property
    def text(self) -> str:
        """Everything that it has printed so far, as far as it was read."""
        return "".join(self.printed)

    def read_until(self, text: str, times: int = 1) -> None:
        """Read its output until a line contains `text`."""
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
        """Send the signal and return the exit status. Platforms send TERM; Ctrl-C sends INT."""
        self.process.send_signal(way)
        rest, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.printed.append(rest)
        return self.process.returncode

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers that it has started."""
        return [int(process) for process in re.findall(r"Worker ready \(pid: (\d+)\)", self.text)]

    def line(self, beginning: str) -> str:
        return next(line for line in self.printed if line.startswith(beginning))

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[Any, Message]:
        """Send a GET, or a POST if there is a body, with the printed token; return body and headers."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer), answer.headers

    def send(self, request: str) -> bytes:
        """Send this text and return everything received until the connection is closed."""
        with self.connect() as connection:
            connection.sendall(request.encode("latin-1"))
            return connection.makefile("rb").read()

    def begin_post(self, client: socket.socket, part: bytes, *, length: int) -> None:
        """Send the beginning of a request that creates a task; its body has `length` bytes."""
        head = (
            f"POST {TASKS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        client.sendall(head.encode() + part)

    def connect(self) -> socket.socket:
        url = urlsplit(self.url)
        return socket.create_connection((str(url.hostname), url.port), PATIENCE_SECONDS)

    def tasks(self) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = self.ask(TASKS)[0]
        return tasks


def until(is_so: Callable[[], bool]) -> None:
    """Return as soon as `is_so`; fail if that takes longer than a patient user waits."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline


def is_running(process: int) -> bool:
    """Return whether the process exists and has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # An ended process that nobody waits for keeps its id as a zombie.
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
