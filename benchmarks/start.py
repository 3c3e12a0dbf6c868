"""What a start costs, and what a worker holds: CPU seconds of programs, and MiB after a load with whole lists.

    python -m benchmarks.start [--requests 100000] [--modules] [--only granian gunicorn]

The CPU is the median of five starts; the memory is what of a worker is in RAM. Each server gets the same load: the mix,
and now and then lists of 10,000 tasks, which are 4 MB each.
"""

import resource
import statistics
import subprocess
import sys

from benchmarks.contenders import GUNICORN, OURS, PROJECT, Serving
from benchmarks.driving import Driver
from benchmarks.processes import SURROUNDINGS, cpu_seconds, resident_mebibytes, tree
from benchmarks.stage import arguments, stage

ROUNDS = 5
LIST_SECONDS = 2
SERVERS = {"granian": OURS, "gunicorn": GUNICORN}
WORKER = (sys.executable, "-c", "import todo_project.wsgi")
CHECK = (sys.executable, "manage.py", "check")


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__, seconds=10)
    parser.add_argument("--requests", type=int, default=100_000, help="of all workers together")
    parser.add_argument("--modules", action="store_true", help="print what takes long to import, too")
    parser.add_argument("--only", nargs="+", choices=SERVERS, default=list(SERVERS), help="load these servers")
    options = parser.parse_args()
    with stage(options) as here:
        database = here.database(OURS)
        environment = SURROUNDINGS | OURS.environment(database)
        for name, command in (("manage.py check", CHECK), ("a worker's start", WORKER)):
            print(f"{name:28}{statistics.median(cpu(command, environment) for _ in range(ROUNDS)):8.2f} s of CPU")
        if options.modules:
            print_modules(environment)
        for name in options.only:
            contender = SERVERS[name]
            with contender.served(here.database(OURS), here.folder) as serving:
                driver = Driver(serving, here.server, here.population, here.folder)
                driver.ask(0, "GET", "?limit=1")
                print(f"{name}: {cpu_seconds(serving.process):.2f} s of CPU until it answers")
                print_memory(serving, 0)
                asked = 0
                while asked < options.requests:
                    asked += driver.measure("mixed", options.seconds).requests
                    asked += driver.measure("list-10000", LIST_SECONDS).requests
                    print_memory(serving, asked)


def cpu(command: tuple[str, ...], environment: dict[str, str]) -> float:
    """CPU seconds, of user and system, that a program takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_memory(serving: Serving, requests: int) -> None:
    """Print the memory of each worker."""
    workers = ", ".join(f"{resident_mebibytes(process):.0f}" for process in tree(serving.process)[1:])
    print(f"after {requests:>8,} requests      {workers:>8} MiB in the workers", flush=True)


def print_modules(environment: dict[str, str]) -> None:
    """Print the modules that take longest to import, with all that they bring in."""
    command = (sys.executable, "-X", "importtime", *WORKER[1:])
    run = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    lines = [line.removeprefix("import time:").split("|") for line in run.stderr.splitlines() if "|" in line]
    slowest = sorted(((int(total), name.strip()) for _, total, name in lines[1:]), reverse=True)
    for microseconds, name in slowest[:25]:
        print(f"    {name:44}{microseconds / 1000:8.0f} ms")


if __name__ == "__main__":
    main()
