"""Clients who write through faults, and keep a ledger of what was acknowledged.

A client that got no answer, or 503, does not know whether its write was done: it sends it again. A create is sent again
with its Idempotency-Key, a toggle and a delete with the version that they were meant for.
"""

import http.client
import itertools
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from tests.support.copies import Copy
from tests.support.people import Person, token_of

WRITERS_PER_PERSON = 4
PATIENCE_SECONDS = 60  # of a client that is refused again and again
RETRY_SECONDS = 0.05  # Retry-After says 2, which nobody needs to wait for in a test.
NO_ANSWER = (OSError, http.client.HTTPException)


class Reply:
    """A response, with the names that tests/support/copies.py uses."""

    def __init__(self, asked: str, response: http.client.HTTPResponse) -> None:
        self.asked = asked
        self.status = response.status
        self.headers = response.headers
        self.content = response.read()

    def __repr__(self) -> str:
        return f"<{self.asked}: {self.status} {self.content[:500]!r}>"

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> tuple[int, str]:
        return self.status, self.json["error_code"]

    def is_refusal(self) -> bool:
        """Whether this is a 503, which must be as the contract has it."""
        if self.status != 503:
            return False
        assert list(self.json) == ["detail", "error_code", "status_code"], self
        assert self.error == (503, "SERVICE_UNAVAILABLE"), self
        assert self.json["status_code"] == 503, self
        assert self.headers["Content-Type"] == "application/json", self
        assert int(self.headers["Retry-After"]) > 0, self
        return True


class Client:
    """A user on one connection, which is kept alive."""

    def __init__(self, port: int, user_id: str, secret: str) -> None:
        self.id = user_id
        self.tasks = f"/api/{user_id}/tasks"
        self.headers = {"Authorization": f"Bearer {token_of(user_id, secret=secret)}"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send `body` as JSON; `If_Match=…` is the header If-Match. Raises one of NO_ANSWER."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        if data is not None:
            named["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, data, self.headers | named)
            return Reply(f"{method} {path}", self.connection.getresponse())
        except NO_ANSWER:
            self.connection.close()
            raise

    def get(self, path: str) -> Reply:
        return self.send("GET", path)


@dataclass
class Entry:
    """A task as its row must be."""

    title: str
    completed: bool = False
    version: int = 1
    is_trashed: bool = False


class Worker(threading.Thread, ABC):
    """Does its work again and again until the load stops."""

    def __init__(self, load: "Load", user_id: str) -> None:
        super().__init__()
        self.load = load
        self.client = Client(load.port, user_id, load.secret)
        self.successes = 0
        self.refusals = 0
        self.broken: list[BaseException] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.load.stops.is_set() and self.failure is None:
                self.work()
        except BaseException as error:  # noqa: BLE001  It is raised again by the thread of the test.
            self.failure = error
        finally:
            self.client.connection.close()

    @abstractmethod
    def work(self) -> None:
        """Send a request or several, and note what became of them."""


class Writer(Worker):
    """Creates, completes, renames and deletes tasks of its own in a list that it shares with other writers."""

    def __init__(self, load: "Load", user_id: str, number: int) -> None:
        super().__init__(load, user_id)
        self.number = number
        self.ledger: dict[int, Entry] = {}
        self.rounds = itertools.count()

    def work(self) -> None:
        name = f"{self.client.id} {self.number} {next(self.rounds)}"
        created = self.write("POST", self.client.tasks, {"title": name}, done=201, Idempotency_Key=name)
        task_id = created.json["id"]
        assert task_id not in self.ledger, "This id was given before."
        entry = self.ledger[task_id] = Entry(name)
        path = f"{self.client.tasks}/{task_id}"
        self.must_be(created, entry)

        toggled = self.write("PATCH", f"{path}/complete", done=200, or_done_before=412, If_Match=f'"{entry.version}"')
        entry.completed, entry.version = True, 2
        if toggled.status == 200:
            self.must_be(toggled, entry)

        renamed = self.write("PUT", path, {"title": f"{name}, renamed"}, done=200)
        entry.title, entry.version = f"{name}, renamed", 3
        self.must_be(renamed, entry)
        if task_id % 3 == 0:
            self.write("DELETE", path, done=204, or_done_before=404)
            entry.is_trashed, entry.version = True, 4

    @staticmethod
    def must_be(reply: Reply, entry: Entry) -> None:
        task = reply.json
        assert (task["title"], task["completed"], task["version"]) == (entry.title, entry.completed, entry.version)

    def write(
        self, method: str, path: str, body: Any = None, *, done: int, or_done_before: int = 0, **headers: str
    ) -> Reply:
        """Send a write until it is acknowledged.

        or_done_before: how a repetition is answered if the first attempt, which nobody acknowledged, was done.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        is_repetition = False
        while time.monotonic() < deadline:
            try:
                reply = self.client.send(method, path, body, **headers)
            except NO_ANSWER as error:
                self.broken.append(error)
            else:
                if not reply.is_refusal():
                    assert reply.status == done or (is_repetition and reply.status == or_done_before), reply
                    self.successes += 1
                    return reply
                self.refusals += 1
            is_repetition = True
            time.sleep(RETRY_SECONDS)
        raise AssertionError(f"{method} {path} was refused for {PATIENCE_SECONDS} s.")


class Follower(Worker):
    """Keeps a copy of a user's list by the changes feed, from the first change to the last."""

    def __init__(self, load: "Load", user_id: str) -> None:
        super().__init__(load, user_id)
        self.copy = Copy(cast(Person, self.client))  # It has all that a copy needs.

    def work(self) -> None:
        try:
            reply: Any = self.copy.ask(limit=50)
        except NO_ANSWER as error:
            self.broken.append(error)
            reply = None
        if reply is None or reply.is_refusal():
            time.sleep(RETRY_SECONDS)
        elif not self.copy.take(reply):
            self.successes += 1
            time.sleep(RETRY_SECONDS)


class Load:
    """Users, each with several writers and a follower."""

    def __init__(self, port: int, secret: str, people: list[str]) -> None:
        self.port = port
        self.secret = secret
        self.people = people
        self.stops = threading.Event()
        self.writers = [Writer(self, person, number) for person in people for number in range(WRITERS_PER_PERSON)]
        self.followers = [Follower(self, person) for person in people]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside the block they work; at its end every write is acknowledged."""
        for worker in (*self.writers, *self.followers):
            worker.start()
        try:
            yield
        finally:
            self.stops.set()
            for worker in (*self.writers, *self.followers):
                worker.join()
        self.raise_failures()

    def raise_failures(self) -> None:
        for worker in (*self.writers, *self.followers):
            if worker.failure is not None:
                raise worker.failure

    def until_each_has_written(self, times: int, within_seconds: float) -> float:
        """Return how long it took until each writer had so many more writes acknowledged."""
        start = time.monotonic()
        goals = {writer: writer.successes + times for writer in self.writers}
        while late := [writer for writer, goal in goals.items() if writer.successes < goal]:
            self.raise_failures()
            assert time.monotonic() < start + within_seconds, f"{len(late)} of {len(goals)} writers still wait."
            time.sleep(0.005)
        return time.monotonic() - start

    def until_refused(self) -> None:
        """Return once somebody was refused."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.refusals:
            self.raise_failures()
            assert time.monotonic() < deadline
            time.sleep(0.005)

    @property
    def writes(self) -> int:
        return sum(writer.successes for writer in self.writers)

    @property
    def refusals(self) -> int:
        return sum(writer.refusals for writer in self.writers)

    @property
    def broken(self) -> list[BaseException]:
        """The requests that got no answer."""
        return [error for worker in (*self.writers, *self.followers) for error in worker.broken]

    @property
    def ledger(self) -> dict[int, tuple[Any, ...]]:
        """Owner, title, completed, version and whether it is in the trash, by id."""
        return {
            task_id: (writer.client.id, entry.title, entry.completed, entry.version, entry.is_trashed)
            for writer in self.writers
            for task_id, entry in writer.ledger.items()
        }
