"""A command that takes long says so on a terminal, and nowhere else."""

from io import BytesIO, StringIO
from pathlib import Path
from threading import Event

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.db import connection

from accounts.management import progress
from accounts.management.progress import Progress
from accounts.models import User
from tasks.management.commands.find_duplicates import COLUMNS_OF_TASKS as COLUMNS
from tests.support.api_server import manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import Person
from todo_project.management.commands.copy_database import copy_table


class Terminal(StringIO):
    """Where somebody looks on, and sees the word they wait for."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited, self.is_seen = awaited, Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.awaited in text:
            self.is_seen.set()
        return written


@pytest.fixture(autouse=True)
def every_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0)


@pytest.fixture
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_wait_is_told_while_it_lasts_and_its_line_is_blank_afterwards() -> None:
    terminal = Terminal("Moving, for 0 s …")

    with Progress(OutputWrapper(terminal)).waiting("Moving"):
        assert terminal.is_seen.wait(30)

    end = terminal.getvalue()
    assert end.endswith(f"\r{'':{progress.WIDTH}}\r")
    assert "\n" not in end


def test_a_file_gets_no_progress() -> None:
    file = StringIO()
    silent = Progress(OutputWrapper(file))

    with silent.waiting("Moving"):
        silent.show("7 of 8")
    silent.show_sometimes("8 of 8")
    silent.end()

    assert file.getvalue() == ""


def test_what_happens_often_is_shown_sometimes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 3600)
    terminal = Terminal("")

    Progress(OutputWrapper(terminal)).show_sometimes("1 MB")

    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("arguments", "function", "result"),
    [
        ("move_tasks owner stranger", "tasks.management.commands.move_tasks.move_tasks", 1),
        ("erase_person owner --confirm=owner", "tasks.user_data.erase", None),
        ("export_person owner --output=export.json", "tasks.user_data.export", BytesIO()),
        (
            "find_duplicates owner",
            "tasks.management.commands.find_duplicates.duplicate_tasks",
            [dict.fromkeys(COLUMNS)],
        ),
    ],
)
@pytest.mark.usefixtures("owner", "stranger", "in_a_folder_of_its_own")
def test_a_long_act_says_what_it_does(
    monkeypatch: pytest.MonkeyPatch, arguments: str, function: str, result: object
) -> None:
    terminal = Terminal("ing, for 0 s")

    def takes_long(*args: object) -> object:
        assert terminal.is_seen.wait(30)
        return result

    monkeypatch.setattr(function, takes_long)

    call_command(*arguments.split(), stdout=StringIO(), stderr=terminal)

    assert terminal.is_seen.is_set()


def test_a_copy_says_which_table_it_copies(owner: Person) -> None:
    terminal = Terminal("Copying user: 0 MB …")

    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with psycopg.connect(url) as target, connection.cursor() as reader:
            assert copy_table(reader, target.cursor(), User, Progress(OutputWrapper(terminal))) == 1

    assert terminal.is_seen.is_set()
