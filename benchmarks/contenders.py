"""The API and its peers: how each makes its tables, how they are filled, and how each is served."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.peers_venv import PEERS, PEERS_PYTHON
from benchmarks.population import SECRET, TASKS, Population
from benchmarks.postgres import Server
from benchmarks.processes import LOOPBACK, SURROUNDINGS, free_port, running

PROJECT = Path(__file__).resolve().parent.parent
WORKERS = "2"


@dataclass(frozen=True)
class Contender:
    """A program that serves the API.

    folder: where its commands run.
    migrate: the command that creates its tables in the database of DATABASE_URL.
    serve: the command that serves it; `{port}` is replaced. Its process must listen on PORT.
    people: SQL that creates all users.
    tasks: the table of its tasks.
    scheme: the beginning of its database URLs.
    tables: contenders with the same tables are filled once, and each gets a copy; by default, they are its own.
    variables: environment variables besides those that every contender gets.
    """

    name: str
    title: str
    folder: Path
    migrate: tuple[str, ...]
    serve: tuple[str, ...]
    people: str
    tasks: str
    scheme: str = "postgresql"
    tables: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self, database_url: str, port: int = 8000) -> dict[str, str]:
        """What it is told by variables, as a deployment tells it."""
        return {
            "DATABASE_URL": database_url.replace("postgresql", self.scheme, 1),
            "SECRET_KEY": "a-key-of-the-benchmarks-that-is-as-long-as-django-wants-them-to-be",
            "BETTER_AUTH_SECRET": SECRET,
            "CORS_ORIGINS": "http://localhost:3000",
            "PORT": str(port),
            "WEB_CONCURRENCY": WORKERS,
            **self.variables,
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
    (sys.executable, "manage.py", "serve"),
    f'INSERT INTO "user" (id, name, email, "emailVerified") SELECT id, name, email, false FROM {EVERYBODY}',
    "tasks",
    tables="ours",
)
GUNICORN = dataclasses.replace(
    OURS, name="gunicorn", title="this API, gunicorn", serve=(sys.executable, "-m", "gunicorn")
)
# The same server and settings as this API; only the views of tasks are others.
ORM = dataclasses.replace(
    OURS,
    name="orm",
    title="this API, ORM",
    serve=(str(PEERS_PYTHON), "manage.py", "serve"),
    variables={"DJANGO_SETTINGS_MODULE": "benchmarks.peers.orm.settings"},
)
UVICORN = (str(PEERS_PYTHON), "-m", "uvicorn", "--port", "{port}", "--workers", WORKERS, "--no-access-log")
STATEMENTS = dataclasses.replace(
    OURS,
    name="statements",
    title="FastAPI, our statements",
    serve=(*UVICORN, "--app-dir", str(PEERS / "our_statements"), "app:app"),
    variables={"PYTHONPATH": str(PROJECT)},
)
SEED = Contender(
    "seed",
    "seed FastAPI",
    PEERS / "seed_fastapi",
    (str(PEERS_PYTHON), "-c", "from app.db import create_db_and_tables; create_db_and_tables()"),
    # Its documents start one process and keep the access log.
    (str(PEERS_PYTHON), "-m", "uvicorn", "app.main:app", "--port", "{port}", "--workers", WORKERS),
    f"INSERT INTO users (id, email, name, created_at) SELECT id, email, name, now() FROM {EVERYBODY}",
    "tasks",
    scheme="postgresql+psycopg2",  # The driver of its documents; SQLAlchemy 2.1 would take another.
)
BEST = Contender(
    "best",
    "best FastAPI",
    PEERS / "best_fastapi",
    (str(PEERS_PYTHON), str(PEERS / "plain_table" / "create.py")),
    (*UVICORN, "app:app"),
    f"INSERT INTO users (id, email, name) SELECT id, email, name FROM {EVERYBODY}",
    "tasks",
    tables="plain",
)
FASTIFY = dataclasses.replace(
    BEST,
    name="fastify",
    title="Fastify",
    folder=PEERS / "fastify",
    serve=("node", "server.js"),
    variables={"NODE_ENV": "production"},
)
GRANIAN = (
    *(str(PEERS_PYTHON), "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK, "--port", "{port}"),
    *("--workers", WORKERS, "--blocking-threads", "64", "--no-ws", "todo.wsgi:application"),
)
NINJA = dataclasses.replace(
    BEST,
    name="ninja",
    title="django-ninja",
    folder=PEERS / "django_frameworks",
    serve=GRANIAN,
    variables={"FRAMEWORK": "ninja"},
)
MODERN_REST = dataclasses.replace(
    NINJA, name="modern-rest", title="django-modern-rest", variables={"FRAMEWORK": "modern_rest"}
)
BOLT = dataclasses.replace(
    NINJA,
    name="bolt",
    title="django-bolt",
    serve=(
        *(str(PEERS_PYTHON), "manage.py", "runbolt", "--host", LOOPBACK, "--port", "{port}"),
        *("--processes", WORKERS, "--no-admin"),
    ),
    variables={"FRAMEWORK": "bolt"},
)
CONTENDERS = (OURS, GUNICORN, SEED, BEST, STATEMENTS, FASTIFY, ORM, NINJA, MODERN_REST, BOLT)


def in_use(contender: Contender) -> str:
    """The name of the copy of its database that it works on."""
    return f"{contender.name}_in_use"


def seeded(server: Server, contender: Contender, population: Population) -> str:
    """The name of a fresh copy of the contender's filled database, which is filled where it is not there yet."""
    original = f"{contender.tables or contender.name}_{population.tasks}_{population.people}"
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
    if contender.tables == OURS.tables:  # The code may be newer than the data that were kept.
        environment = SURROUNDINGS | contender.environment(server.url(copy))
        subprocess.run(contender.migrate, cwd=contender.folder, env=environment, check=True)
    return copy
