"""Gone means gone: with a shared database a token ends with its session, its user, or a ban, within seconds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Session, User
from accounts.tokens import cache, seen_users
from tests.support.people import Person
from tests.support.tokens import (
    Clock,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    plugin,
    session_cache,
    share_database,
    sign_in,
    signed_session,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
type Make = Callable[[], str]
type Act = Callable[[], object]

OF_A_SESSION: dict[str, Make] = {
    "signed session": signed_session,
    "session cache": lambda: by_secret(session_cache()),
    "minted, with sid": lambda: by_secret(minted(sid="s1")),
    "by key, with sid": lambda: key("EdDSA").token(plugin(sid="s1")),
}
OF_NO_SESSION: dict[str, Make] = {
    "minted": lambda: by_secret(minted()),
    "by key": lambda: key("EdDSA").token(),
}
EVERY = {**OF_A_SESSION, **OF_NO_SESSION}


def sign_out() -> None:
    """Better Auth deletes the rows of sessions."""
    Session.objects.all().delete()


ENDS: dict[str, Act] = {
    "ban": lambda: User.objects.update(banned=True),
    "ban until later": lambda: User.objects.update(banned=True, ban_expires=timezone.now() + HOUR),
    "deletion": lambda: User.objects.all().delete(),
}
SESSION_ENDS: dict[str, Act] = {
    "sign-out": sign_out,
    "end of the session": lambda: Session.objects.update(expires_at=timezone.now() - HOUR),
}


@pytest.fixture(autouse=True)
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Better Auth's rows are here; the clock of the tokens seen can be put forward."""
    share_database(settings)
    key("EdDSA").write()
    clock = Clock()
    for module in (cache, seen_users):
        monkeypatch.setattr(module, "time", clock)
    return clock


def assert_ends_within(seconds: int, token: str, act: Act, clock: Clock) -> None:
    """The token is a login before the act and, at the latest those seconds after it, none."""
    assert_login(answer_to(token))
    act()
    clock.ahead = seconds + 0.01
    assert_refused(answer_to(token))


@pytest.mark.parametrize("seconds", [0, 10])
@pytest.mark.parametrize("act", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_ban_or_a_deletion_ends_every_token(
    make: Make, act: Act, seconds: int, clock: Clock, settings: Settings
) -> None:
    settings.BETTER_AUTH_RECHECK_SECONDS = seconds

    assert_ends_within(seconds, make(), act, clock)


@pytest.mark.parametrize("seconds", [0, 10])
@pytest.mark.parametrize("act", SESSION_ENDS.values(), ids=SESSION_ENDS)
@pytest.mark.parametrize("make", OF_A_SESSION.values(), ids=OF_A_SESSION)
def test_the_end_of_a_session_ends_the_tokens_that_name_it(
    make: Make, act: Act, seconds: int, clock: Clock, settings: Settings
) -> None:
    settings.BETTER_AUTH_RECHECK_SECONDS = seconds

    assert_ends_within(seconds, make(), act, clock)


@pytest.mark.parametrize("make", OF_NO_SESSION.values(), ids=OF_NO_SESSION)
def test_sign_out_leaves_a_token_that_names_no_session(make: Make, clock: Clock) -> None:
    sign_out()

    assert_login(answer_to(make()))


def test_a_raw_session_token_ends_with_its_session(clock: Clock, settings: Settings) -> None:
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True

    assert_ends_within(10, Session.objects.get().token, sign_out, clock)


def test_within_the_seconds_of_the_setting_a_token_seen_is_not_asked_about(clock: Clock) -> None:
    token = by_secret(minted())
    assert_login(answer_to(token))
    ENDS["deletion"]()
    clock.ahead = 9

    assert_login(answer_to(token))


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_ban_that_is_over_is_not_a_ban(make: Make) -> None:
    User.objects.update(banned=True, ban_expires=timezone.now() - HOUR)

    assert_login(answer_to(make()))


@pytest.mark.parametrize("act", [*ENDS.values(), sign_out], ids=[*ENDS, "sign-out"])
def test_a_token_that_the_cookie_cache_mints_afterwards_is_refused(act: Act) -> None:
    act()

    assert_refused(answer_to(by_secret(session_cache())))
    assert_refused(answer_to(key("EdDSA").token(plugin(sid="s1", banned=False))))


def test_a_token_for_somebody_who_is_gone_makes_no_row() -> None:
    assert_refused(answer_to(by_secret(minted(sub="eve"))))
    assert_refused(answer_to(key("EdDSA").token(plugin(sub="eve"))))

    assert list(User.objects.values_list("id", flat=True)) == ["ada"]


@pytest.mark.django_db(transaction=True)  # The foreign key speaks at the commit.
def test_a_write_after_a_deletion_within_the_seconds_is_401() -> None:
    ada = Person("ada", by_secret(minted()))
    assert_login(ada.get("/api/me"))
    ENDS["deletion"]()

    assert_refused(ada.post(ada.tasks, {"title": "x"}))
    assert not User.objects.exists()


def test_the_reasons_tell_a_ban_a_deletion_and_a_sign_out_apart() -> None:
    token = by_secret(minted(sid="s1"))
    sign_in(User.objects.get(), "s2", "Z" * 32)
    Session.objects.filter(pk="s1").delete()
    assert answer_to(token).json["detail"] == "The token's session has ended."
    User.objects.update(banned=True)
    assert answer_to(token).json["detail"] == "The token's user is banned."
    User.objects.all().delete()
    assert answer_to(token).json["detail"] == "The token's user does not exist."


def test_the_reason_says_if_there_are_no_sessions_at_all() -> None:
    Session.objects.all().delete()

    for token in (by_secret(minted(sid="s1")), by_secret(session_cache())):
        assert "secondaryStorage" in answer_to(token).json["detail"]


@pytest.mark.parametrize(("schema", "table"), [("camelCase", "apikey"), ("snake_case-plural", "apikeys")])
def test_the_reason_says_if_the_session_is_an_api_key(settings: Settings, schema: str, table: str) -> None:
    settings.BETTER_AUTH_SCHEMA = schema
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (id text PRIMARY KEY)")
        cursor.execute(f"INSERT INTO {table} VALUES ('key1')")

    assert "API key" in answer_to(by_secret(minted(sid="key1"))).json["detail"]
    assert answer_to(by_secret(minted(sid="key2"))).json["detail"] == "The token's session has ended."
    Session.objects.all().delete()
    assert "API key" in answer_to(by_secret(minted(sid="key1"))).json["detail"]


@pytest.mark.parametrize("make", [OF_NO_SESSION["minted"], OF_A_SESSION["session cache"]])
def test_with_the_database_apart_a_token_lives_until_it_expires(make: Make, settings: Settings, clock: Clock) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = False
    token = make()
    assert_login(answer_to(token))
    ENDS["deletion"]()
    clock.ahead = 200

    assert_login(answer_to(token))


def test_with_the_database_apart_a_session_cache_ends_with_its_session(settings: Settings, clock: Clock) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = False
    ends = datetime.now(UTC) + timedelta(seconds=60)
    token = by_secret(session_cache(session={"expiresAt": ends.isoformat()}))

    answer = answer_to(token)
    assert_login(answer)
    assert answer.json["expires_at"] == ends.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    clock.ahead = 61
    assert cache.seen_tokens.get(token.encode()) is None
