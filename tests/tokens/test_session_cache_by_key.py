"""A session cache that a key pair has signed is a login by its own type, audience, user and session."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from accounts.models import Session
from tests.support.tokens import (
    JSON,
    ORIGIN,
    SESSION_CACHE_TYPE,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    cache_by_key,
    key,
    now,
    plugin,
    session_cache,
    share_database,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shared(settings: Settings) -> None:
    """Ada, her session, and a key."""
    share_database(settings)
    key("EdDSA").write()


def token(claims: JSON, typ: str = SESSION_CACHE_TYPE) -> str:
    """A session cache by key."""
    return key("EdDSA").token(claims, typ=typ)


REFUSED: dict[str, Callable[[], str]] = {
    "another audience": lambda: token(cache_by_key(aud=ORIGIN)),
    "no audience": lambda: token(cache_by_key(aud=...)),
    "another issuer": lambda: token(cache_by_key(iss="https://evil.example")),
    "no issuer": lambda: token(cache_by_key(iss=...)),
    "another user": lambda: token(cache_by_key(sub="eve")),
    "no user": lambda: token(cache_by_key(sub=...)),
    "another session": lambda: token(cache_by_key(sid="Z" * 32)),
    "the session's id": lambda: token(cache_by_key(sid="s1")),
    "no session": lambda: token(cache_by_key(sid=...)),
    "no session inside": lambda: token(cache_by_key(session=7)),
    "no user inside": lambda: token(cache_by_key(user=7)),
    "without its type": lambda: key("EdDSA").token(cache_by_key()),
    "without its type, for us": lambda: key("EdDSA").token(cache_by_key(aud=ORIGIN)),
    "type of a login": lambda: token(cache_by_key(), "JWT"),
    "a login with its type": lambda: token(plugin()),
    "by the secret, with its type": lambda: by_secret(
        cache_by_key(), header={"alg": "HS256", "typ": SESSION_CACHE_TYPE}
    ),
    "another version": lambda: token(cache_by_key(version="2")),
}


def test_it_is_a_login() -> None:
    answer = answer_to(token(cache_by_key()))

    assert_login(answer)
    assert answer.json["email"] == "ada@example.com"


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_says_something_else_is_refused(make: Callable[[], str]) -> None:
    assert_refused(answer_to(make()))


def test_it_ends_with_its_session_and_its_exp() -> None:
    assert_refused(answer_to(token(cache_by_key(exp=now(-20)))), "TOKEN_EXPIRED")
    Session.objects.all().delete()
    assert_refused(answer_to(token(cache_by_key())))


def test_it_names_the_server_also_if_the_jwt_plugin_has_another_issuer(settings: Settings) -> None:
    settings.BETTER_AUTH_ORIGIN = [ORIGIN]
    settings.BETTER_AUTH_ISSUER = ["https://issuer.example"]

    assert_login(answer_to(token(cache_by_key())))
    assert_refused(answer_to(key("EdDSA").token(plugin())))


@pytest.mark.parametrize(
    ("written", "accepted", "is_login"),
    [
        ("1", "1", True),
        (..., "1", True),
        ("", "1", True),
        ("2", "1", False),
        ("1", "2", False),
        (..., "2", False),
        ("2", "2", True),
        (2, "2", False),
        ("7", "*", True),
    ],
)
@pytest.mark.parametrize("way", ["secret", "key"])
def test_the_version_of_the_cache_is_that_of_the_setting(
    way: str, written: object, accepted: str, is_login: bool, settings: Settings
) -> None:
    settings.BETTER_AUTH_COOKIE_CACHE_VERSION = accepted
    cache = token(cache_by_key(version=written)) if way == "key" else by_secret(session_cache(version=written))

    (assert_login if is_login else assert_refused)(answer_to(cache))
