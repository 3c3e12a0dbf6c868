"""The commands do what their help says, and report invalid arguments in one line."""

import re
import shlex
from io import StringIO
from typing import Any

import jwt
import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, Settings

from tests.support.environment import SECRET
from tests.support.people import Person
from todo_project.management.commands import serve


def token_for(*arguments: str) -> str:
    """Return what `manage.py issue_token` prints."""
    out = StringIO()
    call_command("issue_token", *arguments, stdout=out)
    return out.getvalue()


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token.strip(), SECRET, ["HS256"])


# issue_token


@pytest.mark.django_db
def test_an_issued_token_is_accepted() -> None:
    token = token_for("alice", "--email", "alice@example.com", "--name", "Alice")

    alice = Person("alice", token.strip())

    assert alice.get("/api/me").json["email"] == "alice@example.com"
    assert alice.get("/api/me").json["name"] == "Alice"
    assert alice.has_task()["user_id"] == "alice"


def test_without_a_secret_no_token_is_issued(settings: Settings) -> None:
    settings.BETTER_AUTH_SECRET = ""

    with pytest.raises(CommandError, match="BETTER_AUTH_SECRET is not set"):
        token_for("alice")


def test_only_the_token_is_printed() -> None:
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", token_for("alice"))


def test_a_token_has_only_the_claims_that_were_given() -> None:
    assert set(claims_of(token_for("alice"))) == {"sub", "iat", "exp"}


@pytest.mark.parametrize(("arguments", "minutes"), [((), 90), (("--minutes", "5"), 5)])
def test_a_token_has_the_lifetime_that_was_given(settings: Settings, arguments: tuple[str, ...], minutes: int) -> None:
    settings.JWT_EXPIRATION_MINUTES = 90

    claims = claims_of(token_for("alice", *arguments))

    assert claims["exp"] - claims["iat"] == minutes * 60


def test_issuing_a_token_sends_no_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        token_for("somebody-who-never-signed-up")


@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        [" alice"],
        ["alice\n"],
        ["al\0ice"],
        ["x" * 256],
        ["alice", "--minutes", "0"],
        ["alice", "--minutes", "-5"],
        ["alice", "--minutes", "999999999999"],
        ["alice", "--minutes", "soon"],
        [],
    ],
)
def test_invalid_arguments_are_reported_in_one_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        token_for(*arguments)

    assert "\n" not in str(refusal.value)


# serve


def test_the_welcome_of_a_development_server_has_a_request_to_paste(db: None, settings: Settings) -> None:
    settings.IS_DEVELOPMENT = True
    settings.PORT = 8123

    lines = serve.Command().welcome().splitlines()

    assert lines[0].split() == ["Todo", "API", "http://127.0.0.1:8123"]
    assert lines[1].split() == ["Docs", "http://127.0.0.1:8123/docs"]
    assert lines[2].split()[:2] == ["Admin", "http://127.0.0.1:8123/admin/"]
    assert lines[3].split()[0] == "Token"
    (curl,) = (shlex.split(line) for line in lines if line.startswith("  curl "))
    _, address, _, authorization, _, content_type, _, body = curl
    developer = Person("developer", lines[3].split()[1])
    assert authorization == f"Authorization: Bearer {developer.token}"
    assert content_type == "Content-Type: application/json"
    assert developer.send("POST", address.removeprefix("http://127.0.0.1:8123"), raw=body.encode()).status == 201


def test_a_production_server_prints_no_token(settings: Settings) -> None:
    settings.IS_DEVELOPMENT = False

    welcome = serve.Command().welcome()

    assert "http://127.0.0.1:8000/docs" in welcome
    assert "eyJ" not in welcome
    assert "Token" not in welcome


@pytest.mark.parametrize(("host", "printed"), [("0.0.0.0", "localhost"), ("[::]", "localhost"), ("[::1]", "[::1]")])
def test_the_welcome_has_a_url_that_can_be_opened(settings: Settings, host: str, printed: str) -> None:
    settings.HOST = host

    assert serve.Command().welcome().splitlines()[0].endswith(f"http://{printed}:8000")
