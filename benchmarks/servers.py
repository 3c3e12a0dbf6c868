"""Which HTTP server, with how many threads: the same load in five situations.

    python -m benchmarks.servers [--seconds 5] [--repeats 3] [--only "granian 2x64" …] [--in alone slow …] [--json FILE]

Slow clients take twelve seconds to send a body; a server that gives each of them a thread needs more threads than
there are slow clients. A distant database keeps a thread waiting in each request.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.contenders import OURS, PROJECT, Contender
from benchmarks.driving import Driver, RefusedError
from benchmarks.processes import LOOPBACK, free_port, running
from benchmarks.slow_clients import SlowClients, slow_clients
from benchmarks.stage import Stage, arguments, stage, tell

SLOW_CLIENTS = 60
SLOW_SECONDS = 20  # Longer than one slow request, so that some of them are answered.
MANAGE = (sys.executable, "manage.py", "serve")
GUNICORN = (sys.executable, "-m", "gunicorn")
GRANIAN_WSGI = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK, "--port", "{port}", "--no-ws"),
    *("--http", "1", "--workers", "2", "--blocking-threads"),
)


@dataclass(frozen=True)
class HTTPServer:
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


def granian_wsgi(threads: int) -> HTTPServer:
    """Granian's own WSGI interface, which todo_project.server does not use."""
    return HTTPServer((*GRANIAN_WSGI, str(threads), "todo_project.wsgi:application"))


SERVERS = {
    "gunicorn 2x64": HTTPServer(GUNICORN, {"WEB_THREADS": "64"}),
    "granian 2x64": HTTPServer(MANAGE, {"WEB_THREADS": "64"}),
    "granian 2x32": HTTPServer(MANAGE, {"WEB_THREADS": "32"}),
    "granian 2x16": HTTPServer(MANAGE, {"WEB_THREADS": "16"}),
    "granian wsgi 2x64": granian_wsgi(64),
    "granian wsgi 2x32": granian_wsgi(32),
    "granian wsgi 2x16": granian_wsgi(16),
}


@dataclass(frozen=True)
class Situation:
    workload: str = "get"
    slow_clients: int = 0
    database_ms: int = 0
    connections: int = 16


SITUATIONS = {
    "alone": Situation(),
    "writes": Situation("toggle"),
    "slow": Situation(slow_clients=SLOW_CLIENTS),
    "crowd": Situation(connections=64),
    "5ms": Situation(database_ms=5),
    "20ms": Situation(database_ms=20),
}


def main() -> None:
    """Measure and print."""
    options = parsed()
    found: dict[str, dict[str, list[float]]] = {}
    with stage(options) as here:
        database = here.database(OURS)
        for name in options.situations:
            with ExitStack() as running_servers:
                situation = SITUATIONS[name]
                url = running_servers.enter_context(distant(here, database, situation.database_ms))
                drivers = {
                    server: running_servers.enter_context(driver(here, server, url, situation))
                    for server in options.only
                }
                # In turns: the speed of a machine that others use, too, changes within a minute.
                for _ in range(options.repeats):
                    for server, its_driver in drivers.items():
                        figures = measured(its_driver, situation, options.seconds)
                        told = "".join(f"{value:10,.0f} {unit}" for unit, value in figures.items())
                        tell(f"{server:20}{name:8}{told}")
                        for unit, value in figures.items():
                            found.setdefault(f"{name}, {unit}", {}).setdefault(server, []).append(value)
    for heading, by_server in found.items():
        print(heading)
        for server, values in by_server.items():
            print(f"    {server:20}{statistics.median(values):12,.0f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=SERVERS, default=list(SERVERS), metavar="SERVER")
    parser.add_argument("--in", nargs="+", choices=SITUATIONS, default=list(SITUATIONS), dest="situations")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


@contextmanager
def driver(here: Stage, name: str, database: str, situation: Situation) -> Iterator[Driver]:
    """Inside the block the server runs, and has met everybody."""
    server = SERVERS[name]
    contender: Contender = replace(OURS, name=name.replace(" ", "-"), title=name, serve=server.command)
    variables = {"DJANGO_SETTINGS_MODULE": "todo_project.settings", "PYTHONPATH": str(PROJECT), **server.variables}
    with contender.served(database, here.folder, **variables) as serving:
        found = Driver(serving, here.server, here.population, here.folder, situation.connections)
        found.warm_up(2)
        yield found


def measured(driver: Driver, situation: Situation, seconds: int) -> dict[str, float]:
    """Return requests a second, their 99th percentile and CPU; and how many slow requests succeeded and failed."""
    slow: Any = nullcontext(SlowClients())
    if situation.slow_clients:
        slow, seconds = slow_clients(driver.serving.port, situation.slow_clients), SLOW_SECONDS
    with slow as clients:
        try:
            figure = driver.measure(situation.workload, seconds)
        except RefusedError as error:
            tell(str(error).splitlines()[0])
            figures = {"req/s": 0.0, "ms p99": 0.0, "µs app": 0.0}
        else:
            speed, cpu = figure.requests_per_second, figure.app_cpu_us
            figures = {"req/s": speed, "ms p99": figure.p99_ms, "µs app": cpu}
    if situation.slow_clients:
        figures |= {"slow creates": clients.created, "slow failures": clients.failed}
    return figures


@contextmanager
def distant(here: Stage, database: str, milliseconds: int) -> Iterator[str]:
    """Give the URL of the database, so many milliseconds away (there and back together)."""
    if not milliseconds:
        yield database
        return
    port = free_port()
    to_and_fro = [str(port), str(here.server.port), "--ms", str(milliseconds / 2)]
    command = [sys.executable, "-m", "benchmarks.delay", *to_and_fro]
    with running(command, port=port, log=here.folder / "delay.log", folder=PROJECT):
        yield here.server.url(database.rpartition("/")[2], port)


if __name__ == "__main__":
    main()
