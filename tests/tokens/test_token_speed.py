"""A token seen before costs no signature check and no query; the first sight of one costs one query of each kind."""

import hashlib
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import authentication
from accounts.caller import Caller, Login
from accounts.tokens import cache as token_cache
from accounts.tokens import seen_users as users_seen
from accounts.tokens.cache import MAX_TOKENS, TokenCache, seen_tokens
from accounts.tokens.seen_users import MAX_USERS, UserCache, seen_users
from tests.support.faults import raiser
from tests.support.people import Person
from tests.support.tokens import (
    RAW,
    Clock,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    now,
    plugin,
    session_cache,
    share_database,
    signed_session,
)

TOKENS: dict[str, Callable[[], str]] = {
    "minted": lambda: by_secret(minted(createdAt="2026-01-01T00:00:00Z")),
    "minted, with sid": lambda: by_secret(minted(sid="s1")),
    "session cache": lambda: by_secret(session_cache()),
    "by key": lambda: key("EdDSA").token(),
    "by key, with sid": lambda: key("EdDSA").token(plugin(sid="s1")),
    "signed session": signed_session,
    "raw session": lambda: RAW,
}


LOGIN = Login(None)


@pytest.fixture
def shared(db: None, settings: Settings) -> None:
    """Better Auth's rows are here, and its keys have been read."""
    share_database(settings)
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True
    key("EdDSA").write()
    assert_login(answer_to(key("EdDSA").token(plugin(first=True))))
    seen_users.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the cache."""
    clock = Clock()
    for module in (token_cache, users_seen):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.mark.parametrize("make", TOKENS.values(), ids=TOKENS)
def test_the_first_sight_of_a_token_is_one_query(
    make: Callable[[], str], shared: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert_login(answer_to(make()))


@pytest.mark.parametrize("make", TOKENS.values(), ids=TOKENS)
def test_a_token_seen_before_is_neither_verified_nor_asked_about(
    make: Callable[[], str],
    shared: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = Person("ada", make())
    assert_login(ada.get("/api/me"))
    monkeypatch.setattr(authentication, "verify", raiser(AssertionError("verified again")))

    with django_assert_num_queries(0):
        assert_login(ada.get("/api/me"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["minted", "session cache"])
def test_with_the_database_apart_the_first_sight_is_the_row_and_the_second_is_nothing(
    name: str, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = TOKENS[name]()
    with django_assert_num_queries(1):
        assert_login(answer_to(token))

    monkeypatch.setattr(authentication, "verify", raiser(AssertionError("verified again")))
    with django_assert_num_queries(0):
        assert_login(answer_to(token))


@pytest.mark.django_db
@pytest.mark.parametrize("shared", [False, True])
def test_a_refused_token_costs_no_query_and_is_not_remembered(
    shared: bool, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    if shared:
        share_database(settings)
    genuine = by_secret(minted())
    forgeries = [genuine[:-3] + "AAA", by_secret(minted(), secret="x" * 40), signed_session(secret="x" * 40), "x", RAW]

    with django_assert_num_queries(0):
        for token in [*forgeries, by_secret(minted(sub=...))]:
            assert_refused(answer_to(token))
    assert not seen_tokens.entries


@pytest.mark.django_db
def test_a_token_of_nobody_is_not_remembered(settings: Settings) -> None:
    share_database(settings)

    assert_refused(answer_to(by_secret(minted(sub="eve"))))

    assert not seen_tokens.entries


@pytest.mark.django_db
def test_an_entry_is_of_the_whole_token_and_of_no_other() -> None:
    token = by_secret(minted())
    assert_login(answer_to(token))

    for other in (token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "E"), token.lower(), token + "="):
        assert_refused(answer_to(other))
    assert list(seen_tokens.entries) == [hashlib.sha256(token.encode()).digest()]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["minted", "session cache"])
def test_an_entry_ends_with_its_token(name: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    token = by_secret({**minted(), **(session_cache() if name == "session cache" else {}), "exp": now(100)})
    assert_login(answer_to(token))
    assert seen_tokens.get(token.encode())

    clock.ahead = 101

    assert seen_tokens.get(token.encode()) is None


@pytest.mark.django_db
def test_a_token_in_its_leeway_is_verified_each_time() -> None:
    token = by_secret(minted(exp=now(-2)))
    assert_login(answer_to(token))

    assert seen_tokens.get(token.encode()) is None
    assert_login(answer_to(token))


@pytest.mark.parametrize("seconds", [10, 60])
def test_an_entry_expires_after_the_recheck_if_the_database_is_shared(
    seconds: int, clock: Clock, settings: Settings
) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_RECHECK_SECONDS = seconds
    cache = TokenCache()
    cache.add(b"token", LOGIN, caller(), clock.monotonic() + seconds)

    clock.ahead = seconds - 0.5
    assert cache.get(b"token")
    clock.ahead = seconds
    assert not isinstance(cache.get(b"token"), Caller)


@pytest.mark.parametrize("name", ["minted", "minted, with sid", "by key", "by key, with sid"])
def test_a_user_is_looked_up_again_without_another_signature_check(
    name: str,
    shared: None,
    clock: Clock,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = TOKENS[name]()
    assert_login(answer_to(token))
    monkeypatch.setattr(authentication, "verify", raiser(AssertionError("verified again")))

    for seconds in (11, 22):
        clock.ahead = seconds
        with django_assert_num_queries(1):
            assert_login(answer_to(token))


@pytest.mark.parametrize("name", TOKENS)
def test_a_new_token_of_a_user_who_was_just_looked_up_is_no_query(
    name: str, shared: None, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """An app can sign a token for each request."""
    kinds: dict[str, Callable[[int], str]] = {
        "minted": lambda n: by_secret(minted(n=n)),
        "minted, with sid": lambda n: by_secret(minted(n=n, sid="s1")),
        "session cache": lambda n: by_secret(session_cache(n=n)),
        "by key": lambda n: key("EdDSA").token(plugin(n=n)),
        "by key, with sid": lambda n: key("EdDSA").token(plugin(n=n, sid="s1")),
    }

    def make(n: int) -> str:
        return kinds[name](n) if name in kinds else TOKENS[name]()

    assert_login(answer_to(make(1)))

    with django_assert_num_queries(0):
        assert_login(answer_to(make(2)))
    clock.ahead = 9.5
    with django_assert_num_queries(0):
        assert_login(answer_to(make(3)))
    clock.ahead = 10.5  # since the look-up, not since the last token
    with django_assert_num_queries(1):
        assert_login(answer_to(make(4)))


def test_another_session_of_the_user_is_looked_up(
    shared: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert_login(answer_to(by_secret(minted(sid="s1"))))

    assert_refused(answer_to(by_secret(minted(sid="s2"))))
    with django_assert_num_queries(1):
        assert_login(answer_to(by_secret(minted())))


def test_what_is_of_one_token_alone_is_not_of_the_next(shared: None) -> None:
    first, second = (answer_to(by_secret(minted(exp=now(seconds)))) for seconds in (100, 200))

    assert first.json["expires_at"] < second.json["expires_at"]


@pytest.mark.django_db
def test_with_a_database_apart_the_same_claims_are_not_compared_again_for_a_minute(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert_login(answer_to(by_secret(minted(n=1, name="Ada"))))

    with django_assert_num_queries(1):  # of /api/me, which asks when the user was first seen
        assert_login(answer_to(by_secret(minted(n=2, name="Ada"))))
    with django_assert_num_queries(2):
        assert_login(answer_to(by_secret(minted(n=3, name="Ada L."))))
    clock.ahead = 61
    with django_assert_num_queries(2):
        assert_login(answer_to(by_secret(minted(n=4, name="Ada"))))


def test_so_many_users_are_remembered_and_the_oldest_forgotten() -> None:
    users = UserCache(max_users=3)
    for name in "abcad":
        users.add(name, caller(), 0)

    assert list(users.entries) == ["c", "a", "d"]
    assert UserCache().max_users == MAX_USERS == 10_000


@pytest.mark.parametrize("has_database", [True, False])
def test_a_signature_by_a_public_key_is_checked_again_after_five_minutes(
    has_database: bool, shared: None, clock: Clock, settings: Settings
) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = has_database
    token = key("EdDSA").token(plugin(exp=now(3600)))
    assert_login(answer_to(token))
    clock.ahead = 295
    assert_login(answer_to(token))

    clock.ahead = 301

    assert seen_tokens.get(token.encode()) is None


@pytest.mark.parametrize("name", ["session cache", "signed session", "raw session"])
def test_no_session_token_is_kept_in_memory(name: str, shared: None) -> None:
    assert_login(answer_to(TOKENS[name]()))

    assert RAW not in repr(seen_tokens.entries)


def test_with_a_database_apart_an_entry_lasts_as_long_as_its_token(clock: Clock) -> None:
    cache = TokenCache()
    cache.add(b"token", LOGIN, caller(), 0)

    clock.ahead = 3500
    assert cache.get(b"token")
    clock.ahead = 3601
    assert cache.get(b"token") is None


def caller() -> Caller:
    """Somebody whose token is good for an hour."""
    return Caller("ada", None, None, None, datetime.now(UTC) + timedelta(hours=1))


def test_the_cache_holds_so_many_tokens_and_forgets_the_oldest() -> None:
    cache = TokenCache(max_tokens=3)
    for token in "abcad":
        cache.add(token.encode(), LOGIN, caller(), 0)

    assert [token for token in "abcd" if cache.get(token.encode())] == ["a", "c", "d"]
    assert TokenCache().max_tokens == MAX_TOKENS == 10_000


def test_the_cache_takes_many_threads_at_once() -> None:
    cache = TokenCache(max_tokens=50)
    together = threading.Barrier(8)
    interval = sys.getswitchinterval()

    def use(n: int) -> bool:
        together.wait()
        for i in range(500):
            cache.add(b"%d-%d" % (n, i), LOGIN, caller(), 0)
            cache.get(b"%d-%d" % ((n + 1) % 8, i))
        return True

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(use, range(8)))
    finally:
        sys.setswitchinterval(interval)
    assert len(cache.entries) == 50
