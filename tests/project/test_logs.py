"""Every request has an id, in its response and in its log lines, and no log line contains the text of a task."""

import logging
import re
import uuid
from collections.abc import Iterator
from io import StringIO

import pytest
from django.db import OperationalError

from tasks.views.tasks import TaskViewSet
from tests.support.faults import raiser, statements_raise, written_log
from tests.support.people import Person, token_of


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Captures the log."""
    with written_log() as text:
        yield text


@pytest.mark.parametrize("sent", ["7", "0af7651916cd43dd8448eb211c80319c", "a-b_c.d:e/f+g=", "x" * 128])
def test_an_acceptable_request_id_is_returned(nobody: Person, sent: str) -> None:
    for path in ("/health", "/api/owner/tasks", "/nothing", "/docs"):
        assert nobody.get(path, x_request_id=sent).headers["X-Request-ID"] == sent


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        " ",
        "x" * 129,
        "a b",
        "a\tb",
        "a\nERROR forged",
        "a\r\nSet-Cookie: x=y",
        "\xe9",
        "a,b",
        "<a>",
        '"',
        "%0A",
        "\0",
    ],
)
def test_a_request_without_an_acceptable_id_gets_a_new_one(nobody: Person, sent: str | None) -> None:
    answers = [nobody.get("/health", **({} if sent is None else {"x_request_id": sent})) for _ in range(2)]

    ids = {str(uuid.UUID(answer.headers["X-Request-ID"])) for answer in answers}
    assert len(ids) == 2


def test_a_500_is_logged_with_its_request_id_and_traceback(
    owner: Person, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.tasks.list_tasks", raiser(ValueError("surprise")))

    owner.get(owner.tasks, x_request_id="the-request")

    assert "ERROR the-request" in log.getvalue()
    assert "ValueError: surprise" in log.getvalue()
    assert "tasks/views/tasks.py" in log.getvalue()
    assert all("the-request" in line for line in log.getvalue().splitlines() if " ERROR " in line)


def test_a_503_is_logged_with_its_request_id(owner: Person, log: StringIO) -> None:
    with statements_raise(OperationalError("server closed the connection")):
        owner.get(owner.tasks, x_request_id="the-request")

    assert "WARNING the-request" in log.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "a secret",
        "x\na secret",
        "x\nTraceback (most recent call last):\n  File a secret",
        "x\n\nDuring a secret\nSecretError: a secret",
        "x\nDETAIL:  a secret\nCONTEXT: x\n a secret",
    ],
)
def test_a_database_error_is_logged_without_the_row_that_it_quotes(
    owner: Person, log: StringIO, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    untrimmed = {"title": "a secret ", "description": text}  # What the database refuses, quoting the whole row.
    monkeypatch.setattr(TaskViewSet, "body", lambda self, serializer: untrimmed)

    answer = owner.post(owner.tasks, {})

    assert answer.error == (500, "INTERNAL_ERROR")
    assert 'violates check constraint "task_title_is_trimmed"' in log.getvalue()
    assert "secret" not in log.getvalue()


@pytest.mark.parametrize("value", ["a-secret", "a-secret\nof-two-lines", 'a-secret"'])
def test_a_value_that_the_database_cannot_read_is_not_logged(
    owner: Person, log: StringIO, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr(TaskViewSet, "body", lambda self, serializer: {"title": "x", "due_date": value})

    assert owner.post(owner.tasks, {}, **{"x-request-id": "the-request"}).status == 500

    assert "ERROR the-request" in log.getvalue()
    assert "psycopg.errors.InvalidDatetimeFormat: SQLSTATE 22007" in log.getvalue()
    assert "django.db.utils.DataError: SQLSTATE 22007" in log.getvalue()
    assert not re.search("secret|two-lines", log.getvalue())


@pytest.mark.parametrize("control", ["\n", "\r", "\x1b[2J", "\x7f", "\x9b2J", "\x85", "\u2028", "\u2029", "\0"])
def test_a_message_is_one_line_without_control_characters(log: StringIO, control: str) -> None:
    logging.getLogger("todo_project").warning("Somebody sent %s", f"a{control}FORGED")

    (line,) = log.getvalue().splitlines()
    assert line.endswith(f"Somebody sent a{control.encode('unicode_escape').decode()}FORGED")


def test_a_refusal_is_not_logged_as_an_error(owner: Person, nobody: Person, log: StringIO) -> None:
    owner.post(owner.tasks, {"title": 5})
    owner.get("/api/stranger/tasks")
    nobody.get(owner.tasks, authorization="Bearer a-secret")
    nobody.get("/nothing")

    assert not re.search("WARNING|ERROR|CRITICAL", log.getvalue())


@pytest.mark.parametrize(
    ("authorization", "reason", "kind"),
    [
        (None, "401 NOT_AUTHENTICATED", "no Authorization header"),
        ("Basic c2VjcmV0", "401 NOT_AUTHENTICATED", "an Authorization header that is not Bearer"),
        ("Bearer a-secret", "401 INVALID_TOKEN", "a token of no kind that is accepted"),
        (f"Bearer {token_of('owner', secret='x' * 40)}", "401 INVALID_TOKEN", "a JWT signed with the shared secret"),
        (f"Bearer {'a' * 32}.{'A' * 43}=", "401 INVALID_TOKEN", "a signed session token"),
    ],
    ids=["none", "basic", "text", "forged", "session"],
)
def test_a_refusal_is_one_line_with_its_reason_the_kind_of_token_and_the_client(
    nobody: Person, log: StringIO, authorization: str | None, reason: str, kind: str
) -> None:
    sent = {} if authorization is None else {"authorization": authorization}

    answer = nobody.get("/api/owner/tasks", x_request_id="the-request", **sent)

    (line,) = log.getvalue().splitlines()
    assert "INFO the-request" in line
    assert f"Refused with {reason}: {answer.json['detail']} By nobody known, with {kind}, from 127.0.0.1." in line
    assert "secret" not in line.replace("the shared secret", "")


def test_a_403_names_whose_token_it_was(owner: Person, log: StringIO) -> None:
    owner.get("/api/stranger/tasks", x_request_id="the-request")

    (line,) = log.getvalue().splitlines()
    assert "INFO the-request" in line
    assert "Refused with 403 PERMISSION_DENIED" in line
    assert "By user 'owner', with a JWT signed with the shared secret, from 127.0.0.1." in line


@pytest.mark.parametrize(
    ("host", "logged"),
    [
        ("evil.example", "'evil.example'"),
        ("a\nforged", r"'a\nforged'"),
        ("ü", r"'\xfc'"),
        ("x" * 9000, "'" + "x" * 299),
    ],
    ids=["name", "line", "letter", "long"],
)
def test_a_foreign_host_name_is_one_line_that_names_the_setting(
    nobody: Person, log: StringIO, host: str, logged: str
) -> None:
    nobody.get("/", host=host, x_request_id="the-request")
    nobody.get("/health", host=host)

    (line,) = log.getvalue().splitlines()
    assert "WARNING the-request" in line
    assert line.endswith(f"The host name {logged} is not in ALLOWED_HOSTS: the request is answered 400.")
