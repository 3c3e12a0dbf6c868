"""The API beside its peers: requests a second, latency, and what a request costs in CPU, in one run.

    python -m benchmarks.compare [--seconds 4] [--repeats 3] [--tasks 1000000] [--only get "list 20"] [--json FILE]

Starts PostgreSQL with a database for each, fills them with the same tasks, and lets wrk ask each in turn over 16
connections that are kept alive. An answer that is neither 2xx nor 304 ends the comparison.
Prints medians, and the ratio of the API to each peer. Draws docs/images/benchmarks.svg with --chart.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from benchmarks import chart
from benchmarks.contestants import ALL, LISTS, OURS, ROOT, Contestant, install_peers, make_tables, served
from benchmarks.processes import cpu_seconds
from benchmarks.workloads import NAMES, Asked, look_around, script_of
from todo_project import local_trial

CONNECTIONS = 16
PEOPLE = 1000
FOLDER = ROOT / ".local" / "benchmarks"


@dataclass(frozen=True)
class Figures:
    """One run, or the medians of several. Latency in ms; CPU in µs a request, of the server and of the database."""

    requests_a_second: float
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float


def database_of(one: Contestant, tasks: int) -> str:
    """The URL of a contestant's database, made and filled where it is not there yet."""
    server = local_trial.database_url(FOLDER)
    name = f"{one.name.replace('-', '_').replace(' ', '_').replace(',', '').lower()}_{tasks}"
    with psycopg.connect(server, autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is not None:
            return server.replace("/postgres?", f"/{name}?")
        connection.execute(f'DROP DATABASE IF EXISTS "{name}_making"')
        connection.execute(f'CREATE DATABASE "{name}_making"')
    url = server.replace("/postgres?", f"/{name}_making?")
    print(f"Filling {tasks:,} tasks for {one.name} …", flush=True)
    make_tables(one, url)
    crowd = [f"user-{number}" for number in range(PEOPLE)]
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        for owners, of_each in ((crowd, tasks // PEOPLE), *(([person], count) for person, count in LISTS.items())):
            connection.execute(one.fill, {"owners": owners, "tasks": of_each})
        connection.execute("VACUUM ANALYZE")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')
    return server.replace("/postgres?", f"/{name}?")


def run(one: Contestant, asked: Asked, workload: str, seconds: int, *, server: int, database: int) -> Figures:
    """One run of wrk; server and database are process ids. Raises RuntimeError for an answer that does not count."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(script_of(workload, asked))
        script.flush()
        before = cpu_seconds(server), cpu_seconds(database)
        address = f"http://127.0.0.1:{one.port}"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script.name, address]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    after = cpu_seconds(server), cpu_seconds(database)
    figures = next((line for line in output.splitlines() if line.startswith("FIGURES")), None)
    if figures is None:
        raise RuntimeError(f"{one.name}, {workload}: wrk said {output}")
    requests, duration, wrong, p50, p99 = map(int, figures.split()[1:])
    if wrong:
        raise RuntimeError(f"{one.name}, {workload}: {wrong} of {requests} answers were neither 2xx nor 304")
    cpu = [1e6 * (then - now) / requests for now, then in zip(before, after, strict=True)]
    return Figures(requests / duration * 1e6, p50 / 1000, p99 / 1000, *cpu)


def median(runs: list[Figures]) -> Figures:
    """The median of each figure."""
    return Figures(
        *(statistics.median(values) for values in zip(*(asdict(each).values() for each in runs), strict=True))
    )


type Results = dict[str, dict[str, Figures]]


def compare(workloads: list[str], *, seconds: int, repeats: int, tasks: int) -> Results:
    """The medians by workload and contestant."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    runs: dict[tuple[str, str], list[Figures]] = {}
    urls = {one: database_of(one, tasks) for one in ALL}
    database = postmaster_of(FOLDER)
    with ExitStack() as stack:
        servers = {one: stack.enter_context(served(one, urls[one], FOLDER / f"{one.port}.log")) for one in ALL}
        asked = {one: look_around(one) for one in ALL}
        for one in ALL:  # Caches, plans and connections are there, as in a server that has run for a while.
            run(one, asked[one], "get", 2, server=servers[one], database=database)
        for workload in workloads:
            for repeat in range(repeats):
                for one in ALL:
                    told = f"{workload}, {repeat + 1} of {repeats}, {one.name}"
                    if sys.stdout.isatty():
                        print(f"\r{told:<60}", end="", flush=True)
                    figures = run(one, asked[one], workload, seconds, server=servers[one], database=database)
                    runs.setdefault((workload, one.name), []).append(figures)
    if sys.stdout.isatty():
        print("\r" + " " * 60, end="\r")
    return {workload: {one.name: median(runs[workload, one.name]) for one in ALL} for workload in workloads}


def postmaster_of(folder: Path) -> int:
    """The process id of the PostgreSQL in `folder`."""
    return int(next(folder.rglob("postmaster.pid")).read_text().splitlines()[0])


def table(results: Results) -> str:
    """The results for people."""
    peers = [one.name for one in ALL if one is not OURS]
    lines = [f"{'':<12}" + "".join(f"{one.name:>34}" for one in ALL) + "".join(f"{'to ' + name:>16}" for name in peers)]
    lines.append(f"{'':<12}" + f"{'req/s  p50 ms   p99  app µs  db µs':>34}" * len(ALL))
    for workload, by_name in results.items():
        told = "".join(
            f"{each.requests_a_second:>9.0f}{each.p50:>7.1f}{each.p99:>6.0f}{each.server_cpu:>7.0f}{each.database_cpu:>5.0f}"
            for each in by_name.values()
        )
        ours = by_name[OURS.name].requests_a_second
        ratios = "".join(f"{ours / by_name[name].requests_a_second:>16.1f}" for name in peers)
        lines.append(f"{workload:<12}{told}{ratios}")
    return "\n".join(lines)


def main() -> None:
    """Compare, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--chart", type=Path)
    options = parser.parse_args()
    install_peers()
    results = compare(options.only, seconds=options.seconds, repeats=options.repeats, tasks=options.tasks)
    print(table(results))
    if options.json:
        as_json = {name: {who: asdict(each) for who, each in by_name.items()} for name, by_name in results.items()}
        options.json.write_text(json.dumps(as_json, indent=1))
    if options.chart:
        rates = {name: {who: each.requests_a_second for who, each in by.items()} for name, by in results.items()}
        options.chart.write_text(chart.bars(rates, "Requests a second, 16 connections, two cores"))


if __name__ == "__main__":
    main()
