"""Whether cost is flat: a request's CPU, of the app and the database, for short and long lists, small and large tables.

    python -m benchmarks.flat [--seconds 4] [--repeats 3] [--chart FILE] [--json FILE]

One connection asks, so that nobody waits for somebody else's write, and what is measured is CPU and not the clock.
"""

import argparse
import json
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.charts import Panel, chart
from benchmarks.contenders import OURS, in_use
from benchmarks.driving import Driver, Figure
from benchmarks.population import Population
from benchmarks.processes import resident_mebibytes, tree
from benchmarks.stage import Stage, arguments, stage, tell

ASKED = {
    "page of crowd": "first page",
    "get": "get",
    "create": "create",
    "update": "update",
    "toggle": "toggle",
    "trash and restore": "delete, restore",
}
SMALL = Population(4_000, lists={20: 50, 100: 50})  # ten thousand rows in all
WHOLE_LISTS = {"list-20": 20, "list-100": 100, "list-10000": 10_000}
# A load ends anywhere, and may leave a task in the trash.
RESTORED = "UPDATE tasks SET deleted_at = NULL WHERE deleted_at IS NOT NULL"
Costs = dict[str, dict[str, float]]  # by condition and workload: µs


def main() -> None:
    """Measure, print and draw."""
    parser = arguments(__doc__, seconds=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--chart", type=Path, help="draw the figures here, as SVG")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with stage(options) as here:
        measured = {
            "CPU µs of a request, by the tasks of its user": by_length(here, options),
            "CPU µs of a request, by the tasks in the table": by_size(here, options),
            "CPU µs of a request, by the users who are active": by_activity(here, options),
        }
        whole = whole_lists(here, options)
    for heading, costs in measured.items():
        print(heading)
        for name, title in ASKED.items():
            print(f"    {title:18}" + "".join(f"{condition:>25}{by[name]:8,.0f}" for condition, by in costs.items()))
    print("The whole list: CPU µs, µs a task, and MiB of the largest worker after it")
    for length, (cost, memory) in whole.items():
        print(f"    {length:<18,}{cost:12,.0f}{cost / length:12,.1f}{memory:12,.0f}")
    if options.chart:
        panels = [
            Panel(heading, list(ASKED.values()), {condition: list(by.values()) for condition, by in costs.items()})
            for heading, costs in measured.items()
        ]
        options.chart.write_text(chart(panels))
    if options.json:
        options.json.write_text(json.dumps({**measured, "whole lists": whole}, indent=1) + "\n")


def by_length(here: Stage, options: argparse.Namespace) -> Costs:
    """Users with 100 tasks beside users with 10 000."""
    database = here.database(OURS)
    with OURS.served(database, here.folder, TASKS_PER_USER_LIMIT="1000000") as serving:
        driver = Driver(serving, here.server, here.population, here.folder, connections=1)
        driver.warm_up()
        crowds = {f"{length:,} tasks": here.population.crowd(length) for length in (100, 10_000)}
        lookers = {name: lambda crowd=crowd: driver.look_at(crowd) for name, crowd in crowds.items()}
        return in_turn({name: (driver, look) for name, look in lookers.items()}, options)


def by_size(here: Stage, options: argparse.Namespace) -> Costs:
    """The same users with 100 tasks, in a table of ten thousand and in one of a million."""
    costs: Costs = {}
    for population in (SMALL, here.population):
        rows = population.groups()[-1].last
        with OURS.served(here.database(OURS, population), here.folder) as serving:
            driver = Driver(serving, here.server, population, here.folder, connections=1)
            driver.warm_up()
            crowd = population.crowd(100)
            look = partial(driver.look_at, crowd)  # Each time again: what is trashed and restored begins at the start.
            costs |= in_turn({f"{rows:,} in the table": (driver, look)}, options)
    return costs


def by_activity(here: Stage, options: argparse.Namespace) -> Costs:
    """Ten of the thousand users beside all of them."""
    with OURS.served(here.database(OURS), here.folder) as serving:
        driver = Driver(serving, here.server, here.population, here.folder, connections=1)
        driver.warm_up()
        crowd = here.population.groups()[0]
        lookers = {f"{active:,} users": lambda active=active: driver.look_at(crowd, active) for active in (10, 1000)}
        return in_turn({name: (driver, look) for name, look in lookers.items()}, options)


def in_turn(conditions: dict[str, tuple[Driver, Callable[[], None]]], options: argparse.Namespace) -> Costs:
    """The median cost of each workload under each condition, the conditions in turn."""
    found: dict[str, dict[str, list[float]]] = {condition: {name: [] for name in ASKED} for condition in conditions}
    for _ in range(options.repeats):
        for name in ASKED:
            for condition, (driver, prepare) in conditions.items():
                prepare()
                figure = driver.measure(name, options.seconds)
                driver.server.run(in_use(OURS), RESTORED)
                found[condition][name].append(cpu_of(figure))
                tell(f"{condition:24}{name:20}{cpu_of(figure):8,.0f} µs")
    return {
        condition: {name: statistics.median(costs) for name, costs in by.items()} for condition, by in found.items()
    }


def whole_lists(here: Stage, options: argparse.Namespace) -> dict[int, tuple[float, float]]:
    """By the length of the list: its cost, and the memory of the largest worker after it was asked for a while."""
    found = {}
    with OURS.served(here.database(OURS), here.folder) as serving:
        driver = Driver(serving, here.server, here.population, here.folder)
        driver.warm_up()
        for name, length in WHOLE_LISTS.items():
            figure = driver.measure(name, 2 * options.seconds)
            memory = max(map(resident_mebibytes, tree(serving.process)))
            found[length] = cpu_of(figure), memory
            tell(f"list of {length:,}: {cpu_of(figure):,.0f} µs, {memory:.0f} MiB")
    return found


def cpu_of(figure: Figure) -> float:
    """The CPU of a request on both sides, in µs."""
    return figure.app_cpu_us + figure.database_cpu_us


if __name__ == "__main__":
    main()
