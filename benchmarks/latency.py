"""How many round trips to the database a request takes: its latency with a network of 2 ms between them, and without.

    python -m benchmarks.latency [--seconds 3] [--json FILE]

One connection asks, so that nothing waits but for the network: (latency with it - latency without) / 2 ms = round
trips. The API is also measured through PgBouncer in transaction mode, the network between it and PgBouncer.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import pooler
from benchmarks.contenders import OURS, PROJECT, SEED, TUTORIAL, Contender
from benchmarks.driving import Driver
from benchmarks.peers_venv import install_peers
from benchmarks.processes import free_port, running
from benchmarks.stage import Stage, arguments, stage, tell

ROUND_TRIP_MS = 2.0
ASKED = ("get", "list-20", "page", "poll", "create", "update", "toggle", "delete")
Latencies = dict[str, tuple[float, float]]  # by workload: ms without the network and with it


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__, seconds=3)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    install_peers()
    found: dict[str, Latencies] = {}
    with stage(options) as here:
        for contender in (OURS, SEED, TUTORIAL):
            found[contender.title] = latencies(here, contender, here.server.port, options)
        if pooler.is_installed():
            with pooler.pgbouncer(here.server.port, here.folder) as port:
                found[f"{OURS.title}, PgBouncer"] = latencies(here, OURS, port, options)
    print(f"{'p50 in ms, and round trips':26}" + "".join(f"{name:>16}" for name in ASKED))
    for title, by in found.items():
        print(f"{title:26}" + "".join(f"{told(*by[name]):>16}" for name in ASKED))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def told(near: float, far: float) -> str:
    """The latency with the network, and how many round trips the difference is."""
    return f"{far:.1f} ms {(far - near) / ROUND_TRIP_MS:.1f} x"


def latencies(here: Stage, contender: Contender, port: int, options: argparse.Namespace) -> Latencies:
    """The medians of each workload, from the database at once and over the network."""
    database = here.database(contender).rpartition("/")[2]
    near = medians(here, contender, here.server.url(database, port), options.seconds)
    here.database(contender)  # A fresh one, where nothing has been deleted.
    with network(here, port) as far_port:
        far = medians(here, contender, here.server.url(database, far_port), options.seconds)
    return {name: (near[name], far[name]) for name in ASKED}


@contextmanager
def network(here: Stage, port: int) -> Iterator[int]:
    """A port from which it takes a while to `port` and back."""
    listen = free_port()
    command = [sys.executable, "-m", "benchmarks.delay", str(listen), str(port), "--ms", str(ROUND_TRIP_MS / 2)]
    with running(command, port=listen, log=here.folder / "delay.log", folder=PROJECT):
        yield listen


def medians(here: Stage, contender: Contender, database_url: str, seconds: int) -> dict[str, float]:
    """The median latency of each workload in ms."""
    found = {}
    with contender.served(database_url, here.folder) as serving:
        driver = Driver(serving, here.server, here.population, here.folder)
        driver.warm_up(10)  # By many at once, so that both processes have seen everybody.
        driver.connections = 1
        for name in ASKED:
            driver.check(name)
            driver.measure(name, 1)
            found[name] = driver.measure(name, seconds).p50_ms
            tell(f"{contender.title}, {name}: {found[name]:.2f} ms")
    return found


if __name__ == "__main__":
    main()
