"""What a page of 20 costs PostgreSQL in each order, of lists of 1,000 and of 10,000 tasks: CPU time of its process.

    python -m benchmarks.pages [--postgres /usr/lib/postgresql/15/bin]

The tasks of the long lists lie between those of others, as they do if many people write. A page is measured after a
VACUUM, and after every task was written again: then PostgreSQL has to look into the table for each entry of an index.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.postgres import postgres
from benchmarks.writes import Backend, low, make
from tasks.sorting import SORTS
from tasks.sql.lists import Shape, page

LISTS = {"u0": 1_000, "u1": 10_000}
REPEATS = 15
# Among the 200 tasks of each of the others, in the order of creation.
FILL = """
INSERT INTO tasks (user_id, title, completed, created_at, due_date, priority)
SELECT CASE WHEN n % 20 = 0 THEN 'u0' WHEN n % 2 = 0 THEN 'u1' ELSE 'u' || 2 + n % 98 END, md5(n::text), n % 3 = 0,
    now() - n * interval '1 second', CASE WHEN n % 5 > 0 THEN current_date + n % 100 END,
    (ARRAY['none', 'low', 'medium', 'high'])[1 + n % 4]
FROM generate_series(1, 22000) n
"""


def milliseconds(backend: Backend, person: str, sort: str, status: str) -> float:
    """Return the CPU time of a first page, prepared."""
    statement = page(Shape(status, sort, SORTS[sort].order, (), with_total=False, starts="start"))
    params = {"user_id": person, "known": ["none"], "limit": 20, "key": "", "id": 0}
    costs = []
    for _ in range(REPEATS):
        begun = backend.cpu()
        rows = backend.connection.execute(statement, params).fetchall()
        costs.append((backend.cpu() - begun) / 1e6)
        assert len(rows) == 21
    return low(costs)


def main(programs: Path | None) -> None:
    """Print a table for each state of the table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL runs as another user if this is root.
        server = stack.enter_context(postgres(folder, programs))
        backend = make(server, "pages", 20_000)
        ((version,),) = server.run(
            "pages", "DELETE FROM tasks WHERE user_id IN ('u0', 'u1')", FILL, "SHOW server_version"
        )
        statuses = ("all", "pending", "completed")
        print(f"PostgreSQL {version}, ms of CPU, mean of the lowest third of {REPEATS}")
        for state, statement in {
            "vacuumed": "VACUUM ANALYZE",
            "written": "UPDATE tasks SET title = title || '.'",
        }.items():
            server.run("pages", statement)
            print(f"\n{state:14}" + "".join(f"{f'{status}, {n}':>18}" for n in LISTS.values() for status in statuses))
            for sort in SORTS:
                costs = [milliseconds(backend, person, sort, status) for person in LISTS for status in statuses]
                print(f"{sort:14}" + "".join(f"{cost:18.2f}" for cost in costs))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--postgres", type=Path, help="the folder of initdb and postgres; the embedded one's by default"
    )
    main(parser.parse_args().postgres)
