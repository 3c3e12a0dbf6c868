"""The API and its peers: how each makes its tables, how they are filled, and how each is served."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peers_venv import PEERS, PEERS_PYTHON
from benchmarks.population import SECRET, TASKS, Population
from benchmarks.postgres import Server
from benchmarks.processes import LOOPBACK, SURROUNDINGS, free_port, running

PROJECT = Path(__file__).resolve().parent.parent
WORKERS = "2"


@dataclass(frozen=True)
class Contender:
    """Something that serves the API.

    folder: where its commands run.
    migrate: makes its tables in the database of DATABASE_URL.
    serve: the command that serves it; `{port}` is put in.
    users: SQL that makes everybody.
    tasks: the table of its tasks.
    scheme: how its URLs of databases begin.
    """

    name: str
    title: str
    folder: Path
    migrate: tuple[str, ...]
    serve: tuple[str, ...]
    people: str
    tasks: str
    scheme: str = "postgresql"

    def environment(self, database_url: str, port: int = 8000) -> dict[str, str]:
        """What it is told by variables, as a deployment tells it."""
        return {
            "DATABASE_URL": database_url.replace("postgresql", self.scheme, 1),
            "SECRET_KEY": "a-key-of-the-benchmarks-that-is-as-long-as-django-wants-them-to-be",
            "BETTER_AUTH_SECRET": SECRET,
            "CORS_ORIGINS": "http://localhost:3000",
            "PORT": str(port),
            "WEB_CONCURRENCY": WORKERS,
        }

    def fill(self, server: Server, database: str, population: Population) -> None:
        """Make its tables, everybody and their tasks in a new database."""
        server.run("postgres", f'CREATE DATABASE "{database}"')
        environment = SURROUNDINGS | self.environment(server.url(database))
        subprocess.run(self.migrate, cwd=self.folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        server.run(database, self.people, people=population.size)
        columns: str = "id, user_id, title, description, completed, created_at"
        for group in population.groups():
            server.run(
                database,
                f"INSERT INTO {self.tasks} ({columns}, updated_at) SELECT {columns}, created_at FROM ({TASKS}) task",
                **asdict(group),
            )
        server.run(
            database,
            f"SELECT setval(pg_get_serial_sequence('{self.tasks}', 'id'), max(id)) FROM {self.tasks}",
            "VACUUM ANALYZE",
        )

    @contextmanager
    def served(self, database_url: str, logs: Path, **variables: str) -> Iterator["Serving"]:
        """Inside the block it is served from that database, with `variables` besides its own."""
        port = free_port()
        with running(
            [part.format(port=port) for part in self.serve],
            port=port,
            log=logs / f"{self.name}.log",
            folder=self.folder,
            variables=self.environment(database_url, port) | variables,
        ) as process:
            yield Serving(self, port, process)


@dataclass(frozen=True)
class Serving:
    """A contender that is being served: where, and by which process."""

    contender: Contender
    port: int
    process: int

    @property
    def address(self) -> str:
        """Where it is reached."""
        return f"http://{LOOPBACK}:{self.port}"


EVERYBODY: str = """
(SELECT md5('person ' || number) AS id, md5('person ' || number) || '@example.com' AS email, 'Person ' || number AS name
 FROM generate_series(0, %(people)s::bigint - 1) number) person"""

OURS = Contender(
    "ours",
    "this API",
    PROJECT,
    (sys.executable, "manage.py", "migrate", "--verbosity=0"),
    (sys.executable, "-m", "gunicorn"),
    f'INSERT INTO "user" (id, name, email, "emailVerified") SELECT id, name, email, false FROM {EVERYBODY}',
    "tasks",
)
SEED = Contender(
    "seed",
    "FastAPI + SQLModel",
    PEERS / "seed_fastapi",
    (str(PEERS_PYTHON), "-c", "from app.db import create_db_and_tables; create_db_and_tables()"),
    # One process, as its documents start it; left to itself, uvicorn reads WEB_CONCURRENCY.
    (str(PEERS_PYTHON), "-m", "uvicorn", "app.main:app", "--port", "{port}", "--workers", "1"),
    f"INSERT INTO users (id, email, name, created_at) SELECT id, email, name, now() FROM {EVERYBODY}",
    "tasks",
    scheme="postgresql+psycopg2",  # The driver of its documents; SQLAlchemy 2.1 would take another.
)
SEED_TWICE = dataclasses.replace(SEED, name="seed2", title="the same, 2 processes", serve=(*SEED.serve[:-1], WORKERS))
TUTORIAL = Contender(
    "tutorial",
    "tutorial DRF",
    PEERS / "tutorial_drf",
    (str(PEERS_PYTHON), "manage.py", "migrate", "--verbosity=0"),
    (
        *(str(PEERS_PYTHON), "-m", "gunicorn", "todo.wsgi", "--bind", f"{LOOPBACK}:{{port}}", "--workers", WORKERS),
        "--no-control-socket",
    ),
    "INSERT INTO tasks_user (id, username, email, first_name, last_name, password, is_active, is_staff, is_superuser,"
    f" date_joined) SELECT id, id, email, name, '', '!', true, false, false, now() FROM {EVERYBODY}",
    "tasks_task",
)
CONTENDERS = (OURS, SEED, SEED_TWICE, TUTORIAL)


def in_use(contender: Contender) -> str:
    """The name of the copy of its database that it works on."""
    return f"{contender.name}_in_use"


def seeded(server: Server, contender: Contender, population: Population) -> str:
    """The name of a fresh copy of the contender's filled database, which is filled where it is not there yet."""
    original = f"{contender.name}_{population.tasks}_{population.people}"
    if not server.has(original):
        server.run("postgres", 'DROP DATABASE IF EXISTS "draft" WITH (FORCE)')
        contender.fill(server, "draft", population)
        server.run("postgres", f'ALTER DATABASE "draft" RENAME TO "{original}"')
    copy = in_use(contender)
    server.run(
        "postgres",
        f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)',
        f'CREATE DATABASE "{copy}" TEMPLATE "{original}" STRATEGY FILE_COPY',
    )
    if contender is OURS:  # The code may be newer than the data that were kept.
        environment = SURROUNDINGS | contender.environment(server.url(copy))
        subprocess.run(contender.migrate, cwd=contender.folder, env=environment, check=True)
    return copy
