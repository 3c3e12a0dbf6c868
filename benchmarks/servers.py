"""Which HTTP server, with how many processes and threads: the same load alone, and beside slow clients.

    python -m benchmarks.servers [--seconds 5] [--repeats 3] [--only "gthread 2x32" …] [--json FILE]

Slow clients send a body byte by byte. A server that gives each of them a thread or a process has none left for others.
"""

import argparse
import dataclasses
import json
import statistics
import sys
import sysconfig
from contextlib import nullcontext
from pathlib import Path

from benchmarks.contenders import OURS, Contender
from benchmarks.driving import Driver, RefusedError
from benchmarks.peers_venv import PEERS_PYTHON, install_peers
from benchmarks.processes import LOOPBACK
from benchmarks.slow_clients import slow_clients
from benchmarks.stage import Stage, arguments, stage, tell

SLOW_CLIENTS = 60
ASKED = ("get", "mixed")


def gunicorn(workers: int, threads: int) -> tuple[str, ...]:
    """Gunicorn with its file of settings, but for the numbers; one thread is its worker class `sync`."""
    kind = "gthread" if threads > 1 else "sync"
    numbers = ("--worker-class", kind, "--workers", str(workers), "--threads", str(threads))
    return (sys.executable, "-m", "gunicorn", *numbers)


def granian(workers: int, threads: int) -> tuple[str, ...]:
    """Granian with as many processes and threads."""
    numbers = ("--workers", str(workers), "--blocking-threads", str(threads))
    listening = ("--interface", "wsgi", "--host", LOOPBACK, "--port", "{port}", "--access-log")
    return (str(PEERS_PYTHON), "-m", "granian", *listening, *numbers, "todo_project.wsgi:application")


SERVERS = {
    "gthread 1x32": gunicorn(1, 32),
    "gthread 2x4": gunicorn(2, 4),
    "gthread 2x16": gunicorn(2, 16),
    "gthread 2x32": gunicorn(2, 32),
    "gthread 2x64": gunicorn(2, 64),
    "gthread 3x32": gunicorn(3, 32),
    "gthread 4x32": gunicorn(4, 32),
    "sync 2": gunicorn(2, 1),
    "sync 5": gunicorn(5, 1),
    "granian 2x8": granian(2, 8),
    "granian 2x32": granian(2, 32),
    "granian 2x64": granian(2, 64),
}


def main() -> None:
    """Measure and print."""
    options = parsed()
    install_peers()
    found: dict[str, dict[str, float]] = {name: {} for name in options.only}
    with stage(options) as here:
        database = here.database(OURS)
        for repeat in range(options.repeats):
            for name in options.only:
                contender = dataclasses.replace(OURS, name="server", title=name, serve=SERVERS[name])
                for heading, figure in measured(here, contender, database, options.seconds).items():
                    found[name].setdefault(f"{heading} #{repeat}", figure)
    print_table(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=SERVERS, default=list(SERVERS), metavar="SERVER")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


def measured(here: Stage, contender: Contender, database: str, seconds: int) -> dict[str, float]:
    """Requests a second, and the latency that one in a hundred exceeds, of each load; 0 where requests failed."""
    found: dict[str, float] = {}
    # Granian has an environment of its own; the API's packages are in this one.
    packages = sysconfig.get_path("purelib") if str(PEERS_PYTHON) in contender.serve else ""
    with contender.served(database, here.folder, PYTHONPATH=packages) as serving:
        driver = Driver(serving, here.server, here.population, here.folder)
        # The deletions of another server's turn are done with.
        driver.doomed = int(here.server.run(database.rpartition("/")[2], LAST_DELETED)[0][0] or driver.doomed) + 100
        driver.warm_up()
        for beside, clients in (("alone", 0), ("beside slow clients", SLOW_CLIENTS)):
            with slow_clients(serving.port, clients) if clients else nullcontext():
                for name in ASKED:
                    try:
                        figure = driver.measure(name, seconds)
                        of = {"req/s": figure.requests_per_second, "p99 ms": figure.p99_ms, "app µs": figure.app_cpu_us}
                    except RefusedError as error:
                        tell(str(error).splitlines()[0])
                        of = {"req/s": 0.0, "p99 ms": 0.0, "app µs": 0.0}
                    found |= {f"{name} {beside}, {unit}": value for unit, value in of.items()}
                    tell(f"{contender.title:18}{name:8}{beside:22}" + "".join(f"{v:10,.0f}" for v in of.values()))
    return found


LAST_DELETED = "SELECT max(id) FROM tasks WHERE deleted_at IS NOT NULL"


def print_table(found: dict[str, dict[str, float]]) -> None:
    """Print the medians of the repeats."""
    medians = {
        name: {
            heading: statistics.median(v for key, v in figures.items() if key.startswith(f"{heading} #"))
            for heading in dict.fromkeys(key.rpartition(" #")[0] for key in figures)
        }
        for name, figures in found.items()
    }
    for heading in next(iter(medians.values())):
        print(heading)
        for name, figures in medians.items():
            print(f"    {name:18}{figures[heading]:12,.0f}")


if __name__ == "__main__":
    main()
