"""Public keys are kept and refreshed so that a request seldom waits, a flood asks once, and an outage ends nobody."""

import functools
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.exceptions import KeysUnavailable
from accounts.tokens import jwks, key_sets, key_store
from accounts.tokens.jwk import keys_by_kid
from accounts.tokens.key_sets import JWKs, KeySet
from tests.support.faults import statements_raise
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

pytestmark = pytest.mark.django_db

NEW = key("EdDSA", "new")
STALE = key_sets.FRESH_SECONDS + 1
COOL = key_sets.RETRY_SECONDS + 0.1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the keys."""
    clock = Clock()
    for module in (jwks, key_sets, key_store):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers wait for as long as a busy machine needs: these tests are about what they get."""
    monkeypatch.setattr(key_sets, "WAIT_SECONDS", 30.0)


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


def key_set_of(server: KeyServer, **options: Any) -> KeySet:
    """A key set that fetches from `server` and has no database: its callers are threads."""
    load = functools.partial(jwks.from_url, server.url)
    return KeySet(load, is_background=True, **{"interval_seconds": 1.0, "max_waiting": 32, **options})


def in_threads(keys: KeySet, kids: list[str]) -> list[list[str] | type[Exception]]:
    """What each of so many callers at once gets: the algorithms of its key, or why it gets none."""
    together = threading.Barrier(len(kids))

    def call(kid: str) -> list[str] | type[Exception]:
        together.wait()
        try:
            return [found.algorithm for found in keys.get(kid)]
        except KeysUnavailable as error:
            return type(error)

    with ThreadPoolExecutor(len(kids)) as callers:
        return list(callers.map(call, kids))


@pytest.mark.usefixtures("patient")
def test_a_flood_of_unknown_kids_is_a_fetch_for_each_interval(server: KeyServer, clock: Clock) -> None:
    began_at = clock.monotonic()
    keys = key_set_of(server)
    assert keys.get("kid-EdDSA")

    answers = in_threads(keys, [f"unknown-{n}" for n in range(30)])

    assert answers == [[]] * 30
    assert server.requests <= 2 + (clock.monotonic() - began_at) / keys.interval_seconds


def test_an_unknown_kid_is_looked_up_once_in_a_while(server: KeyServer, clock: Clock) -> None:
    keys = key_set_of(server)
    for _ in range(100):
        assert keys.get("unknown") == []
    assert server.requests == 1

    clock.ahead += key_sets.ABSENT_SECONDS
    assert keys.get("unknown") == []
    assert server.requests == 2


def test_of_unknown_kids_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(key_sets, "MAX_ABSENT", 3)
    keys = KeySet(list, interval_seconds=0, max_waiting=1)
    for n in range(5):
        assert keys.get(f"unknown-{n}") == []

    assert list(keys.absent) == ["unknown-2", "unknown-3", "unknown-4"]


@pytest.mark.usefixtures("patient")
def test_a_cold_start_of_many_valid_callers_accepts_them_all_with_one_fetch(server: KeyServer) -> None:
    keys = key_set_of(server)

    assert in_threads(keys, ["kid-EdDSA"] * 16) == [["EdDSA"]] * 16
    assert server.requests == 1


@pytest.mark.usefixtures("patient")
def test_right_after_a_rotation_all_of_ten_first_requests_are_served(server: KeyServer, clock: Clock) -> None:
    keys = key_set_of(server)
    assert keys.get("kid-EdDSA")
    server.publish(key("EdDSA"), NEW)  # within the interval of the last fetch

    assert in_threads(keys, ["new"] * 10) == [["EdDSA"]] * 10


@pytest.mark.usefixtures("patient")
def test_a_flood_of_unknown_kids_keeps_no_new_key_from_being_found(server: KeyServer, clock: Clock) -> None:
    keys = key_set_of(server, max_waiting=64)
    assert keys.get("kid-EdDSA")
    in_threads(keys, [f"unknown-{n}" for n in range(20)])
    server.publish(key("EdDSA"), NEW)

    answers = in_threads(keys, [*(f"other-{n}" for n in range(20)), *["new"] * 10])

    assert answers == [[]] * 20 + [["EdDSA"]] * 10


def test_a_key_that_is_published_no_longer_is_refused_after_the_next_refresh(server: KeyServer, clock: Clock) -> None:
    assert is_accepted(key("EdDSA"))
    server.publish(NEW)
    clock.ahead = STALE

    is_accepted(key("EdDSA"))  # It begins the refresh, and does not wait for it.
    keys_of_settings()

    assert not is_accepted(key("EdDSA"))


def hanging_set(known: list[str], *, max_waiting: int = 4) -> tuple[KeySet, threading.Event]:
    """A key set whose second load hangs until the event."""
    over = threading.Event()

    def load() -> JWKs:
        if keys.keys:
            over.wait(10)
        return [key("EdDSA", kid).published for kid in known]

    keys = KeySet(load, interval_seconds=0, max_waiting=max_waiting, is_background=True)
    assert keys.get(known[0])
    return keys, over


def test_a_known_kid_never_waits_while_a_fetch_hangs(clock: Clock) -> None:
    keys, over = hanging_set(["k1"])
    clock.ahead = STALE

    with ThreadPoolExecutor(8) as flood:
        waiting = [flood.submit(keys.get, f"unknown-{n}") for n in range(8)]
        assert all(keys.get("k1") for _ in range(100))
        assert not over.is_set()
        over.set()
        for call in waiting:
            call.exception()


def test_a_flood_takes_few_threads_while_a_fetch_hangs_and_is_told_to_try_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sets, "WAIT_SECONDS", 0.2)
    keys, over = hanging_set(["k1"], max_waiting=4)

    with ThreadPoolExecutor(30) as flood:
        calls = [flood.submit(keys.get, f"unknown-{n}") for n in range(30)]
        first = [call.exception(4) for call in itertools.islice(as_completed(calls, timeout=4), 26)]
        assert {type(error) for error in first} == {KeysUnavailable}
        assert not over.is_set()
        assert {type(call.exception(4)) for call in calls} == {KeysUnavailable}
    over.set()


def test_a_key_that_another_process_stored_while_a_caller_waited_is_found(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = KeySet(list, interval_seconds=0, max_waiting=1)

    def stored_meanwhile() -> key_sets.Load:
        keys.keys = keys_by_kid([NEW.published])
        return key_sets.Load()  # It never ends.

    monkeypatch.setattr(keys, "refresh", stored_meanwhile)
    monkeypatch.setattr(key_sets, "WAIT_SECONDS", 0.05)

    assert [found.algorithm for found in keys.get("new")] == ["EdDSA"]


def test_a_load_that_began_before_a_caller_arrived_is_enough_if_it_brought_the_key(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = KeySet(list, interval_seconds=0, max_waiting=1)
    loads: list[key_sets.Load] = []

    def earlier_load() -> key_sets.Load:
        keys.keys = keys_by_kid([NEW.published])
        loads.append(key_sets.Load())
        loads[-1].started_at = clock.monotonic() - 1
        loads[-1].done.set_result(None)
        return loads[-1]

    monkeypatch.setattr(keys, "refresh", earlier_load)

    assert [found.algorithm for found in keys.get("new")] == ["EdDSA"]
    assert len(loads) == 1


def test_after_a_failed_fetch_nobody_waits_for_a_while(clock: Clock) -> None:
    attempts: list[int] = []

    def load() -> JWKs:
        attempts.append(1)
        raise OSError("away")

    keys = KeySet(load, interval_seconds=0, max_waiting=4)

    assert in_threads(keys, [f"unknown-{n}" for n in range(4)]) == [KeysUnavailable] * 4
    assert len(attempts) == 1
    clock.ahead = COOL
    assert in_threads(keys, ["unknown-1"]) == [KeysUnavailable]
    assert len(attempts) == 2


def test_a_fetch_that_never_ends_is_given_up_and_its_result_is_not_used(clock: Clock) -> None:
    keys, over = hanging_set(["k1"])
    given_up = keys.refresh()
    clock.ahead = key_sets.GIVE_UP_SECONDS + 1

    keys.load = lambda: [NEW.published]
    assert keys.get("new")
    over.set()
    given_up.done.result(5)

    assert list(keys.keys) == ["new"]


def test_the_table_is_read_seldom_for_many_tokens(
    settings: Settings, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    share_database(settings)
    key("EdDSA").write()

    with django_assert_num_queries(2):  # The second one is for the unknown key.
        for _ in range(20):
            assert is_accepted(key("EdDSA"))
            assert not is_accepted(NEW)


def test_a_key_that_was_replaced_counts_for_as_long_as_better_auth_publishes_it(settings: Settings) -> None:
    share_database(settings)
    key("EdDSA").write(expires_at=timezone.now() - timedelta(days=29))
    NEW.write(expires_at=timezone.now() - timedelta(days=31))

    assert_login(answer_to(key("EdDSA").token()))
    assert_refused(answer_to(NEW.token()))


def test_while_the_database_is_away_a_token_by_key_is_503_and_never_401(settings: Settings, clock: Clock) -> None:
    share_database(settings)
    key("EdDSA").write()

    with statements_raise(OperationalError("away")):
        for _ in range(3):  # the second and third within the cooldown
            assert answer_to(key("EdDSA").token()).error == (503, "SERVICE_UNAVAILABLE")

    clock.ahead = COOL
    assert_login(answer_to(key("EdDSA").token()))


def test_known_keys_outlive_a_table_that_cannot_be_read(settings: Settings, clock: Clock) -> None:
    share_database(settings)
    key("EdDSA").write()
    assert is_accepted(key("EdDSA"))
    clock.ahead = STALE

    with statements_raise(OperationalError("away")):
        assert is_accepted(key("EdDSA"))


def test_in_the_table_a_new_key_counts_at_once(settings: Settings, clock: Clock) -> None:
    share_database(settings)
    key("EdDSA").write()
    assert is_accepted(key("EdDSA"))
    assert not is_accepted(key("EdDSA", "unknown"))

    NEW.write()

    assert is_accepted(NEW)
