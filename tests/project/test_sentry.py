"""With SENTRY_DSN, a fault of ours is reported: its kind, its place and the id of its request, and no content."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sentry_sdk
from pytest_django.fixtures import Settings
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tests.support.api_server import Api, manage
from tests.support.collector import Collector
from tests.support.databases import fresh_database, server_url
from tests.support.people import Person, token_of
from tests.support.server import SERVERS
from todo_project import observers, sentry

TEXTS = ("Milk-of-the-test", "Oats-of-the-test", "Query-of-the-test", "Cookie-of-the-test", "someone@example.com")


@pytest.mark.parametrize("server", SERVERS)
def test_a_fault_is_reported_without_token_and_without_text(django_db_setup: None, server: str) -> None:
    with fresh_database(server_url()) as url, Collector() as collector:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with psycopg.connect(url, autocommit=True) as database:  # PostgreSQL will quote the whole row.
            database.execute("ALTER TABLE tasks ADD CONSTRAINT of_a_test CHECK (title NOT LIKE 'Milk%')")
        dsn = collector.url.replace("http://", "http://key@") + "/1"
        with Api(url, server, SENTRY_DSN=dsn, WEB_CONCURRENCY="2") as api:
            token = token_of("ada", secret=api.secret, email="someone@example.com", name="Ada")
            headers = {"Authorization": f"Bearer {token}", "Cookie": "a=Cookie-of-the-test"}
            body = {"title": "Milk-of-the-test", "description": "Oats-of-the-test"}
            answer = api.send("POST", "/api/ada/tasks?q=Query-of-the-test", body, **headers)
            assert answer.status == 500, answer.body
            assert api.send("GET", "/api/ada/tasks?q=Query-of-the-test", **headers).status == 200
            # What waits is sent at the end of a worker.
        sent = b"".join(collector.bodies)

    assert sent.count(b'"exception"') == 1
    for told in ("CheckViolation", "accounts/statements.py", answer.headers["X-Request-ID"], "Unexpected error"):
        assert told.encode() in sent
    assert not [text for text in (*TEXTS, token, api.secret, "Bearer", "postgres@") if text.encode() in sent]


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events += [item.payload.json for item in envelope.items if item.payload.json]


@pytest.fixture
def kept(settings: Settings) -> Iterator[Kept]:
    settings.SENTRY_DSN = "http://key@127.0.0.1:9/1"
    transport = Kept()
    sentry.start(transport=transport)
    yield transport
    sentry_sdk.get_global_scope().set_client(None)


def test_what_an_error_or_a_record_quotes_is_not_sent(kept: Kept) -> None:
    title = "klim".title()[::-1]  # Lines of the source are sent.
    try:
        raise ValueError(title) from KeyError(title)
    except ValueError as error:
        error.add_note(title)
        logging.getLogger("tasks.a_test").exception("Failed: %s", title, extra={"title": title})
        logging.getLogger("a_library").error(title)
    logging.getLogger("tasks.a_test").warning("No error: %s", title)

    ours, theirs = kept.events
    assert title not in json.dumps(kept.events)
    assert [error["type"] for error in ours["exception"]["values"]] == ["KeyError", "ValueError"]
    assert ours["logentry"] == {"message": "Failed: %s"}
    assert theirs["logger"] == "a_library"


def test_what_is_not_our_fault_is_not_reported(kept: Kept, nobody: Person) -> None:
    assert nobody.get("/api/owner/tasks").status == 401
    assert nobody.get("/nothing").status == 404
    assert kept.events == []


def test_it_starts_with_the_application_and_is_flushed_at_its_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    settings.SENTRY_DSN = "http://key@127.0.0.1:9/1"
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: called.append(options["dsn"]))
    monkeypatch.setattr(sentry_sdk, "flush", lambda timeout: called.append("flushed"))

    observers.observed(lambda environ, start_response: [])
    observers.flush()

    assert called == [settings.SENTRY_DSN, "flushed"]
