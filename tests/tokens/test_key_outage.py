"""While the URL of the keys fails, in whatever way, the last good keys count and no request is an error."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from accounts.tokens import jwks
from accounts.tokens.jwks import key_set
from tests.support.key_server import KeyServer, is_accepted, keys_of_settings, running
from tests.support.tokens import (
    ORIGIN,
    Clock,
    answer_to,
    assert_refused,
    key,
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


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_the_last_good_keys_count_while_the_url_fails(
    fail: Callable[[KeyServer], None], server: KeyServer, clock: Clock
) -> None:
    assert is_accepted(key("EdDSA"))
    fail(server)
    clock.ahead = STALE

    assert is_accepted(key("EdDSA"))
    assert keys_of_settings().get("unknown") == []
    assert is_accepted(key("EdDSA"))
    assert server.requests == 2

    server.publish(NEW)
    clock.ahead += COOL
    assert is_accepted(NEW)


@pytest.mark.django_db
@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_a_cold_start_while_the_url_fails_is_401(fail: Callable[[KeyServer], None], server: KeyServer) -> None:
    fail(server)

    assert_refused(answer_to(key("EdDSA").token()))


@pytest.mark.django_db
def test_a_cold_start_without_any_server_is_401(settings: Settings) -> None:
    with running() as server:
        settings.BETTER_AUTH_KEYS = server.url
    key_set.cache_clear()

    assert_refused(answer_to(key("EdDSA").token()))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_keys_are_not_fetched_through_a_redirect(status: int, server: KeyServer) -> None:
    with running() as elsewhere:
        elsewhere.publish(NEW)
        server.redirect(elsewhere.url, status)

        assert not is_accepted(NEW)

        assert (server.requests, elsewhere.requests) == (1, 0)
