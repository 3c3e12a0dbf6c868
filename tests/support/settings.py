"""Runs settings.py with given environment variables."""

import os
import runpy
from collections.abc import Callable
from typing import Any
from unittest import mock

from tests.support.checkout import PROJECT, SECRETS

SETTINGS = PROJECT / "todo_project" / "settings.py"
PASSWORD = "s3cr3t-p4ssw0rd"
PRODUCTION = {"DATABASE_URL": f"postgresql://todo:{PASSWORD}@db.example.com/todo", **SECRETS}

type SettingsOf = Callable[..., dict[str, Any]]


def run_settings(**variables: str) -> dict[str, Any]:
    """Return the names that settings.py defines if these are all environment variables."""
    with mock.patch.dict(os.environ, variables, clear=True):
        # Under its own name, because coverage.py selects files by the name of the module that it sees first.
        return runpy.run_path(str(SETTINGS), run_name="todo_project.settings")
