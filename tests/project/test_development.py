"""Development mode generates its secrets once, and starts its database only when something connects."""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.support.checkout import PROJECT, SECRETS, Checkout
from tests.support.faults import raiser
from todo_project import development


def test_secrets_are_generated_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / ".local"

    first = {name: development.secret(folder, name) for name in development.SECRETS}

    assert {name: development.secret(folder, name) for name in development.SECRETS} == first
    assert len(set(first.values())) == len(first)
    assert all(len(secret) >= 50 for secret in first.values())
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600


def test_secrets_that_cannot_be_stored_are_one_sentence_and_leave_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", raiser(OSError(errno.ENOSPC, "No space left on device")))

    with pytest.raises(ImproperlyConfigured, match=r"secrets\.json, and that fails: No space left on device\. Give"):
        development.secret(tmp_path, "SECRET_KEY")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "{}", "[]"])
def test_damaged_secrets_are_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)

    with pytest.raises(ImproperlyConfigured, match=r"secrets\.json is damaged\. Delete it"):
        development.secret(tmp_path, "SECRET_KEY")


def test_a_folder_in_place_of_a_file_ends_manage_py_without_a_traceback(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("copy"))
    (checkout.folder / ".local").write_text("")

    ended = checkout.run("manage.py", "check")

    assert ended.returncode == 1
    assert "and that fails: File exists. Give" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_what_root_makes_in_somebodys_project_is_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[str, int]] = []
    (tmp_path / "file").touch()
    owners = {"file": 0, tmp_path.name: 1000}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        Path, "stat", lambda path: os.stat_result((0, 0, 0, 0, owners[path.name], owners[path.name], *[0] * 4))
    )
    monkeypatch.setattr(os, "chown", lambda path, user, group: given.append((path.name, user)))

    development.give_to_owner(tmp_path / "file")
    owners["file"] = 1000
    development.give_to_owner(tmp_path / "file")

    assert given == [("file", 1000)]


def test_libpqs_variables_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"PGHOST": "a", "PGSERVICE": "b", "PG": "c", "HOME": "d", "XPGHOST": "e"})

    development.ignore_libpq_variables()

    assert os.environ == {"HOME": "d", "XPGHOST": "e"}


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
