"""Variables are read from the environment, which overrides `.env`; each one that is invalid is a problem."""

import os
from pathlib import Path

import pytest

from todo_project.env import Env

pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.fixture
def env(tmp_path: Path) -> Env:
    """Reads the environment without a `.env` file."""
    return Env(tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ["the default"]),
        ("  ", ["the default"]),
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b ,, ", ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        (' [ "a" , " b ", "" ] ', ["a", "b"]),
        ("[]", []),
    ],
)
def test_a_comma_list_and_a_json_list_are_read_alike(env: Env, text: str, items: list[str]) -> None:
    os.environ["HOSTS"] = text

    assert env.list("HOSTS", ["the default"]) == items
    assert not env.problems


@pytest.mark.parametrize("text", ["[", '["a"', "[1]", '["a", null]', '[["a"]]', "[a, b]"])
def test_a_broken_json_list_is_a_problem(env: Env, text: str) -> None:
    os.environ["HOSTS"] = text

    assert env.list("HOSTS", ["the default"]) == ["the default"]
    assert env.problems == ['HOSTS is not a JSON list of strings. Write HOSTS=a,b or HOSTS=["a", "b"].']


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", "yes", "on", " on "])
def test_true_is_read_in_every_usual_spelling(env: Env, text: str) -> None:
    os.environ["SWITCH"] = text

    assert env.bool("SWITCH", default=False) is True


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_false_is_read_in_every_usual_spelling(env: Env, text: str) -> None:
    os.environ["SWITCH"] = text

    assert env.bool("SWITCH", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_boolean_is_the_default(env: Env, default: bool) -> None:
    os.environ["SWITCH"] = ""

    assert env.bool("SWITCH", default=default) is default
    assert not env.problems


def test_any_other_boolean_is_a_problem(env: Env) -> None:
    os.environ["SWITCH"] = "maybe"

    assert env.bool("SWITCH", default=True) is True
    assert env.problems == ["SWITCH is 'maybe', which is neither true nor false. Set SWITCH=true or SWITCH=false."]


@pytest.mark.parametrize("number", [1, 8000, 65_535])
def test_a_whole_number_within_its_limits_is_read(env: Env, number: int) -> None:
    os.environ["PORT"] = f" {number} "

    assert env.int("PORT", 80, minimum=1, maximum=65_535) == number
    assert not env.problems


@pytest.mark.parametrize("text", ["0", "65536", "-1", "8.0", "8_000", "0x50", "²", "٣", "eighty", "9" * 5000])
def test_any_other_number_is_a_problem(env: Env, text: str) -> None:
    os.environ["PORT"] = text

    assert env.int("PORT", 80, minimum=1, maximum=65_535) == 80
    assert env.problems == [f"PORT is {text!r}. Set it to a whole number from 1 to 65535."]


def test_a_choice_outside_its_list_is_a_problem(env: Env) -> None:
    os.environ["ALGORITHM"] = "none"

    assert env.choice("ALGORITHM", ["HS256", "HS512"], "HS256") == "HS256"
    assert env.problems == ["ALGORITHM is 'none'. Set it to one of HS256, HS512."]


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://app.example.com", "https://[::1]:8443", "http://127.0.0.1"]
)
def test_an_origin_may_end_with_a_slash(env: Env, origin: str) -> None:
    os.environ["ORIGINS"] = f"{origin},{origin}/"

    assert env.origins("ORIGINS") == [origin, origin]
    assert not env.problems


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*.example.com",
        "app.example.com",
        "https://app.example.com/path",
        "https://app.example.com?query",
        "https://user@app.example.com",
        "https://App.example.com",
        "HTTPS://app.example.com",
        "ftp://app.example.com",
        "https://app.example.com:port",
        "https://app.example.com:99999",
        "https://[app.example.com",
        "https://",
        "null",
    ],
)
def test_an_origin_that_no_browser_sends_is_a_problem(env: Env, text: str) -> None:
    os.environ["ORIGINS"] = text

    env.origins("ORIGINS")

    assert len(env.problems) == 1
    assert env.problems[0].startswith("ORIGINS contains ")
    assert "which is not an origin" in env.problems[0]


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("IN_BOTH=file\nEMPTY=file\nIN_THE_FILE=file\n")
    os.environ.update(IN_BOTH="environment", EMPTY="")

    env = Env(tmp_path / ".env")

    assert env.str("IN_BOTH") == "environment"
    assert env.str("EMPTY", "the default") == "the default"
    assert env.str("IN_THE_FILE") == "file"
    assert env.str("IN_NEITHER", "the default") == "the default"
