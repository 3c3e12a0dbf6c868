"""The lab itself: its servers start, say why when they do not, and end; a machine without Node is told so."""

import os
from pathlib import Path

import pytest

from tests.better_auth import project
from tests.better_auth.config import Config
from tests.better_auth.lab import BetterAuthServer
from tests.better_auth.project import LabError


def test_what_better_auth_said_comes_with_the_failure(database: str) -> None:
    with pytest.raises(LabError) as failure, BetterAuthServer(Config(database=database)) as server:  # has no tables
        server.sign_up()

    assert "SCHEMA_MISMATCH" in failure.value.__notes__[0]


def test_a_server_that_cannot_start_fails_with_its_reason() -> None:
    with pytest.raises(LabError, match="did not start"), BetterAuthServer(Config(database="", port=70000)):
        pass  # never entered


def test_the_server_ends_with_the_process_that_started_it(database: str) -> None:
    with BetterAuthServer(Config(database=database)) as server:
        assert server.process.stdin
        server.process.stdin.close()

        assert server.process.wait(timeout=10) == 0


def test_without_node_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "Node.js is not installed" in (project.why_not() or "")


def test_an_old_node_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("node", "npm"):
        Path(tmp_path / name).write_text("#!/bin/sh\necho v18.20.0\n")
        Path(tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert "v18.20.0 is too old" in (project.why_not() or "")


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in project.LOCK.read_text()
