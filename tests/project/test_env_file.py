"""A `.env` file that cannot be read stops the start with its reason, and no line of it is skipped in silence."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.support.checkout import Checkout
from todo_project.env import Env

pytestmark = pytest.mark.usefixtures("empty_environment")

UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a directory": (Path.mkdir, "is a directory. Remove it"),
    "UTF-16": (lambda path: path.write_text("PORT=1\n", encoding="utf-16"), "is not UTF-8 (line 1). Save it as UTF-8"),
    "UTF-16 without a mark": (lambda path: path.write_text("PORT=1\n", encoding="utf-16-le"), "is UTF-16, as Windows"),
    "Latin-1": (lambda path: path.write_text("A=1\n# für uns\n", encoding="latin-1"), "is not UTF-8 (line 2)"),
    "a loop of links": (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links. Make"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_the_only_problem(tmp_path: Path, name: str) -> None:
    make, problem = UNREADABLE[name]
    make(tmp_path / ".env")

    with pytest.raises(ImproperlyConfigured) as stop:
        Env(tmp_path / ".env")

    heading, line = str(stop.value).splitlines()
    assert heading == "Invalid configuration:"
    assert line.startswith(f"  - {tmp_path / '.env'} {problem}")


def test_manage_py_ends_with_the_problem_of_the_file_and_without_a_traceback(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("copy"))
    (checkout.folder / ".env").write_text("PORT=8000\n", encoding="utf-16")

    ended = checkout.run("manage.py", "check")

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 2
    assert "Save it as UTF-8" in ended.stderr
    assert not (checkout.folder / ".local").exists()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffPORT=8001\n",
        "PORT=8001\r\nHOST=::1\r\n",
        "export PORT=8001",
        "# a comment\n\n PORT = '8001' # another\n",
    ],
    ids=["byte order mark", "CRLF", "export", "comments"],
)
def test_the_usual_spellings_of_a_line_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / ".env").write_bytes(text.encode())

    env = Env(tmp_path / ".env")

    assert env.str("PORT") == "8001"
    assert env.problems == []


def test_a_line_that_cannot_be_read_is_a_problem_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ONE=1\nTWO='two\nTHREE=3\n")

    env = Env(tmp_path / ".env")

    assert env.problems == [f"{tmp_path / '.env'} has an error in line 2. Write NAME=value, and close each quote."]
    assert (env.str("ONE"), env.str("TWO"), env.str("THREE")) == ("1", "", "3")


@pytest.mark.parametrize("name", ["BETTER_AUTH_SECRET", "BETTER_AUTH_SECRETS"])
@pytest.mark.parametrize("written", ["abc#def", "a$b", "'a$b'", "a\\b", '"a\\tb"', "`abc`", '"${HOME}x"'])
def test_a_secret_that_node_would_read_differently_is_a_problem(tmp_path: Path, name: str, written: str) -> None:
    (tmp_path / ".env").write_text(f"{name}={written}\n")
    if "HOME" in written:
        os.environ["HOME"] = "a$b"

    (problem,) = Env(tmp_path / ".env").problems

    assert problem.startswith(f"{name} in .env has a character that Node's dotenv or Next.js may read differently.")
    assert "abc" not in problem


@pytest.mark.parametrize(
    "line",
    [
        "BETTER_AUTH_SECRET='abc#def'",
        'BETTER_AUTH_SECRET=" abc "',
        "BETTER_AUTH_SECRET=abc+/= # a comment",
        "SECRET_KEY=a$b#c",
    ],
)
def test_a_secret_that_both_read_alike_or_only_one_reads_is_none(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(line)

    assert Env(tmp_path / ".env").problems == []


def test_a_secret_of_the_environment_is_used_whatever_the_file_has(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BETTER_AUTH_SECRET=a$b\n")
    os.environ["BETTER_AUTH_SECRET"] = "c$d#e"

    env = Env(tmp_path / ".env")

    assert env.problems == []
    assert env.verbatim("BETTER_AUTH_SECRET") == "c$d#e"
