"""What row-level security costs: the same requests to two APIs that take turns, with the second wall and without.

`python -m benchmarks.row_security` prints the CPU per request, of the API and of PostgreSQL, and the ratio of sums.
"""

import argparse
import http.client
import json
import secrets
import statistics
import sys
from pathlib import Path

import psycopg

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

REQUESTS = 100
MODES = ("off", "on")


def cpu_of(processes: list[int]) -> float:
    """Return the seconds of CPU of all threads of these processes; `schedstat` counts nanoseconds."""
    files = [file for process in processes for file in Path(f"/proc/{process}/task").glob("*/schedstat")]
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def with_children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(found for child in children for found in with_children(int(child)))]


class Side:
    """One API with its database, role and user."""

    def __init__(self, api: Api, database: str, role: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)
        self.headers = {
            "Authorization": f"Bearer {token_of('ada', secret=api.secret)}",
            "Content-Type": "application/json",
        }
        self.database, self.role = database, role
        self.api = with_children(api.process.pid)
        for number in range(20):
            self.ask("POST", "", {"title": f"Task {number}"})
        self.task = json.loads(self.ask("POST", "", {"title": "Buy milk"}))["id"]

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
        self.connection.request(method, f"/api/ada/tasks{path}", json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content
        return content

    def backends(self) -> list[int]:
        with psycopg.connect(self.database) as database:
            rows = database.execute("SELECT pid FROM pg_stat_activity WHERE usename = %s", [self.role]).fetchall()
        return [int(pid) for (pid,) in rows]

    def turn(self, method: str, path: str, body: dict[str, str] | None) -> tuple[float, float]:
        """Return µs of CPU per request: of the API and of PostgreSQL."""
        self.ask(method, path, body)
        backends = self.backends()
        before = cpu_of(self.api), cpu_of(backends)
        for _ in range(REQUESTS):
            self.ask(method, path, body)
        return (
            (cpu_of(self.api) - before[0]) / REQUESTS * 1_000_000,
            (cpu_of(backends) - before[1]) / REQUESTS * 1_000_000,
        )


def main(rounds: int) -> None:
    role = f"todo_bench_{secrets.token_hex(4)}"
    with fresh_database(server_url()) as off, fresh_database(server_url()) as on:
        urls = {}
        for mode, database in (("off", off), ("on", on)):
            manage(database, "migrate", "--verbosity=0").check_returncode()
            name = f"{role}_{mode}"
            with psycopg.connect(database, autocommit=True) as server:
                server.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'".encode())
            options = ["--row-security"] if mode == "on" else []
            manage(database, "serving_role", name, *options).check_returncode()
            urls[mode] = database.replace("postgres@", f"{name}:secret@", 1)
        with (
            Api(urls["off"], DATABASE_POOL_SIZE="1") as first,
            Api(urls["on"], DATABASE_POOL_SIZE="1", DATABASE_ROW_SECURITY="true") as second,
        ):
            sides = {"off": Side(first, off, f"{role}_off"), "on": Side(second, on, f"{role}_on")}
            requests = {
                "get": ("GET", "/{}", None),
                "list of 20": ("GET", "?limit=20", None),
                "toggle": ("PATCH", "/{}/complete", None),
                "create": ("POST", "", {"title": "Buy milk"}),
            }
            for name, (method, path, body) in requests.items():
                turns: dict[str, list[tuple[float, float]]] = {mode: [] for mode in MODES}
                for number in range(rounds):
                    for mode in MODES if number % 2 else reversed(MODES):
                        side = sides[mode]
                        turns[mode].append(side.turn(method, path.format(side.task), body))
                figures = {mode: [statistics.median(part) for part in zip(*turns[mode], strict=True)] for mode in MODES}
                ratios = [sum(new) / sum(old) for old, new in zip(turns["off"], turns["on"], strict=True)]
                print(
                    f"{name:12} off {figures['off'][0]:6.0f} + {figures['off'][1]:5.0f} µs"
                    f"   on {figures['on'][0]:6.0f} + {figures['on'][1]:5.0f} µs"
                    f"   ratio {statistics.median(ratios):.3f}"
                )
        for mode, database in (("off", off), ("on", on)):
            with psycopg.connect(database, autocommit=True) as server:
                server.execute(f"DROP OWNED BY {role}_{mode}".encode())
                server.execute(f"DROP ROLE {role}_{mode}".encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(parser.parse_args().rounds)
