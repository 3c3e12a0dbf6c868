"""`manage.py doctor` finds what is wrong, says what to do, prints no secret and no traceback, and changes nothing."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Jwk, PublicKeySet, User
from accounts.tokens.jwks import opener
from tests.support.api_server import manage
from tests.support.environment import SECRET
from tests.support.faults import raiser
from tests.support.tokens import share_database
from todo_project import doctor

FRONTEND = "http://localhost:3000"


def examined(frontend: str | None = FRONTEND) -> list[doctor.Finding]:
    return list(doctor.examine(frontend))


def found(subject: str, findings: list[doctor.Finding] | None = None) -> list[tuple[str, str]]:
    """Return level and text of the answers about `subject`."""
    return [(item.level, item.text) for item in findings or examined() if item.subject == subject]


def printed(*arguments: str) -> str:
    """What the command prints, and at the end what it fails with."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def test_an_installation_that_works_has_only_ok(db: None) -> None:
    text = printed("--frontend", FRONTEND)

    assert {line.split()[0] for line in text.splitlines()} == {"ok"}
    assert {"Database", "Migrations", "Triggers", "Keys", "Clock", "CORS", "Token"} <= set(text.split())
    assert SECRET not in text


def test_the_answers_are_json_for_programs(db: None) -> None:
    answers = json.loads(printed("--frontend", FRONTEND, "--json"))

    assert {answer["level"] for answer in answers} == {"ok"}
    assert set(answers[0]) == {"level", "subject", "text", "remedy"}


def test_one_question_that_fails_stops_no_other(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "database_checks", raiser(ValueError("surprise\nwith a row")))

    answers = examined()

    assert ("failure", "ValueError: surprise") in found("Database", answers)
    assert found("Token", answers)[0][0] == "ok"
    assert printed().endswith("1 of 8 answers are failures.")


def test_a_database_that_is_away_is_named_with_its_remedy_and_without_its_password() -> None:
    ended = manage("postgresql://u:hidden@127.0.0.1:9/todo", "doctor", "--frontend", "https://app.example.com")

    assert ended.returncode == 1
    assert "failure  Database" in ended.stdout
    assert "Check DATABASE_URL" in ended.stdout
    assert "Traceback" not in ended.stderr
    assert "hidden" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("statement", "subject", "text"),
    [
        ("ALTER TABLE tasks DISABLE TRIGGER task_after_update", "Triggers", "task_after_update"),
        ("DELETE FROM django_migrations WHERE app = 'tasks' AND name LIKE '0005%'", "Migrations", "tasks.0005"),
        ('ALTER TABLE "user" DROP COLUMN image', "Better Auth's tables", '"user"."image" is missing'),
    ],
)
def test_what_is_wrong_with_the_tables_is_a_failure(db: None, statement: str, subject: str, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)

    (level, message), *_ = found(subject)

    assert (level, text in message) == ("failure", True)


def test_settings_that_suit_no_production_are_named(db: None, settings: Settings) -> None:
    settings.IS_DEVELOPMENT, settings.DEBUG, settings.ALLOWED_HOSTS = False, True, ["localhost"]

    levels = [level for level, _ in found("Settings")]

    assert levels[:3] == ["ok", "failure", "warning"]


def test_a_check_of_no_app_of_ours_is_an_answer_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = checks.Warning("too full", hint="Make room.", id="other.W001")
    monkeypatch.setattr(checks, "run_checks", lambda **options: [warning])

    assert ("warning", "too full (other.W001)") in found("Database")


def test_a_slow_database_is_a_warning(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SLOW_MILLISECONDS", -1)

    assert found("Database")[1][0] == "warning"


# Better Auth and its keys


def test_a_shared_database_counts_people_and_sessions(db: None, settings: Settings) -> None:
    share_database(settings)

    answers = examined()

    assert found("Better Auth", answers) == [("ok", "shares this database (camelCase); 1 people, 1 live sessions")]
    assert found("Keys", answers) == [("warning", "Better Auth's table has no key.")]
    assert found("Token", answers) == [("ok", "one for 'ada' was made and is accepted")]


def test_people_without_sessions_are_a_warning(db: None, settings: Settings) -> None:
    share_database(settings).delete()

    assert found("Better Auth")[0][0] == "warning"


def test_without_users_no_token_is_tried(db: None, settings: Settings) -> None:
    share_database(settings)
    User.objects.all().delete()

    assert found("Token") == [("warning", "No token was tried: Better Auth has no users yet.")]


def test_without_a_secret_no_token_is_made(db: None, settings: Settings) -> None:
    settings.BETTER_AUTH_SECRET = ""

    assert found("Token")[0][1].startswith("None can be made here")


def test_a_token_that_is_refused_is_a_failure_with_each_reason(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "issue_token", lambda user_id, lifetime: "not-a-token")

    assert found("Token")[0][0] == "failure"


def test_keys_of_the_table_are_counted_with_their_age(db: None, settings: Settings) -> None:
    share_database(settings)
    key = {"id": "k", "public_key": '{"kty": "OKP"}', "private_key": "hidden"}
    Jwk.objects.create(**key, created_at=timezone.now() - timedelta(days=3))

    assert found("Keys") == [("ok", "1 in Better Auth's table, the latest made 3 days ago")]


URL = "http://127.0.0.1:9/api/auth/jwks"


def test_keys_that_cannot_be_fetched_are_a_failure_with_the_error_and_the_stored_ones(
    db: None, settings: Settings
) -> None:
    settings.BETTER_AUTH_KEYS = URL
    PublicKeySet.objects.create(source=URL, document="[]", fetched_at=timezone.now() - timedelta(hours=5))

    (level, text), stored = found("Keys")

    assert (level, URL in text, "refused" in text) == ("failure", True, True)
    assert stored == ("ok", "the last good ones are stored since 5 hours ago")


def test_keys_that_can_be_fetched_are_counted(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BETTER_AUTH_KEYS = URL
    monkeypatch.setattr(doctor, "from_url", lambda url: [{}, {}])

    fetched, stored = found("Keys")

    assert fetched[1].startswith(f"2 published at {URL}, fetched now in ")
    assert stored == ("ok", "none are stored yet")


# Clocks


class Response:
    """What Better Auth's server answers."""

    def __init__(self, date: str) -> None:
        self.headers = {"Date": date}

    def __enter__(self) -> "Response":
        return self

    def __exit__(self, *args: object) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("seconds", "level"), [(0, "ok"), (8, "warning"), (60, "failure")])
def test_a_clock_that_differs_from_that_of_better_auth_is_named(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, seconds: int, level: str
) -> None:
    settings.BETTER_AUTH_KEYS = URL
    date = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def answer(url: str, timeout: float) -> Any:
        return Response(date)

    monkeypatch.setattr(opener, "open", answer)

    of_database, of_server = found("Clock")

    assert of_database[0] == "ok"
    assert (of_server[0], "Better Auth's server" in of_server[1]) == (level, True)


@pytest.mark.parametrize(
    ("ago", "text"), [({"seconds": 5}, "5 seconds ago"), ({"minutes": 3}, "3 minutes ago"), ({"days": 9}, "9 days ago")]
)
def test_an_age_is_in_the_unit_that_people_use(ago: dict[str, int], text: str) -> None:
    assert doctor.ago(datetime.now(UTC) - timedelta(**ago)) == text


# CORS


@pytest.mark.django_db
def test_a_frontend_that_browsers_would_refuse_is_a_failure_with_the_setting_to_change(settings: Settings) -> None:
    (answer,) = (item for item in examined("https://app.example.com/path") if item.subject == "CORS")

    assert answer.level == "failure"
    assert answer.remedy.startswith("Add https://app.example.com to CORS_ORIGINS.")

    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    assert found("CORS", examined("https://app.example.com/path"))[0][0] == "ok"


def test_without_a_frontend_the_accepted_origins_are_named(db: None) -> None:
    (level, text) = found("CORS", examined(None))[0]

    assert (level, text.endswith(FRONTEND)) == ("warning", True)
