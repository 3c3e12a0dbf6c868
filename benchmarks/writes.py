"""What one write of a task costs PostgreSQL: CPU time of its process and bytes of its log, before and now.

    python -m benchmarks.writes [--rounds 30] [--postgres /usr/lib/postgresql/15/bin]

`plain` is an UPDATE of a table without triggers and with one index besides its primary key. `before` is the schema of
tasks 0001 and the statement that can explain a refusal, `now` the schema of today and the statement that runs first
(docs/decisions/0023-cheaper-writes.md). Each is measured in turn within a round, with prepared statements and generic
plans, as the API runs them.
"""

import argparse
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

import django

django.setup()

from benchmarks.postgres import Server, postgres
from tasks.models import EDITABLE_FIELDS, FIELD_DEFAULTS
from tasks.sql.writes import CREATE, RESTORE, TOGGLE, TRASH, WriteOne, update_fields

PEOPLE, TASKS, WRITES = 100, 20_000, 20  # in all; and of one person, the writes of a round
BEFORE, NOW, PLAIN = "before", "now", "plain"
FILL = f"""
INSERT INTO "user" (id, name, email, "emailVerified")
SELECT 'u' || n, '', 'e' || n, false FROM generate_series(0, {PEOPLE - 1}) n;
INSERT INTO tasks (user_id, title, description, completed, created_at, due_date, priority, tags)
SELECT 'u' || n % {PEOPLE}, 'Buy milk number ' || n, CASE WHEN n % 2 = 0 THEN 'Two litres of the good one, please' END,
    n % 3 = 0, now() - n * interval '1 second', CASE WHEN n % 2 = 0 THEN current_date + n % 100 END,
    (ARRAY['none', 'low', 'medium', 'high'])[1 + n % 4], CASE WHEN n % 3 = 0 THEN ARRAY['home', 'shop'] ELSE '{{}}' END
FROM generate_series(1, {TASKS}) n;
CREATE TABLE plain AS SELECT * FROM tasks;
ALTER TABLE plain ADD PRIMARY KEY (id);
CREATE INDEX ON plain (user_id, created_at);
"""
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


def make(server: Server, name: str, *target: str) -> Backend:
    """Return a connection to a new, filled database whose tasks are migrated to `target`."""
    server.run("postgres", f'CREATE DATABASE "{name}"')
    secret = secrets.token_hex(32)
    variables = {"DATABASE_URL": server.url(name), "SECRET_KEY": secret, "BETTER_AUTH_SECRET": secret}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", *target]
    subprocess.run(command, check=True, env=os.environ | variables, cwd=Path(__file__).parent.parent)
    server.run(name, *FILL.split(";\n")[:-1], "VACUUM ANALYZE")
    return Backend(server.url(name))


def low(values: list[float]) -> float:
    """Return the mean of the lowest third: what else runs on the machine only ever adds."""
    return statistics.mean(sorted(values)[: max(1, len(values) // 3)])


def main(rounds: int, programs: Path | None) -> None:
    """Print a table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL runs as another user if this is root.
        server = stack.enter_context(postgres(folder, programs))
        backends = {BEFORE: make(server, BEFORE, "tasks", "0001"), NOW: make(server, NOW)}
        costs: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for number in range(-1, rounds):  # The first round prepares the statements and fills the caches.
            for kind, write in KINDS.items():
                for name in random.sample(list(backends), len(backends)):
                    backend = backends[name]
                    statement = write.full if name == BEFORE else write.quick
                    cost = backend.cost(statement, params_of(kind))
                    if number >= 0:
                        costs.setdefault((name, kind), []).append(cost)
            costs.setdefault((NOW, PLAIN), []).append(backends[NOW].cost(UPDATE_PLAIN, params_of(PLAIN)))
        ((version,),) = server.run("postgres", "SHOW server_version")
        print(f"PostgreSQL {version}, {rounds} rounds of {WRITES}, mean of the lowest third")
        print(f"{'one write':24}{'before':>10}{'now':>10}{'now/before':>12}{'log before':>12}{'log now':>10}")
        for kind in KINDS:
            (old, old_log), (new, new_log) = (
                [low(list(values)) for values in zip(*costs[name, kind], strict=True)] for name in (BEFORE, NOW)
            )
            print(f"{kind:24}{old:7.0f} µs{new:7.0f} µs{new / old:12.2f}{old_log:10.0f} B{new_log:8.0f} B")
        plain, plain_log = (low(list(values)) for values in zip(*costs[NOW, PLAIN], strict=True))
        print(f"{'plain UPDATE':24}{'':10}{plain:7.0f} µs{'':24}{plain_log:8.0f} B")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument(
        "--postgres", type=Path, help="the folder of initdb and postgres; the embedded one's by default"
    )
    options = parser.parse_args()
    main(options.rounds, options.postgres)
