"""Tokens of real Better Auth servers, recorded: logins are accepted as their user, and nothing else is.

Recorded for speed by tests/better_auth/record.py; tests/better_auth runs the servers live.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts import users
from accounts.models import Jwk, Session, User
from accounts.tokens import claims, session_cache
from accounts.tokens.jwks import key_set
from tests.support.people import Person

RECORDED = Path(__file__).parent.parent / "better_auth" / "recorded.json"
RECORDING = json.loads(RECORDED.read_text())
MOMENT = datetime.fromisoformat(RECORDING["recorded_at"])

LOGINS = {
    "minted",
    "signed session",
    "set-auth-token",
    "session cache jwt",
    "session cache by key",
    "jwt",
    "jwt after rotation",
}
LOOK_ALIKES = {
    "raw session",  # a login where it is switched on
    "session cache compact",
    "session cache jwe",
    "signed dont_remember",
    "sign-up verification",
    "change-email verification",
    "change-email confirmation",
    "change-email after confirmation",
}
NEED_THE_SHARED_DATABASE = {"signed session", "set-auth-token"}
CASES = [
    pytest.param(server, token, id=f"{server['name']}: {token['kind']}")
    for server in RECORDING["servers"]
    for token in server["tokens"]
]


class AtTheRecording(datetime):
    """The clock of the time when the tokens were recorded."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # any datetime will do
        """That time."""
        return MOMENT.astimezone(tz)


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at the recording."""
    for module in (claims, session_cache, users):
        monkeypatch.setattr(module, "datetime", AtTheRecording)
    key_set.cache_clear()


def use(server: dict[str, Any], settings: Settings, *, shared: bool) -> None:
    """The API's settings and, where the database is shared, its rows, for one recorded server."""
    settings.BETTER_AUTH_SECRET = next(iter(server["secrets"].values()), server["secret"])
    settings.BETTER_AUTH_SHARED_DATABASE = shared
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [server["base_url"]]
    settings.BETTER_AUTH_KEYS = "table" if shared else ""
    if shared:
        User.objects.bulk_create(User(**columns(User, row)) for row in server["users"])
        rows = [{**row, "expiresAt": "2999-01-01T00:00:00Z"} for row in server["sessions"]]
        Session.objects.bulk_create(Session(**columns(Session, row)) for row in rows)
        Jwk.objects.bulk_create(Jwk(**columns(Jwk, row), private_key="-") for row in server["jwks_rows"])


def columns(model: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A recorded row under the names of our fields."""
    names = {field.column: field.attname for field in model._meta.local_fields}
    return {names[column]: value for column, value in row.items()}


def test_every_recorded_kind_is_known_here() -> None:
    assert {token["kind"] for server in RECORDING["servers"] for token in server["tokens"]} == LOGINS | LOOK_ALIKES


@pytest.mark.django_db
@pytest.mark.parametrize(("server", "token"), CASES)
def test_with_the_database_shared_every_login_is_its_user_and_nothing_else_is_anybody(
    server: dict[str, Any], token: dict[str, Any], settings: Settings
) -> None:
    use(server, settings, shared=True)

    answer = Person(token["user_id"], token["token"]).get("/api/me")

    if token["kind"] in LOGINS:
        assert answer.status == 200, answer.content
        assert answer.json["id"] == token["user_id"]
    else:
        assert answer.error == (401, "INVALID_TOKEN")


@pytest.mark.django_db
@pytest.mark.parametrize(("server", "token"), CASES)
def test_with_the_database_apart_tokens_under_the_secret_are_logins(
    server: dict[str, Any], token: dict[str, Any], settings: Settings
) -> None:
    use(server, settings, shared=False)

    answer = Person(token["user_id"], token["token"]).get("/api/me")

    if token["kind"] in {"minted", "session cache jwt"}:
        assert answer.status == 200, answer.content
        assert answer.json["id"] == token["user_id"]
    else:
        assert answer.error == (401, "INVALID_TOKEN")


@pytest.mark.django_db
@pytest.mark.parametrize(("server", "token"), [case for case in CASES if case.values[1]["kind"] == "raw session"])  # type: ignore[index]  # pytest types a case's values as objects
def test_a_raw_session_token_is_a_login_if_it_is_switched_on(
    server: dict[str, Any], token: dict[str, Any], settings: Settings
) -> None:
    use(server, settings, shared=True)
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True

    assert Person(token["user_id"], token["token"]).get("/api/me").json["id"] == token["user_id"]
