"""Runs the API as it is deployed, on a migrated database, with settings from the environment alone."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tests.better_auth.browser import Answer
from tests.better_auth.config import SECRET

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
COMMANDS = {"granian": ("manage.py", "serve", "--no-migrate"), "gunicorn": ("-m", "gunicorn")}


def environment(database: str, **settings: str) -> dict[str, str]:
    """The environment of a staff user who set these variables and no others."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    required = {
        "DATABASE_URL": database,
        "BETTER_AUTH_SECRET": SECRET,
        "SECRET_KEY": "a-key-of-the-lab-that-is-as-long-as-django-wants-them-to-be",
        "HTTPS": "false",
        "WEB_CONCURRENCY": "1",
    }
    return {**inherited, **required, **settings}


def manage(database: str, *command: str, stdin: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `manage.py` as a staff user does, and return how it ended."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(database, **settings),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def free_port() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Api:
    """A running API on `database`, for the length of a `with`."""

    def __init__(self, database: str, server: str = "granian", **settings: str) -> None:
        self.database = database
        self.command = COMMANDS[server]
        self.port = int(settings.pop("PORT", "0")) or free_port()
        self.settings = settings
        self.secret = settings.get("BETTER_AUTH_SECRET", SECRET)

    def __enter__(self) -> Self:
        self.log = TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [sys.executable, *self.command],
            cwd=ROOT,
            env=environment(self.database, PORT=str(self.port), **self.settings),
            stdout=self.log,
            stderr=self.log,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise AssertionError("The API did not start.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.seek(0)
        if error is not None:
            error.add_note(f"The API's log:\n{self.log.read()}")
        self.log.close()

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            return self.send("GET", "/health").status == 200
        except OSError:
            return False

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send `body` as JSON."""
        if body is None:
            return self.exchange(method, path, None, headers)
        return self.exchange(method, path, json.dumps(body), headers | {"Content-Type": "application/json"})

    def send_form(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """Send a form, as the admin's pages do."""
        encoded = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.exchange("POST", path, urlencode(fields), headers | encoded)

    def exchange(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(f"{method} {path}", response.status, response.headers, response.read())
        finally:
            connection.close()

    def status(self, token: str, path: str = "/api/me") -> int:
        """The status of a GET with `token`."""
        return self.send("GET", path, Authorization=f"Bearer {token}").status

    def lives_through(self, user_id: str, **headers: str) -> None:
        """A task of `user_id` from its creation to its end, by somebody who sends `headers`."""
        tasks = f"/api/{user_id}/tasks"
        created = self.send("POST", tasks, {"title": "Buy milk"}, **headers)
        assert created.status == 201, created.body
        assert created.json["user_id"] == user_id
        path = f"{tasks}/{created.json['id']}"
        assert [task["id"] for task in self.send("GET", tasks, **headers).json] == [created.json["id"]]
        assert self.send("PUT", path, {"title": "Buy oat milk"}, **headers).json["title"] == "Buy oat milk"
        assert self.send("PATCH", f"{path}/complete", **headers).json["completed"] is True
        assert self.send("GET", "/api/somebody-else/tasks", **headers).status == 403
        assert self.send("DELETE", path, **headers).status == 204
        assert self.send("GET", path, **headers).status == 404
