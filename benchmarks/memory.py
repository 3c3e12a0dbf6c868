"""How large the workers are after many requests of all kinds, whole lists of 10,000 tasks and exports among them.

    python -m benchmarks.memory [--requests 100000] [--tasks 20000]

Each line: what of each worker is in RAM. The first is after a warm-up, in which each thread and connection was used and
a long list was sent. A figure at rest is better than one in the middle of a request, so nothing is asked meanwhile.
"""

import http.client
import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.contenders import OURS
from benchmarks.population import Population, person, token
from benchmarks.processes import LOOPBACK, resident_mebibytes, tree
from benchmarks.stage import arguments, stage

CLIENTS = 16
STEPS = 10
# So often, of 1,000 requests; the others are of single tasks and pages.
WHOLE_LISTS, EXPORTS = 5, 1


class Client(threading.local):
    """A thread's own connection, and what it has created."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
        self.chance = random.Random(threading.get_ident())

    def send(self, number: int, method: str, path: str, body: Any = None) -> Any:
        """Send a request of user `number`. Returns the JSON of the response, which must be a success."""
        headers = {"Authorization": f"Bearer {token(number)}", "Content-Type": "application/json"}
        self.connection.request(
            method, f"/api/{person(number)}{path}", None if body is None else json.dumps(body), headers
        )
        response = self.connection.getresponse()
        content = response.read()
        if response.status not in {200, 201, 204}:
            raise SystemExit(f"{method} {path}: {response.status} {content[:300]!r}")
        return json.loads(content) if content else None


def ask(client: Client, population: Population, requests: int) -> None:
    """Send so many requests, one after the other."""
    long_lists = population.with_list_of(10_000)
    sent = 0
    while sent < requests:
        kind = client.chance.randrange(1000)
        if kind < WHOLE_LISTS:
            client.send(client.chance.choice(long_lists), "GET", "/tasks")
            sent += 1
        elif kind < WHOLE_LISTS + EXPORTS:
            client.send(client.chance.choice(long_lists), "GET", "/export")
            sent += 1
        else:
            sent += live(client, client.chance.randrange(population.people))


def live(client: Client, number: int) -> int:
    """Create a task of user `number`, read, change and delete it. Returns the number of requests."""
    task = client.send(number, "POST", "/tasks", {"title": "Buy milk", "description": "x" * 500})
    path = f"/tasks/{task['id']}"
    client.send(number, "GET", "/tasks?limit=50&sort=title")
    client.send(number, "GET", "/tasks/changes?limit=50")
    client.send(number, "PATCH", f"{path}/complete")
    client.send(number, "PUT", path, {"title": "Buy oat milk", "tags": ["shop"]})
    client.send(number, "GET", path)
    client.send(number, "DELETE", path)
    return 7


def main() -> None:
    parser = arguments(__doc__)
    parser.set_defaults(tasks=20_000)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    with stage(options) as here, ThreadPoolExecutor(CLIENTS) as threads:
        database = here.database(OURS)
        with OURS.served(database, here.folder) as serving:
            client = Client(serving.port)

            def send(requests: int) -> None:
                list(threads.map(lambda _: ask(client, here.population, requests // CLIENTS), range(CLIENTS)))

            send(3_000)
            workers = [process for process in tree(serving.process) if process != serving.process]
            first = list(map(resident_mebibytes, workers))
            show(0, first)
            for step in range(1, STEPS + 1):
                send(options.requests // STEPS)
                show(step * options.requests // STEPS, list(map(resident_mebibytes, workers)))
            grown = [now - then for now, then in zip(map(resident_mebibytes, workers), first, strict=True)]
            print("growth    ", "".join(f"{mebibytes:10.1f}" for mebibytes in grown), "MiB")


def show(requests: int, mebibytes: list[float]) -> None:
    print(f"{requests:10,}", "".join(f"{worker:10.1f}" for worker in mebibytes), "MiB", flush=True)


if __name__ == "__main__":
    main()
