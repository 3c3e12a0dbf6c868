"""Every command of docs/support.md works, in the order of the page, and the page names every command of support."""

import re
from pathlib import Path

import pytest

from tests.operators.test_support_commands import COMMANDS
from tests.support.api_server import manage
from tests.support.checkout import PROJECT
from tests.support.databases import fresh_database, server_url

PAGE = (PROJECT / "docs" / "support.md").read_text(encoding="utf-8")
LINES = [
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
# What the page's people have done before: Anna signed up twice, made tasks, changed one and deleted one.
BEFORE = """
from accounts.users import sync_user
from accounts.caller import Caller
now = timezone.now()
for user_id, email in (("k3mX", "anna@example.com"), ("q1Wz", "ANNA@example.com")):
    sync_user(Caller(user_id, email, "Anna", now, now))
anna = Actor("k3mX")
for title in ("Buy milk", "Call", "Call", "Gone"):
    operations.create("k3mX", anna, {"title": title})
ids = list(Task.objects.order_by("id").values_list("id", flat=True))
operations.trash("k3mX", ids[3], anna)
operations.change("k3mX", ids[0], anna, {"title": "Buy oat milk"})
"""


def test_the_page_names_every_command() -> None:
    assert {command for line in LINES for command in re.findall(r"manage\.py (\w+)", line)} >= set(COMMANDS)


@pytest.mark.parametrize("number", range(1, 11))
def test_there_are_ten_questions(number: int) -> None:
    assert re.search(rf"^## {number}\. “", PAGE, re.MULTILINE)


def test_each_command_of_the_page_works(tmp_path: Path) -> None:
    with fresh_database(server_url()) as database:
        assert manage(database, "migrate", "--verbosity=0").returncode == 0
        before = manage(database, "shell", "-c", BEFORE)
        assert before.returncode == 0, before.stderr
        for line in LINES:
            text = ""
            for part in line.split(" | "):
                arguments = part.replace("--output ", f"--output={tmp_path}/").split()[2:]
                ended = manage(database, *arguments, stdin=text)
                assert ended.returncode == 0, (line, ended.stdout, ended.stderr)
                text = ended.stdout

    assert (tmp_path / "anna.json").exists()
