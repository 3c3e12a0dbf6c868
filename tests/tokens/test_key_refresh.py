"""Public keys are kept and refreshed so that a request seldom waits, a flood asks once, and an outage ends nobody."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.tokens import jwks
from accounts.tokens.jwk import Keys, keys_by_kid
from accounts.tokens.jwks import KeySet
from tests.support.faults import raiser, statements_raise
from tests.support.key_server import KeyServer, is_accepted, keys_of_settings, running
from tests.support.tokens import (
    ORIGIN,
    Clock,
    answer_to,
    assert_login,
    assert_refused,
    key,
    share_database,
)

NEW = key("EdDSA", "new")
STALE = jwks.FRESH_SECONDS + 1
COOL = jwks.COOLDOWN_SECONDS + 0.1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the keys."""
    clock = Clock()
    monkeypatch.setattr(jwks, "time", clock)
    return clock


@pytest.fixture
def server(settings: Settings) -> Iterator[KeyServer]:
    """The URL of the settings, which publishes one key."""
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN]
    with running() as server:
        server.publish(key("EdDSA"))
        settings.BETTER_AUTH_KEYS = server.url
        yield server


def test_keys_are_fetched_once_and_not_with_every_request(server: KeyServer) -> None:
    assert all(is_accepted(key("EdDSA")) for _ in range(50))

    assert server.requests == 1


def test_a_flood_of_unknown_kids_is_one_fetch(server: KeyServer, clock: Clock) -> None:
    assert is_accepted(key("EdDSA"))
    clock.ahead = COOL

    with ThreadPoolExecutor(20) as flood:
        found = list(flood.map(keys_of_settings().get, [f"unknown-{n}" for n in range(200)]))

    assert found == [[]] * 200
    assert server.requests == 2


def test_a_cold_start_of_many_valid_callers_accepts_them_all_with_one_fetch(server: KeyServer) -> None:
    together = threading.Barrier(16)

    def call(_: int) -> bool:
        together.wait()
        return is_accepted(key("EdDSA"))

    with ThreadPoolExecutor(16) as callers:
        assert all(callers.map(call, range(16)))
    assert server.requests == 1


def test_a_new_key_is_accepted_within_seconds(server: KeyServer, clock: Clock) -> None:
    assert is_accepted(key("EdDSA"))
    server.publish(key("EdDSA"), NEW)

    assert not is_accepted(NEW)
    clock.ahead = 5
    assert is_accepted(NEW)


def test_a_key_that_is_published_no_longer_is_refused_after_the_next_refresh(server: KeyServer, clock: Clock) -> None:
    assert is_accepted(key("EdDSA"))
    server.publish(NEW)
    clock.ahead = STALE

    is_accepted(key("EdDSA"))  # It begins the refresh, and does not wait for it.
    keys_of_settings()

    assert not is_accepted(key("EdDSA"))


def slow_set() -> tuple[KeySet, threading.Event]:
    """A key set whose second load hangs until the event."""
    over = threading.Event()

    def load() -> Keys:
        if keys.keys:
            over.wait(5)
        return keys_by_kid([key("EdDSA").published])

    keys = KeySet(load, ThreadPoolExecutor(1))
    return keys, over


def assert_all_but_a_few_are_answered(calls: Sequence[Future[Any]]) -> None:
    """While the load still hangs."""
    answers = as_completed(calls, timeout=4)
    for _ in range(len(calls) - jwks.MAX_WAITING):
        assert next(answers).result() == []


def test_a_known_kid_never_waits_while_a_fetch_hangs(clock: Clock) -> None:
    keys, over = slow_set()
    assert keys.get("kid-EdDSA")
    clock.ahead = STALE

    with ThreadPoolExecutor(8) as flood:
        waiting = [flood.submit(keys.get, f"unknown-{n}") for n in range(8)]
        assert all(keys.get("kid-EdDSA") for _ in range(100))
        assert not over.is_set()
        over.set()
        assert [call.result() for call in waiting] == [[]] * 8


def test_a_flood_of_unknown_kids_takes_few_threads_while_a_fetch_hangs(clock: Clock) -> None:
    keys, over = slow_set()
    assert keys.get("kid-EdDSA")
    clock.ahead = COOL

    with ThreadPoolExecutor(30) as flood:
        calls = [flood.submit(keys.get, f"unknown-{n}") for n in range(30)]
        assert_all_but_a_few_are_answered(calls)
        over.set()


def test_after_a_first_fetch_that_failed_a_flood_takes_few_threads_too(clock: Clock) -> None:
    over = threading.Event()
    executor = ThreadPoolExecutor(1)
    keys = KeySet(raiser(OSError("away")), executor)
    assert keys.get("kid-EdDSA") == []
    clock.ahead = COOL
    executor.submit(over.wait, 5)  # The next load begins after that.

    with ThreadPoolExecutor(30) as flood:
        calls = [flood.submit(keys.get, "kid-EdDSA") for _ in range(30)]
        assert_all_but_a_few_are_answered(calls)
        over.set()


def test_a_load_that_takes_too_long_is_not_a_key_and_not_an_error() -> None:
    over = threading.Event()
    keys = KeySet(lambda: {"waited": []} if over.wait(5) else {}, ThreadPoolExecutor(1), wait_seconds=0.01)

    assert keys.get("kid-EdDSA") == []
    over.set()


@pytest.mark.django_db
def test_the_table_is_read_once_for_many_tokens(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    share_database(settings)
    key("EdDSA").write()

    with django_assert_num_queries(1):
        for _ in range(20):
            assert is_accepted(key("EdDSA"))
            assert not is_accepted(NEW)


@pytest.mark.django_db
def test_a_key_that_was_replaced_counts_for_as_long_as_better_auth_publishes_it(settings: Settings) -> None:
    share_database(settings)
    key("EdDSA").write(expires_at=timezone.now() - timedelta(days=29))
    NEW.write(expires_at=timezone.now() - timedelta(days=31))

    assert_login(answer_to(key("EdDSA").token()))
    assert_refused(answer_to(NEW.token()))


@pytest.mark.django_db
def test_while_the_database_is_away_a_token_by_key_is_503_and_never_401(settings: Settings, clock: Clock) -> None:
    share_database(settings)
    key("EdDSA").write()

    with statements_raise(OperationalError("away")):
        for _ in range(3):  # the second and third within the cooldown
            assert answer_to(key("EdDSA").token()).error == (503, "SERVICE_UNAVAILABLE")

    clock.ahead = COOL
    assert_login(answer_to(key("EdDSA").token()))


@pytest.mark.django_db
def test_known_keys_outlive_a_table_that_cannot_be_read(settings: Settings, clock: Clock) -> None:
    share_database(settings)
    key("EdDSA").write()
    assert is_accepted(key("EdDSA"))
    clock.ahead = STALE

    with statements_raise(OperationalError("away")):
        assert is_accepted(key("EdDSA"))
