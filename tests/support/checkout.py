"""A copy of the project in a folder of its own, started from the command line as its users start it.

A copy, because settings read `.env` and development mode keeps its database next to the code: the developer's own
stay out of the tests, and the tests out of them.
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
CODE = ("todo_project", "tasks", "accounts")
FILES = ("manage.py", "gunicorn.conf.py")

# What a program needs of its surroundings, and what coverage.py tells its subprocesses.
SURROUNDINGS = {
    name: os.environ[name]
    for name in ("PATH", "HOME", "TMPDIR", "LANG", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
    if name in os.environ
}

SECRETS = {
    "SECRET_KEY": "a-key-of-the-tests-that-is-as-long-as-django-wants-them-to-be",
    "BETTER_AUTH_SECRET": "a-secret-of-the-tests-that-is-long-enough",
}


class Checkout:
    """The project's code in a folder of its own inside `folder`."""

    def __init__(self, folder: Path) -> None:
        # coverage.py takes a folder of this name for the project (pyproject.toml).
        self.folder = folder / "checkout"
        self.is_migrated = False
        self.folder.mkdir()
        for name in CODE:
            shutil.copytree(PROJECT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy(PROJECT / name, self.folder / name)

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a Python program to its end: `run("manage.py", "check", DEBUG="true")`."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=SURROUNDINGS | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def migrate(self) -> None:
        """Migrate its database, which gunicorn expects."""
        if not self.is_migrated:
            migrated = self.run("manage.py", "migrate", "--verbosity=0")
            assert migrated.returncode == 0, migrated.stderr
        self.is_migrated = True

    @functools.cached_property
    def token(self) -> str:
        """A token of the user `developer`."""
        return self.run("manage.py", "issue_token", "developer").stdout.split()[-1]

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """Start a Python program whose output, errors among it, is read while it runs."""
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            env=SURROUNDINGS | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
