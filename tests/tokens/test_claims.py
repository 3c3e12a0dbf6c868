"""The secret signs more than logins: claims that name no user, or an invalid timestamp, are refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.tokens import EMAIL, JSON, answer_to, assert_refused, by_secret, minted, now, session_cache

pytestmark = pytest.mark.django_db

type Claims = dict[str, Callable[[], JSON]]  # Made in the test: the current time lasts no longer.

ENDED = "2020-01-01T00:00:00.000Z"
NO_LOGINS: Claims = {
    "email verification of 1.4": lambda: minted(sub=..., email=EMAIL),
    "email verification of 1.7": lambda: minted(sub=..., email=EMAIL, userId="ada"),
    "change of email": lambda: minted(sub=..., email=EMAIL, updateTo="new@example.com"),
    "change of email, confirmed": lambda: minted(sub=..., email=EMAIL, requestType="change-email-verification"),
    "verification with sub": lambda: minted(email=EMAIL, requestType="change-email-confirmation"),
    "verification in a session cache": lambda: session_cache(updateTo="new@example.com"),
    "userId alone": lambda: minted(sub=..., userId="ada"),
    "user_id alone": lambda: minted(sub=..., user_id="ada"),
    "id alone": lambda: minted(sub=..., id="ada"),
    "user alone": lambda: session_cache(session=...),
    "session alone": lambda: session_cache(user=...),
    "session of another user": lambda: session_cache(session={"userId": "eve"}),
    "session of no user": lambda: session_cache(session={"userId": ...}),
    "session and user of no id": lambda: session_cache(session={"userId": ...}, user={"id": ...}),
    "session without a token": lambda: session_cache(session={"token": ...}),
    "session token with NUL": lambda: session_cache(session={"token": "a\0b"}),
    "session token with a lone surrogate": lambda: session_cache(session={"token": "\ud800"}),
    "session is a list": lambda: session_cache(session=[1]),
    "user ids that are no text": lambda: session_cache(session={"userId": 7}, user={"id": 7}),
    "session without an end": lambda: session_cache(session={"expiresAt": ...}),
    "session with an end that is no moment": lambda: session_cache(session={"expiresAt": "never"}),
    "session with an end in no zone": lambda: session_cache(session={"expiresAt": "2999-01-01T00:00:00"}),
    "session without an id": lambda: session_cache(session={"id": ...}),
    "session cache without its time": lambda: session_cache(updatedAt=...),
    "session cache whose time is true": lambda: session_cache(updatedAt=True),
    "session cache whose version is no text": lambda: session_cache(version=None),
    "user without an email": lambda: session_cache(user={"email": None}),
    "user without a name": lambda: session_cache(user={"name": ...}),
    "no exp": lambda: minted(exp=...),
    "nbf ahead": lambda: minted(nbf=now(60)),
}
ABSURD: dict[str, Any] = {
    "10**18": 10**18,
    "10**400": 10**400,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "1e400": "1e400",
    "text": str(now(300)),
    "true": True,
    "null": None,
    "list": [now(300)],
    "object": {},
    "negative": -1,
    "one past year 9999": 253_402_300_800,
}
NOBODY: dict[str, Any] = {
    "empty": "",
    "blank": " ",
    "NUL": "ada\0",
    "lone surrogate": "\ud800",
    "a line break": "ada\n",
    "surrounding space": " ada",
    "too long": "a" * 256,
    "number": 7,
    "true": True,
    "null": None,
    "list": ["ada"],
    "object": {"id": "ada"},
}


@pytest.mark.parametrize("claims", NO_LOGINS.values(), ids=NO_LOGINS)
def test_what_is_not_a_login_is_refused(claims: Callable[[], JSON]) -> None:
    assert_refused(answer_to(by_secret(claims())))


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ABSURD.values(), ids=ABSURD)
def test_an_absurd_time_is_refused(claim: str, value: object) -> None:
    claims = json.dumps(minted(**{claim: value})).replace('"1e400"', "1e400")  # which Python reads as infinity

    assert_refused(answer_to(by_secret(claims.encode())))


@pytest.mark.parametrize("sub", NOBODY.values(), ids=NOBODY)
def test_an_absurd_user_is_refused(sub: object) -> None:
    assert_refused(answer_to(by_secret(minted(sub=sub))))


def test_what_has_ended_is_expired() -> None:
    for claims in (minted(exp=now(-20)), minted(exp=0, iat=0), session_cache(session={"expiresAt": ENDED})):
        assert_refused(answer_to(by_secret(claims)), "TOKEN_EXPIRED")
