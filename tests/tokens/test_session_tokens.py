"""A session token is a login while its session lives: signed as a bearer; raw, or as a cookie, where switched on."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db.models import F
from pytest_django.fixtures import Settings

from accounts.models import Session, User
from tests.support.environment import SECRET
from tests.support.people import Answer, Person
from tests.support.tokens import (
    RAW,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    minted,
    share_database,
    sign_in,
    signed_session,
)

pytestmark = pytest.mark.django_db

OURS = "http://localhost:3000"
COOKIES = ["better-auth.session_token", "__Secure-better-auth.session_token"]
UNSAFE = [
    ("POST", "/api/ada/tasks"),
    ("PUT", "/api/ada/tasks/1"),
    ("PATCH", "/api/ada/tasks/1/complete"),
    ("DELETE", "/api/ada/tasks/1"),
]
FOREIGN = {
    "none": None,
    "empty": "",
    "null": "null",
    "another site": "https://evil.example",
    "another port": "http://localhost:3001",
    "another scheme": "https://localhost:3000",
    "with a slash": f"{OURS}/",
    "a longer host": f"{OURS}.evil.example",
    "in capitals": OURS.upper(),
    "two": f"{OURS},https://evil.example",
}


@pytest.fixture(autouse=True)
def shared(settings: Settings) -> None:
    """Ada and her session."""
    share_database(settings)


@pytest.fixture
def browser(settings: Settings) -> Person:
    """Ada's browser, which sends her cookie by itself."""
    settings.BETTER_AUTH_SESSION_COOKIE = True
    settings.CREDENTIAL_HEADERS = ["Authorization", "Cookie"]
    return Person("ada")


def cookie(value: str | None = None, name: str = COOKIES[0]) -> dict[str, str]:
    """The header of a session cookie as a browser sends it."""
    return {"cookie": f"theme=dark; {name}={quote(value or signed_session(), safe='')}; other=1"}


def test_a_signed_session_token_is_its_user_plain_and_percent_encoded() -> None:
    for token in (signed_session(), quote(signed_session(), safe=""), quote(signed_session())):
        answer = answer_to(token)
        assert_login(answer)
        assert answer.json["email"] == "ada@example.com"
        assert answer.json["expires_at"] == Session.objects.get().expires_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize("way", ["header", "cookie"])
def test_a_session_token_signed_with_a_retired_secret_is_refused(way: str, settings: Settings) -> None:
    """As Better Auth does: a retired secret may have leaked."""
    settings.BETTER_AUTH_SECRET = "the-new-secret-that-is-long-enough"
    settings.BETTER_AUTH_RETIRED_SECRETS = {"1": SECRET}
    settings.BETTER_AUTH_SESSION_COOKIE = True
    settings.CREDENTIAL_HEADERS = ["Authorization", "Cookie"]

    for secret, is_accepted in ((settings.BETTER_AUTH_SECRET, True), (SECRET, False), ("x" * 40, False)):
        token = signed_session(secret=secret)
        answer = answer_to(token) if way == "header" else Person("ada").get("/api/me", **cookie(token))
        (assert_login if is_accepted else assert_refused)(answer)


SIGNED = signed_session()
REFUSED = {
    "another secret": signed_session(secret="x" * 40),
    "no such session": signed_session("Z" * 32),
    "the session's id": signed_session("s1" * 16),
    "dont_remember": signed_session("true"),
    "another cookie of a session's length": signed_session("two-factor-state-that-is-no-session"),
    "another token under the same signature": "b" + SIGNED[1:],
    "signature of another token": f"{RAW}.{signed_session('Z' * 32).partition('.')[2]}",
    "no signature": f"{RAW}.",
    "signature cut": SIGNED[:-2],
    "signature without padding": SIGNED[:-1],
    "signature in base64url": by_secret({}, secret=SECRET).rpartition(".")[0],
    "signature of zeros": f"{RAW}.{'A' * 43}=",
    "percent-encoded twice": quote(quote(SIGNED, safe=""), safe=""),
    "NUL before": "%00" + SIGNED,
    "a line break after": SIGNED + "%0A",
    "other digits": signed_session("\u0661" * 32),
    "an injection": signed_session("' OR 1=1 --"),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_session_signed_by_us_is_refused(token: str, browser: Person) -> None:
    assert_refused(answer_to("", authorization=f"Bearer {token}".encode().decode("latin-1")))
    assert_refused(browser.get("/api/me", **cookie(token)))


def test_a_session_that_has_ended_is_refused() -> None:
    Session.objects.update(expires_at=F("expires_at") - timedelta(days=8))

    assert_refused(answer_to(signed_session()))


def test_a_raw_session_token_counts_only_if_it_is_switched_on(settings: Settings) -> None:
    assert_refused(answer_to(RAW))

    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True
    assert_login(answer_to(RAW))
    for token in ("Z" * 32, RAW[:-1], RAW + "a", RAW.swapcase(), RAW[:-1] + "\u0661", "s1"):
        assert_refused(answer_to("", authorization=f"Bearer {token}".encode().decode("latin-1")))


@pytest.mark.parametrize("token", [SIGNED, RAW, quote(SIGNED, safe="")])
def test_with_the_database_apart_the_reason_says_that_it_must_be_shared(token: str, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = False
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True

    answer = answer_to(token)

    assert_refused(answer)
    assert "shares the database" in answer.json["detail"]


@pytest.mark.parametrize("name", COOKIES)
def test_the_session_cookie_is_its_user_under_both_names(name: str, browser: Person) -> None:
    assert_login(browser.get("/api/me", **cookie(name=name)))


@pytest.mark.parametrize("name", ["todo.session_token", "__Secure-todo.session_token"])
def test_a_cookie_prefix_renames_the_cookie(name: str, browser: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_COOKIE_PREFIX = "todo"

    assert_login(browser.get("/api/me", **cookie(name=name)))
    assert_refused(browser.get("/api/me", **cookie()), "NOT_AUTHENTICATED")


def test_the_secure_cookie_comes_before_the_other(browser: Person) -> None:
    bob = User.objects.create(id="bob", name="Bob", email="bob@example.com", email_verified=True)
    sign_in(bob, "s2", "Z" * 32)
    both = f"{COOKIES[0]}={quote(signed_session('Z' * 32))}; {COOKIES[1]}={quote(signed_session())}"

    assert_login(browser.get("/api/me", cookie=both), "ada")


def test_the_cookie_is_off_by_default() -> None:
    assert_refused(Person("ada").get("/api/me", **cookie()), "NOT_AUTHENTICATED")


def write(browser: Person, method: str, path: str, **headers: Any) -> Answer:
    """A write that has all it needs but, perhaps, the right to."""
    return browser.send(method, path, {"title": "x"}, **headers)


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
def test_a_write_by_cookie_needs_an_origin_of_ours(origin: str | None, method: str, path: str, browser: Person) -> None:
    headers = cookie() if origin is None else {**cookie(), "origin": origin}

    for _ in range(2):  # the second time the token has been seen
        assert write(browser, method, path, **headers).error == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_write_by_cookie_from_our_origin_is_done(method: str, path: str, browser: Person) -> None:
    answer = write(browser, method, path, **cookie(), origin=OURS)

    assert answer.status == (201 if method == "POST" else 404)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("origin", [None, "https://evil.example", OURS])
def test_reading_by_cookie_needs_no_origin(origin: str | None, method: str, browser: Person) -> None:
    headers: dict[str, Any] = cookie() if origin is None else {**cookie(), "origin": origin}

    answer = browser.send(method, "/api/ada/tasks", **headers)

    assert answer.status == 200
    if origin != OURS:
        assert "Access-Control-Allow-Origin" not in answer.headers  # so a page of theirs cannot read it


@pytest.mark.parametrize("value", ["", "x", RAW, "minted", signed_session(secret="x" * 40)])
def test_an_invalid_cookie_is_401_from_wherever_it_comes(value: str, browser: Person) -> None:
    value = by_secret(minted()) if value == "minted" else value  # A token that is valid anywhere else, now.
    header = {"cookie": f"{COOKIES[0]}={quote(value, safe='')}"}

    assert_refused(browser.get("/api/me", **header))
    assert_refused(browser.post("/api/ada/tasks", {"title": "x"}, **header, origin="https://evil.example"))
    assert_refused(browser.post("/api/ada/tasks", {"title": "x"}, **header, origin=OURS))


@pytest.mark.parametrize(
    "name", ["better-auth.session_data", "better-auth.session_token_multi-a", "Better-Auth.session_token"]
)
def test_another_cookie_is_not_a_token(name: str, browser: Person) -> None:
    assert_refused(browser.get("/api/me", **cookie(name=name)), "NOT_AUTHENTICATED")


def test_an_authorization_header_excludes_the_cookie(browser: Person) -> None:
    User.objects.create(id="bob", name="Bob", email="bob@example.com", email_verified=True)

    assert_login(browser.get("/api/me", **cookie(), authorization=f"Bearer {by_secret(minted(sub='bob'))}"), "bob")
    assert_refused(browser.get("/api/me", **cookie(), authorization="Bearer x"))
    for header in ("Basic YTpi", "", "Bearer"):
        assert browser.get("/api/me", **cookie(), authorization=header).status == 401


def test_a_bearer_session_token_needs_no_origin() -> None:
    assert Person("ada", signed_session()).post("/api/ada/tasks", {"title": "x"}).status == 201
