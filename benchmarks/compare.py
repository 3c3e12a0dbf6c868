"""The API and its peers under the same load: requests per second, and the CPU time of a request.

    python -m benchmarks.compare [--only get list-20] [--contenders ours best] [--seconds 1] [--repeats 5] [--report]

Each figure is the median of its repeats. The contenders take turns within each, in another order each time, so that a
slow phase of the machine hits all of them. Before anything is measured, the answers of each are checked.
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

from benchmarks import report
from benchmarks.checks import check_answers
from benchmarks.contenders import CONTENDERS, FASTIFY, PROJECT, Contender
from benchmarks.driving import Driver, Figure
from benchmarks.peers_venv import install_peers
from benchmarks.postgres import SETTINGS
from benchmarks.stage import Stage, arguments, stage, tell
from benchmarks.workloads import WORKLOADS

type Figures = dict[str, dict[str, list[Figure]]]  # by workload and contender


def main() -> None:
    """Measure, print, and write what was asked for."""
    options = parsed()
    contenders = [contender for contender in CONTENDERS if contender.name in options.contenders]
    if options.report:
        report.check_place()
    install_peers(node=FASTIFY in contenders)
    with stage(options) as here:
        figures = measured(here, contenders, options)
        version = here.server.run("postgres", "SHOW server_version")[0][0]
    run = report.Run(
        titles={contender.name: contender.title for contender in contenders},
        medians={name: {of: median(all_of) for of, all_of in by.items()} for name, by in figures.items()},
        spread=spread(figures),
        conditions=f"{datetime.now(UTC):%-d %B %Y}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" PostgreSQL {version}, {options.tasks:,} tasks; medians of {options.repeats} times {options.seconds} s",
    )
    print(report.markdown(run))
    if options.json:
        options.json.write_text(json.dumps(record(figures, options, version), indent=1) + "\n")
    if options.report:
        report.write(run)


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = arguments(__doc__, seconds=1)
    parser.set_defaults(tasks=200_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="WORKLOAD")
    names = [contender.name for contender in CONTENDERS]
    parser.add_argument("--contenders", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument(
        "--report", action="store_true", help="fill the tables of docs/performance.md and draw its chart, too"
    )
    return parser.parse_args()


def measured(here: Stage, contenders: Sequence[Contender], options: argparse.Namespace) -> Figures:
    """Every workload on every contender, the contenders in turn."""
    databases = {contender.name: here.database(contender) for contender in contenders}
    here.server.run("postgres", "CHECKPOINT")
    figures: Figures = {name: {contender.name: [] for contender in contenders} for name in options.only}
    with ExitStack() as stack:
        drivers = []
        for contender in contenders:
            serving = stack.enter_context(contender.served(databases[contender.name], here.folder))
            drivers.append(Driver(serving, here.server, here.population, here.folder))
        for driver in drivers:
            tell(f"{driver.serving.contender.title}: checked and warmed up …")
            driver.wait_until_answering()
            check_answers(driver)
            driver.warm_up(2)
        for repeat in range(options.repeats):
            for place, name in enumerate(options.only):
                for driver in in_turn(drivers, repeat * len(options.only) + place):
                    figure = driver.measure(name, options.seconds)
                    figures[name][driver.serving.contender.name].append(figure)
                    tell(f"{repeat + 1}/{options.repeats} {name:10}{driver.serving.contender.name:12}{line(figure)}")
    return figures


def in_turn(drivers: Sequence[Driver], turn: int) -> list[Driver]:
    """Return the drivers in another order each turn: each is first once, and is followed by either neighbour."""
    start = turn % len(drivers)
    order = [*drivers[start:], *drivers[:start]]
    return order if turn % 2 == 0 else order[::-1]


def median(figures: Sequence[Figure]) -> Figure:
    """The median of each field."""
    columns = zip(*map(dataclasses.astuple, figures), strict=True)
    return Figure(*(statistics.median(column) for column in columns))


def spread(figures: Figures) -> float:
    """How far the repeats of one figure typically lie apart, as a share of it."""
    return statistics.median(
        (max(rates) - min(rates)) / statistics.median(rates)
        for by in figures.values()
        for rates in ([figure.requests_per_second for figure in all_of] for all_of in by.values())
    )


def line(figure: Figure) -> str:
    """A figure, as progress is reported."""
    return (
        f"{figure.requests_per_second:8,.0f} req/s{figure.p50_ms:8.1f} ms{figure.p99_ms:8.1f} ms"
        f"{figure.app_cpu_us:8,.0f} + {figure.database_cpu_us:,.0f} µs,"
        f" wrk {figure.wrk_share:.0%}, others {figure.others_share:.0%}"
    )


def record(figures: Figures, options: argparse.Namespace, version: str) -> dict[str, Any]:
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
        "figures": {
            name: {of: list(map(dataclasses.asdict, all_of)) for of, all_of in by.items()}
            for name, by in figures.items()
        },
    }


if __name__ == "__main__":
    main()
