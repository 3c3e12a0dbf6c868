"""The API beside its peers under the same load: requests a second, latency, and the CPU of a request.

    python -m benchmarks.compare [--only get list-20] [--seconds 5] [--repeats 3] [--json FILE] [--chart FILE]

Each figure is the median of its repeats, and the servers take turns in each, so that a slow phase hits all of them.
"""

import argparse
import dataclasses
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.charts import Panel, chart
from benchmarks.contenders import CONTENDERS, OURS, PROJECT
from benchmarks.driving import Driver, Figure
from benchmarks.peers_venv import install_peers
from benchmarks.postgres import SETTINGS
from benchmarks.stage import Stage, arguments, stage, tell
from benchmarks.workloads import WORKLOADS

Figures = dict[str, dict[str, list[Figure]]]  # by workload and contender


def main() -> None:
    """Measure, print, and write what was asked for."""
    options = parsed()
    install_peers()
    with stage(options) as here:
        figures = measured(here, options)
        version = here.server.run("postgres", "SHOW server_version")[0][0]
    medians = {workload: {name: median(all_of) for name, all_of in by.items()} for workload, by in figures.items()}
    print_table(medians)
    if options.json:
        options.json.write_text(json.dumps(record(figures, medians, options, version), indent=1) + "\n")
    if options.chart:
        titles = [WORKLOADS[name].title for name in medians]
        series = {
            contender.title: [of[contender.name].requests_per_second for of in medians.values()]
            for contender in CONTENDERS
            if contender.name in options.contenders
        }
        heading = f"Requests a second among {options.tasks:,} tasks, 16 keep-alive connections, {os.cpu_count()} cores"
        options.chart.write_text(chart([Panel(heading, titles, series)]))


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="WORKLOAD")
    names = [contender.name for contender in CONTENDERS]
    parser.add_argument("--contenders", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--chart", type=Path, help="draw the requests a second here, as SVG")
    return parser.parse_args()


def measured(here: Stage, options: argparse.Namespace) -> Figures:
    """Every workload on every contender, the contenders in turn."""
    contenders = [contender for contender in CONTENDERS if contender.name in options.contenders]
    databases = {contender.name: here.database(contender) for contender in contenders}
    here.server.run("postgres", "CHECKPOINT")
    figures: Figures = {name: {contender.name: [] for contender in contenders} for name in options.only}
    with ExitStack() as stack:
        drivers = [
            Driver(
                stack.enter_context(contender.served(databases[contender.name], here.folder)),
                here.server,
                here.population,
                here.folder,
            )
            for contender in contenders
        ]
        for driver in drivers:
            driver.warm_up()
        for repeat in range(options.repeats):
            for name in options.only:
                # Each begins in its turn: the first finds PostgreSQL at work still on what the last one wrote.
                for driver in (*drivers[repeat % len(drivers) :], *drivers[: repeat % len(drivers)]):
                    driver.check(name)
                    figure = driver.measure(name, options.seconds)
                    figures[name][driver.serving.contender.name].append(figure)
                    tell(f"{repeat + 1}/{options.repeats} {name:10}{driver.serving.contender.name:10}{line(figure)}")
    return figures


def median(figures: Sequence[Figure]) -> Figure:
    """The median of each field."""
    columns = zip(*map(dataclasses.astuple, figures), strict=True)
    return Figure(*(statistics.median(column) for column in columns))


def line(figure: Figure) -> str:
    """A figure in a row of the table."""
    return (
        f"{figure.requests_per_second:10,.0f}{figure.p50_ms:9.1f}{figure.p99_ms:9.1f}"
        f"{figure.app_cpu_us:10,.0f}{figure.database_cpu_us:10,.0f}"
    )


def print_table(medians: dict[str, dict[str, Figure]]) -> None:
    """Print the medians, and how many times as many requests the API serves."""
    headings = f"{'req/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'app µs':>10}{'db µs':>10}{'ours, x':>9}"
    print(f"{'':22}{'':24}{headings}")
    for name, by in medians.items():
        for contender in CONTENDERS:
            if figure := by.get(contender.name):
                told = f"{WORKLOADS[name].title:22}{contender.title:24}{line(figure)}"
                ours = by.get(OURS.name)
                print(told + (f"{ours.requests_per_second / figure.requests_per_second:9.1f}" if ours else ""))


def record(
    figures: Figures, medians: dict[str, dict[str, Figure]], options: argparse.Namespace, version: str
) -> dict[str, Any]:
    """All that was measured, and on what."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "postgresql": {"version": version, **SETTINGS},
        "cores": os.cpu_count(),
        "seconds": options.seconds,
        "tasks": options.tasks,
        "medians": as_dicts(medians),
        "figures": {
            name: {of: list(map(dataclasses.asdict, all_of)) for of, all_of in by.items()}
            for name, by in figures.items()
        },
    }


def as_dicts(medians: dict[str, dict[str, Figure]]) -> dict[str, dict[str, Any]]:
    """The same as JSON has it."""
    return {name: {of: dataclasses.asdict(figure) for of, figure in by.items()} for name, by in medians.items()}


if __name__ == "__main__":
    main()
