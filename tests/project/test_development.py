"""Development mode generates its secrets once, and starts its database only when something connects."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import PROJECT, SECRETS, Checkout
from todo_project import development


def test_secrets_are_generated_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / ".local"

    first = {name: development.secret(folder, name) for name in development.SECRETS}

    assert {name: development.secret(folder, name) for name in development.SECRETS} == first
    assert len(set(first.values())) == len(first)
    assert all(len(secret) >= 50 for secret in first.values())
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600


def test_a_second_process_uses_the_secrets_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    firsts = dict.fromkeys(development.SECRETS, "the first one's")

    link = os.link

    def link_after_another(source: Path, target: Path) -> None:
        target.write_text(json.dumps(firsts))
        link(source, target)

    monkeypatch.setattr(os, "link", link_after_another)

    assert development.secret(tmp_path, "SECRET_KEY") == "the first one's"
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_two_first_starts_at_once_get_the_same_secrets(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from todo_project import development; print('ready', flush=True); input();"
        "print(development.secret(pathlib.Path(sys.argv[1]), 'SECRET_KEY'))"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == "ready\n"
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("\n")
        start.stdin.flush()

    secrets = [start.communicate(timeout=30)[0] for start in starts]

    assert secrets[0] == secrets[1]
    assert len(secrets[0]) > 50


@pytest.mark.parametrize(
    "command",
    [
        ("-c", "import todo_project.settings, django; django.setup(); import todo_project.urls"),
        ("manage.py", "help"),
        ("manage.py", "check"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_program_that_does_not_connect_starts_no_database(
    tmp_path_factory: pytest.TempPathFactory, command: tuple[str, ...]
) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("copy"))

    ended = checkout.run(*command, **SECRETS, DJANGO_SETTINGS_MODULE="todo_project.settings")

    assert ended.returncode == 0, ended.stderr
    assert not (checkout.folder / ".local").exists()


def test_the_first_connection_starts_the_database_and_the_end_of_the_program_stops_it(checkout: Checkout) -> None:
    program = (
        "from django.db import connection as c; from pathlib import Path; c.cursor().execute('SELECT 1');"
        "print(c.pool.name, Path('.local/postgres/postmaster.pid').exists())"
    )

    ended = checkout.run("manage.py", "shell", "--no-imports", "--command", program)

    assert ended.stdout.endswith(" True\n"), ended.stderr
    assert ended.stderr == ""
    assert not (checkout.folder / ".local" / "postgres" / "postmaster.pid").exists()
