"""The stage of a measurement: a PostgreSQL with the data, kept where asked for, and the options of all of them."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Contender, seeded
from benchmarks.population import Population
from benchmarks.postgres import Server, postgres


@dataclass(frozen=True)
class Stage:
    """A running PostgreSQL, a folder for logs and scripts, and who has tasks."""

    server: Server
    folder: Path
    population: Population

    def database(self, contender: Contender, population: Population | None = None) -> str:
        """The URL of a fresh database of the contender's with everybody and their tasks."""
        population = population or self.population
        tell(f"{contender.title}: {population.tasks:,} tasks …")
        return self.server.url(seeded(self.server, contender, population))


def arguments(description: str | None, *, seconds: int = 5) -> argparse.ArgumentParser:
    """A parser of the options that every measurement takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=seconds, help="how long each figure is measured")
    parser.add_argument("--tasks", type=int, default=1_000_000, help="tasks of the thousand people")
    parser.add_argument("--data", type=Path, help="keep PostgreSQL and the data in this folder for the next time")
    parser.add_argument(
        "--postgres", type=Path, metavar="FOLDER", help="its programs, if not those of the embedded one"
    )
    return parser


@contextmanager
def stage(options: argparse.Namespace) -> Iterator[Stage]:
    """Inside the block everything is there. What was started is stopped, also where this program is told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="todo-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's own user goes through it to its data.
        kept: Path = (options.data or folder).resolve()
        kept.mkdir(parents=True, exist_ok=True)
        with postgres(kept, options.postgres) as server:
            yield Stage(server, folder, Population(options.tasks))


def tell(text: str) -> None:
    """Say how far it is, on a terminal or in a log, beside the results."""
    print(text, file=sys.stderr, flush=True)
