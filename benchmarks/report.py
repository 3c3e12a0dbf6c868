"""What a comparison says: its tables in Markdown, and its chart; both go into docs/ if asked for."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.charts import dots
from benchmarks.contenders import BEST, FASTIFY, ORM, OURS, PROJECT, SEED, STATEMENTS
from benchmarks.driving import Figure
from benchmarks.workloads import WORKLOADS

DOCUMENT = PROJECT / "docs" / "performance.md"
CHART = PROJECT / "docs" / "images" / "benchmarks.svg"
PLACE = re.compile(r"(?<=<!-- python -m benchmarks.compare --report -->\n).*?(?=<!-- end -->)", re.DOTALL)
CHARTED = (OURS, STATEMENTS, BEST, FASTIFY, ORM, SEED)


type Cell = Callable[[Mapping[str, Figure], str], str]


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
    text, places = PLACE.subn(lambda _: f"\n{markdown(run)}\n", DOCUMENT.read_text())
    if places != 1:
        raise SystemExit(f"{DOCUMENT} has {places} places for the tables, not one.")
    DOCUMENT.write_text(text)
    if OURS.name in run.titles:
        CHART.write_text(chart(run))


def markdown(run: Run) -> str:
    """The tables of requests per second, of ratios and of CPU."""
    largest = max(figure.wrk_share for by in run.medians.values() for figure in by.values())
    sections = [
        f"Measured on {run.conditions}. Repeats of the same figure differ by {run.spread:.0%} (median of all figures);"
        f" wrk took {largest:.0%} of a core at most.",
        "**Requests per second**",
        table(run, lambda of, name: f"{of[name].requests_per_second:,.0f}"),
    ]
    if OURS.name in run.titles:
        others = [name for name in run.titles if name != OURS.name]
        sections += [
            "**Requests per second of this API, divided by those of the other.** Above 1, this API is faster.",
            table(run, lambda of, name: f"{ratio(of, name):.2f}", others),
        ]
    sections += [
        "**CPU per request in µs**, of the server's processes + of PostgreSQL's",
        table(run, lambda of, name: f"{of[name].app_cpu_us:,.0f} + {of[name].database_cpu_us:,.0f}"),
    ]
    return "\n\n".join(sections) + "\n"


def ratio(of: Mapping[str, Figure], name: str) -> float:
    """How many times the requests of the other this API serves."""
    return of[OURS.name].requests_per_second / of[name].requests_per_second


def table(run: Run, cell: Cell, names: Iterable[str] | None = None) -> str:
    """A table with a row for each workload and a column for each contender."""
    columns = list(run.titles if names is None else names)
    rows = [["", *(run.titles[name] for name in columns)], ["---"] + ["---:"] * len(columns)]
    rows += [[WORKLOADS[workload].title, *(cell(of, name) for name in columns)] for workload, of in run.medians.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def chart(run: Run) -> str:
    """A chart of how many times the requests of this API each peer serves."""
    shown: Sequence[str] = [peer.name for peer in CHARTED if peer.name in run.titles and peer is not OURS]
    return dots(
        "Requests per second, compared with this API",
        "this API",
        {
            WORKLOADS[workload].title: f"{of[OURS.name].requests_per_second:,.0f}/s"
            for workload, of in run.medians.items()
        },
        {run.titles[name]: [1 / ratio(of, name) for of in run.medians.values()] for name in shown},
    )
