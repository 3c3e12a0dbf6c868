"""What a write of tasks costs PostgreSQL: CPU time of its process and bytes of its log, step by step since tasks 0001.

    python -m benchmarks.writes [--rounds 30] [--tasks 20000] [--postgres /usr/lib/postgresql/15/bin]

The steps are those of docs/decisions/0023-cheaper-writes.md: the first is the schema of tasks 0001 with the check of
tags in SQL, as it was before that migration, and with the statement that can explain a refusal; the last is the schema
of today with the statement that runs first. They are measured in turn
within a round, with prepared statements and generic plans, as the API runs them. `plain` is an UPDATE of a table
without triggers and with one index besides its primary key.
"""

import argparse
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

import django

django.setup()

from benchmarks.postgres import Server, postgres
from tasks.models import EDITABLE_FIELDS, FIELD_DEFAULTS
from tasks.sql.writes import BULK_BY_STATUS, CREATE, RESTORE, TOGGLE, TRASH, WriteOne, update_fields

PEOPLE, WRITES, MANY = 100, 20, 10_000  # The writes of a round, the rows of a bulk write.
BULK_REPEATS = 5
UPDATE_PLAIN = "UPDATE plain SET completed = NOT completed, updated_at = now() WHERE id = %(id)s RETURNING *"

# In this order: what one kind of write does to the tasks, the next undoes.
KINDS: dict[str, WriteOne] = {
    "toggle": TOGGLE,
    "update of the title": update_fields(frozenset({"title"})),
    "update of all fields": update_fields(frozenset(EDITABLE_FIELDS)),
    "delete": TRASH,
    "restore": RESTORE,
    "create": CREATE,
    "create with a key": WriteOne(CREATE.full, CREATE.full),
}
# Each with what the one before has: a migration of tasks, and whether the statement that runs first is used.
STEPS = {
    "before": ("0001", False),
    "tags": ("0001", False),
    "triggers": ("0003", False),
    "indexes": ("0004", False),
    "now": ("0006", True),
}
FIRST, LAST = "before", "now"
TAGS_IN_SQL = """
CREATE OR REPLACE FUNCTION are_tags(tags text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tags = '{}' OR (
    array_ndims(tags) = 1 AND cardinality(tags) <= 20
    AND (
        SELECT count(*) = count(DISTINCT tag)
            AND bool_and(char_length(tag) BETWEEN 1 AND 50 AND tag = btrim(tag, E' \\t\\n'))
        FROM unnest(tags) AS tag
    )
)
"""
# Of the user who has no other tasks; each finds the rows that the one before left.
BULK = {
    "insert": f"INSERT INTO tasks (user_id, title) SELECT %(user_id)s, n::text FROM generate_series(1, {MANY}) n",
    "complete all": BULK_BY_STATUS["complete"],
    "change each title in psql": "UPDATE tasks SET title = title || '!' WHERE user_id = %(user_id)s",
    "change nothing in psql": "UPDATE tasks SET title = title WHERE user_id = %(user_id)s",
    "move all to the trash": BULK_BY_STATUS["trash"],
    "delete": "DELETE FROM tasks WHERE user_id = %(user_id)s",
}
SIZES = """
SELECT pg_table_size('tasks') / 1048576, (pg_indexes_size('tasks') - pg_relation_size('tasks_pkey')) / 1048576
"""


class Backend:
    """A connection, and what its process in the server takes."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.prepare_threshold = 0
        self.connection.execute("SET plan_cache_mode = force_generic_plan")
        self.process = self.connection.info.backend_pid
        rows = self.connection.execute(f"SELECT id FROM tasks WHERE user_id = 'u7' ORDER BY id LIMIT {WRITES}")
        self.ids = [task for (task,) in rows]

    def cpu(self) -> int:
        """Return the nanoseconds of CPU that the process has taken."""
        return int(Path(f"/proc/{self.process}/schedstat").read_text().split()[0])

    def written(self) -> int:
        """Return the bytes of write-ahead log of the whole server: only one connection writes at a time."""
        row = self.connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
        assert row is not None
        return int(row[0])

    def cost(self, statement: str, params: Callable[[int], dict[str, Any]]) -> tuple[float, float]:
        """Run `statement` for each task; return µs of CPU and bytes of log for one. Raises if nothing was written."""
        bytes_before = self.written()
        begun = self.cpu()
        for task in self.ids:
            if self.connection.execute(statement, params(task)).fetchone() is None:
                raise RuntimeError(f"Nothing was written by {statement}")
        spent = self.cpu() - begun
        return spent / WRITES / 1000, (self.written() - bytes_before) / WRITES


def params_of(kind: str) -> Callable[[int], dict[str, Any]]:
    """Return what makes the parameters of a write of one task."""

    def params(task: int) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "title": f"Title {secrets.token_hex(4)}",
            "description": "Some words",
            "due_date": "2030-01-01",
        }
        fields |= {"priority": random.choice(["low", "high"]), "tags": ["home"], "completed": task % 2 == 0}
        key = secrets.token_hex(16) if kind == "create with a key" else None
        who = {"user_id": "u7", "actor": "u7", "source": "api", "limit": 1_000_000}
        return FIELD_DEFAULTS | fields | who | {"id": task, "versions": None, "key": key, "body_hash": bytes(32)}

    return params


def fill(tasks: int) -> list[str]:
    """Return the statements that make people with so many tasks, and the plain table."""
    statements = f"""INSERT INTO "user" (id, name, email, "emailVerified")
SELECT 'u' || n, '', 'e' || n, false FROM generate_series(0, {PEOPLE}) n;
INSERT INTO tasks (user_id, title, description, completed, created_at, due_date, priority, tags)
SELECT 'u' || n % {PEOPLE}, 'Buy milk number ' || n, CASE WHEN n % 2 = 0 THEN 'Two litres of the good one, please' END,
    n % 3 = 0, now() - n * interval '1 second', CASE WHEN n % 2 = 0 THEN current_date + n % 100 END,
    (ARRAY['none', 'low', 'medium', 'high'])[1 + n % 4], CASE WHEN n % 3 = 0 THEN ARRAY['home', 'shop'] ELSE '{{}}' END
FROM generate_series(1, {tasks}) n;
CREATE TABLE plain AS SELECT * FROM tasks LIMIT 20000;
ALTER TABLE plain ADD PRIMARY KEY (id);
CREATE INDEX ON plain (user_id, created_at);
"""
    return statements.split(";\n")[:-1]


def make(server: Server, name: str, tasks: int, *target: str) -> Backend:
    """Return a connection to a new, filled database whose tasks are migrated to `target`."""
    server.run("postgres", f'CREATE DATABASE "{name}"')
    secret = secrets.token_hex(32)
    variables = {"DATABASE_URL": server.url(name), "SECRET_KEY": secret, "BETTER_AUTH_SECRET": secret}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", *target]
    subprocess.run(command, check=True, env=os.environ | variables, cwd=Path(__file__).parent.parent)
    server.run(name, *fill(tasks), "VACUUM ANALYZE", *([TAGS_IN_SQL] if name == FIRST else []))
    return Backend(server.url(name))


def low(values: Sequence[float]) -> float:
    """Return the mean of the lowest third: what else runs on the machine only ever adds."""
    return statistics.mean(sorted(values)[: max(1, len(values) // 3)])


def singles(backends: dict[str, Backend], rounds: int) -> None:
    """Print what one write costs at each step."""
    costs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for number in range(-1, rounds):  # The first round prepares the statements and fills the caches.
        for kind, write in KINDS.items():
            for step in random.sample(list(backends), len(backends)):
                cost = backends[step].cost(write.quick if STEPS[step][1] else write.full, params_of(kind))
                if number >= 0:
                    costs.setdefault((step, kind), []).append(cost)
        costs.setdefault((LAST, "plain"), []).append(backends[LAST].cost(UPDATE_PLAIN, params_of("plain")))

    def lowest(step: str, kind: str) -> list[float]:
        return [low(values) for values in zip(*costs[step, kind], strict=True)]

    print(
        f"\n{'One write, µs of CPU':26}"
        + "".join(f"{step:>10}" for step in STEPS)
        + f"{'ratio':>8}{'bytes of log':>20}"
    )
    for kind in KINDS:
        (first, first_log), (last, last_log) = lowest(FIRST, kind), lowest(LAST, kind)
        shown = "".join(f"{lowest(step, kind)[0]:10.0f}" for step in STEPS)
        print(f"{kind:26}{shown}{last / first:8.2f}{first_log:12.0f}{last_log:8.0f}")
    plain, plain_log = lowest(LAST, "plain")
    print(f"{'plain UPDATE':26}{plain:{10 * len(STEPS)}.0f}{plain_log:28.0f}")


def bulk(backends: dict[str, Backend]) -> None:
    """Print what a statement with many rows costs."""
    params = {"user_id": f"u{PEOPLE}", "actor": "u", "source": "api", "limit": 1_000_000, "states": [True, False]}
    costs: dict[tuple[str, str], list[float]] = {}
    for _ in range(BULK_REPEATS):
        for step in (FIRST, LAST):
            for kind, statement in BULK.items():
                begun = backends[step].cpu()
                backends[step].connection.execute(statement, params)
                costs.setdefault((step, kind), []).append((backends[step].cpu() - begun) / 1e6)
    print(f"\n{f'{MANY} rows, ms of CPU':26}{FIRST:>10}{LAST:>10}")
    for kind in BULK:
        print(f"{kind:26}{low(costs[FIRST, kind]):10.0f}{low(costs[LAST, kind]):10.0f}")


def main(rounds: int, tasks: int, programs: Path | None) -> None:
    """Print tables."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL runs as another user if this is root.
        server = stack.enter_context(postgres(folder, programs))
        backends = {step: make(server, step, tasks, "tasks", target) for step, (target, _) in STEPS.items()}
        ((version,),) = server.run("postgres", "SHOW server_version")
        print(f"PostgreSQL {version}, {rounds} rounds of {WRITES}, mean of the lowest third")
        for step in (FIRST, LAST):
            ((table, indexes),) = server.run(step, SIZES)
            print(f"{step}: {tasks:,} tasks, table {table} MiB, indexes besides the primary key {indexes} MiB")
        singles(backends, rounds)
        bulk(backends)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--tasks", type=int, default=20_000, help="in each database; a million takes ten minutes")
    parser.add_argument(
        "--postgres", type=Path, help="the folder of initdb and postgres; the embedded one's by default"
    )
    options = parser.parse_args()
    main(options.rounds, options.tasks, options.postgres)
