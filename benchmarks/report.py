"""What a comparison says: its tables in Markdown, and its chart; both go into docs/ if asked for."""

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.charts import dots
from benchmarks.contenders import BEST, FASTIFY, ORM, OURS, PROJECT, SEED, STATEMENTS
from benchmarks.driving import Figure
from benchmarks.workloads import WORKLOADS

DOCUMENT = PROJECT / "docs" / "performance.md"
CHART = PROJECT / "docs" / "images" / "benchmarks.svg"
PLACE = re.compile(r"(?<=<!-- python -m benchmarks.compare --report -->\n).*?(?=<!-- end -->)", re.DOTALL)
CHARTED = (OURS, STATEMENTS, BEST, FASTIFY, ORM, SEED)


type Of = Mapping[str, Figure]  # Of one workload, by contender.
type Cell = Callable[[Of], str]


@dataclass(frozen=True)
class Run:
    """What was measured.

    titles: the contenders by name. medians: the figures by workload and contender.
    spread: how far the repeats of a figure typically lie apart. conditions: when and on what, in words.
    """

    titles: Mapping[str, str]
    medians: Mapping[str, Mapping[str, Figure]]
    spread: float
    conditions: str


def write(run: Run) -> None:
    """Fill the tables of docs/performance.md, and draw its chart."""
    check_place()
    DOCUMENT.write_text(PLACE.sub(lambda _: f"\n{markdown(run)}\n", DOCUMENT.read_text()))
    if OURS.name in run.titles:
        CHART.write_text(chart(run))


def check_place() -> None:
    """Raise SystemExit unless docs/performance.md has one place for the tables: not only after a quarter of an hour."""
    places = len(PLACE.findall(DOCUMENT.read_text()))
    if places != 1:
        raise SystemExit(f"{DOCUMENT} has {places} places for the tables, not one.")


def markdown(run: Run) -> str:
    """The tables of CPU, ratios, parts of a request and requests per second, if their contenders took part."""
    figures = [figure for by in run.medians.values() for figure in by.values()]
    wrk = max(figure.wrk_share for figure in figures)
    others = statistics.median(figure.others_share for figure in figures)
    sections = [
        f"Measured on {run.conditions}. Repeats of a figure lie {run.spread:.0%} apart (median of all figures)."
        f" wrk took at most {wrk:.0%} of a core, and programs that do not belong to the measurement {others:.0%} of the"
        " machine (median).",
        "**CPU per request in µs**, of the server's processes + of PostgreSQL's",
        table(run, {run.titles[name]: partial(cpu, name) for name in run.titles}),
    ]
    if OURS.name in run.titles:
        sections += [
            "**How many times the requests of the other this API serves** with the same CPU time and, in brackets, in"
            " the same second. Above 1, this API serves more.",
            table(run, {run.titles[name]: partial(ratios, name) for name in run.titles if name != OURS.name}),
        ]
    if {OURS.name, STATEMENTS.name, BEST.name, ORM.name} <= set(run.titles):
        sections += [
            "**What a request pays for**, in µs of CPU on both sides, as differences between contenders",
            table(run, PARTS),
        ]
    sections += [
        "**Requests per second**",
        table(run, {run.titles[name]: partial(rate, name) for name in run.titles}),
    ]
    return "\n\n".join(sections) + "\n"


def rate(name: str, of: Of) -> str:
    return f"{of[name].requests_per_second:,.0f}"


def ratios(name: str, of: Of) -> str:
    in_a_second = of[OURS.name].requests_per_second / of[name].requests_per_second
    return f"{for_the_same_cpu(name, of):.2f} ({in_a_second:.2f})"


def for_the_same_cpu(name: str, of: Of) -> float:
    """How many times the requests of the other this API serves with the same CPU time, PostgreSQL's included."""
    return both_sides(name, of) / both_sides(OURS.name, of)


def cpu(name: str, of: Of) -> str:
    return f"{of[name].app_cpu_us:,.0f} + {of[name].database_cpu_us:,.0f}"


def both_sides(name: str, of: Of) -> float:
    return of[name].app_cpu_us + of[name].database_cpu_us


def difference(more: str, less: str, of: Of) -> str:
    return f"{both_sides(more, of) - both_sides(less, of):+,.0f}"


PARTS: dict[str, Cell] = {
    "plain table, FastAPI": lambda of: f"{both_sides(BEST.name, of):,.0f}",
    "our tables, triggers and entity tags, FastAPI": partial(difference, STATEMENTS.name, BEST.name),
    "Django, DRF and server instead of FastAPI": partial(difference, OURS.name, STATEMENTS.name),
    "the ORM instead of our statements": partial(difference, ORM.name, OURS.name),
}


def table(run: Run, columns: Mapping[str, Cell]) -> str:
    """A table with a row for each workload."""
    rows = [["", *columns], ["---"] + ["---:"] * len(columns)]
    rows += [
        [WORKLOADS[workload].title, *(cell(of) for cell in columns.values())] for workload, of in run.medians.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def chart(run: Run) -> str:
    """A chart of how many times the requests of this API each peer serves with the same CPU time."""
    shown: Sequence[str] = [peer.name for peer in CHARTED if peer.name in run.titles and peer is not OURS]
    return dots(
        "Requests for the same CPU time (server and PostgreSQL), compared with this API",
        OURS.title,
        {WORKLOADS[workload].title: f"{both_sides(OURS.name, of):,.0f} µs" for workload, of in run.medians.items()},
        {run.titles[name]: [1 / for_the_same_cpu(name, of) for of in run.medians.values()] for name in shown},
    )
