"""Starts `manage.py serve` as a process and talks to it."""

import json
import os
import re
import signal
import socket
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from tests.support.checkout import Checkout

PATIENCE_SECONDS = 60
TASKS = "/api/developer/tasks"


class Server:
    """A running `manage.py serve`. The constructor returns when it listens."""

    def __init__(self, checkout: Checkout, **variables: str) -> None:
        self.process = checkout.start("manage.py", "serve", **variables)
        self.printed: list[str] = []
        self.database_file = checkout.folder / ".local" / "postgres" / "postmaster.pid"
        self.read_until("Listening at")
        self.database = int(self.database_file.read_text().split()[0])

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
    def token(self) -> str:
        return self.line("Token").split()[1]

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers that gunicorn has started."""
        return [int(process) for process in re.findall(r"Booting worker with pid: (\d+)", "".join(self.printed))]

    def line(self, beginning: str) -> str:
        return next(line for line in self.printed if line.startswith(beginning))

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[Any, Message]:
        """Send a GET, or a POST if there is a body, with the printed token; return body and headers."""
        url = self.line("Todo API").split()[2]
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{url}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer), answer.headers

    def send(self, request: str) -> bytes:
        """Send this text and return everything received until the connection is closed."""
        url = urlsplit(self.line("Todo API").split()[2])
        with socket.create_connection((url.hostname, url.port), PATIENCE_SECONDS) as connection:
            connection.sendall(request.encode())
            return connection.makefile("rb").read()

    def tasks(self) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = self.ask(TASKS)[0]
        return tasks


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
