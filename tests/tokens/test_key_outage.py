"""While the URL of the keys fails, in whatever way, the last good keys count in every process."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings

from accounts.exceptions import KeysUnavailable
from accounts.models import PublicKeySet
from accounts.tokens import jwks, key_sets, key_store
from accounts.tokens.jwks import key_set
from tests.support.faults import statements_raise
from tests.support.key_server import KeyServer, is_accepted, keys_of_settings, running
from tests.support.tokens import (
    ORIGIN,
    Clock,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    plugin,
)

pytestmark = pytest.mark.django_db

NEW = key("EdDSA", "new")
STALE = key_sets.FRESH_SECONDS + 1
COOL = key_sets.RETRY_SECONDS + 0.1
UNAVAILABLE = (503, "SERVICE_UNAVAILABLE")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the keys."""
    clock = Clock()
    for module in (jwks, key_sets, key_store):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """The URL of the settings, which publishes one key. Nobody waits for it for long."""
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ORIGIN]
    monkeypatch.setattr(jwks, "FETCH_TIMEOUT_SECONDS", 0.5)
    with running() as server:
        server.publish(key("EdDSA"))
        settings.BETTER_AUTH_KEYS = server.url
        yield server


FAILURES: dict[str, Callable[[KeyServer], None]] = {
    "500": lambda server: server.send(b'{"keys": []}', 500),
    "404": lambda server: server.send(b"{}", 404),
    "no JSON": lambda server: server.send(b"<html>"),
    "no UTF-8": lambda server: server.send(b'{"keys": ["\xff"]}'),
    "no object": lambda server: server.send(b"[]"),
    "an empty set": lambda server: server.publish(),
    "a set of a secret": lambda server: server.send(b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "kid-EdDSA"}]}'),
    "no keys": lambda server: server.send(b'{"keys": {}}'),
    "nothing": lambda server: server.send(b""),
    "nested without end": lambda server: server.send(b'{"keys": ' + b"[" * 500_000),
    "a huge number": lambda server: server.send(b'{"keys": [' + b"1" * 10_000 + b"]}"),
    "huge": lambda server: server.send(b'{"keys": [' + b" " * 2_000_000 + b"]}"),
    "hangs": lambda server: server.hang(),
    "drips": lambda server: server.drip(),
    "cut off": lambda server: server.cut_off(),
    "no HTTP": lambda server: server.babble(),
}


every_failure = pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
type Fail = Callable[[KeyServer], None]


def restart() -> None:
    """Forget what this process knows of keys, as a new process does."""
    key_set.cache_clear()


@every_failure
def test_the_last_good_keys_count_while_the_url_fails(fail: Fail, server: KeyServer, clock: Clock) -> None:
    assert is_accepted(key("EdDSA"))
    fail(server)
    clock.ahead = STALE

    assert is_accepted(key("EdDSA"))
    with pytest.raises(KeysUnavailable):
        keys_of_settings().get("unknown")
    assert is_accepted(key("EdDSA"))
    assert server.requests == 2

    server.publish(NEW)
    clock.ahead += COOL
    assert is_accepted(NEW)


@every_failure
def test_the_last_good_keys_outlive_the_process_that_fetched_them(fail: Fail, server: KeyServer) -> None:
    assert_login(answer_to(key("EdDSA").token()))
    fail(server)

    restart()

    for n in range(3):
        assert_login(answer_to(key("EdDSA").token(plugin(n=n))))


@every_failure
def test_without_any_key_a_token_by_key_is_503_and_others_are_answered(fail: Fail, server: KeyServer) -> None:
    fail(server)

    for _ in range(3):
        answer = answer_to(key("EdDSA").token())
        assert answer.error == UNAVAILABLE
        assert int(answer.headers["Retry-After"]) > 0
        assert "WWW-Authenticate" not in answer.headers
    assert_login(answer_to(by_secret(minted())))
    assert_refused(answer_to(by_secret(minted(), secret="x" * 40)))


def test_without_any_server_a_token_by_key_is_503(settings: Settings) -> None:
    with running() as server:
        settings.BETTER_AUTH_KEYS = server.url
    restart()

    assert answer_to(key("EdDSA").token()).error == UNAVAILABLE


def test_a_key_that_another_process_fetched_counts_here_during_an_outage(server: KeyServer, clock: Clock) -> None:
    assert is_accepted(key("EdDSA"))
    here = keys_of_settings()
    restart()
    server.publish(key("EdDSA"), NEW)
    assert is_accepted(NEW)  # by the other process
    server.send(b"", 500)
    clock.ahead = 1

    assert [found.algorithm for found in here.get("new")] == ["EdDSA"]


def test_keys_are_stored_once_and_without_private_ones(server: KeyServer, clock: Clock) -> None:
    private = {**NEW.published, "d": "c2VjcmV0"}
    server.send(json.dumps({"keys": [key("EdDSA").published, private]}).encode())
    assert is_accepted(key("EdDSA"))
    stored = PublicKeySet.objects.get()
    assert stored.source == str(stored) == server.url
    assert '"d"' not in stored.document

    clock.ahead = STALE
    assert is_accepted(key("EdDSA"))
    keys_of_settings()
    assert is_accepted(key("EdDSA"))

    assert server.requests == 2
    assert PublicKeySet.objects.get().fetched_at == stored.fetched_at


def test_an_older_set_does_not_overwrite_a_newer_one(server: KeyServer, clock: Clock) -> None:
    newer, older = key_store.KeyStore("source"), key_store.KeyStore("source")
    older.offer([key("EdDSA").published])
    clock.ahead = 10
    newer.offer([NEW.published])
    newer.save()

    older.save()

    stored = key_store.KeyStore("source").read()
    assert stored
    assert [jwk["kid"] for jwk in stored.jwks] == ["new"]


def test_a_database_that_cannot_store_keys_stops_nothing(server: KeyServer) -> None:
    with statements_raise(OperationalError("away")):
        assert is_accepted(key("EdDSA"))
        assert is_accepted(key("EdDSA"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_keys_are_not_fetched_through_a_redirect(status: int, server: KeyServer) -> None:
    with running() as elsewhere:
        elsewhere.publish(NEW)
        server.redirect(elsewhere.url, status)

        assert not is_accepted(NEW)

        assert (server.requests, elsewhere.requests) == (1, 0)
