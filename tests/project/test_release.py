"""A release without a pause (docs/deploy/release.md): migrate while the API serves, start another one, stop the first.

The schema begins where decision 0023 says that both releases can serve, and becomes the newest one.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.better_auth.test_setups import bearer
from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

BOTH_RELEASES = "0003"
PEOPLE = ("ada", "bob", "eve")
WRITES_BETWEEN_STEPS = 5


class Writer(threading.Thread):
    """Creates tasks until it is told to stop, and keeps a ledger of those that were acknowledged."""

    def __init__(self, person: str, route: "Route", secret: str) -> None:
        super().__init__()
        self.person = person
        self.route = route
        self.headers = bearer(token_of(person, secret=secret))
        self.ledger: list[str] = []
        self.refused: list[Any] = []
        self.has_written = threading.Condition()
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            title = f"{self.person} {len(self.ledger)}"
            try:
                answer = self.route.api.send("POST", f"/api/{self.person}/tasks", {"title": title}, **self.headers)
            except OSError as error:
                self.refused.append(error)
                continue
            with self.has_written:
                (self.ledger.append(title) if answer.status == 201 else self.refused.append(answer))
                self.has_written.notify_all()

    def writes_more(self) -> None:
        """Return when it has written some more, or was refused."""
        with self.has_written:
            goal = len(self.ledger) + WRITES_BETWEEN_STEPS
            assert self.has_written.wait_for(lambda: len(self.ledger) >= goal or self.refused, timeout=30)


class Route:
    """Which instance new requests go to, as a proxy decides it."""

    def __init__(self, api: Api) -> None:
        self.api = api


@contextmanager
def writers(route: Route) -> Iterator[list[Writer]]:
    threads = [Writer(person, route, route.api.secret) for person in PEOPLE]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.stopped.set()
            thread.join()


def test_a_release_while_people_write_loses_nothing_and_refuses_nobody() -> None:
    with fresh_database(server_url()) as database, ExitStack() as instances:
        assert manage(database, "migrate", "tasks", BOTH_RELEASES, "--verbosity=0").returncode == 0
        assert manage(database, "migrate", "accounts", "--verbosity=0").returncode == 0
        with Api(database) as former:
            route = Route(former)
            with writers(route) as threads:
                each(threads)
                migrated = manage(database, "migrate", "--verbosity=0")
                assert migrated.returncode == 0, migrated.stderr
                each(threads)
                route.api = instances.enter_context(Api(database))
                each(threads)
                former.process.terminate()
                assert former.process.wait(40) == 0, "it has finished what was in progress"
                each(threads)

        for writer in threads:
            assert writer.refused == []
            listed = route.api.send("GET", f"/api/{writer.person}/tasks", **writer.headers).json
            assert sorted(task["title"] for task in listed) == sorted(writer.ledger)


def each(threads: list[Writer]) -> None:
    for thread in threads:
        thread.writes_more()
