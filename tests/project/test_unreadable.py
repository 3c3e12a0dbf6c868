"""A header that the server could not read is refused where it says who is calling; on servers: test_servers.py."""

import pytest
from pytest_django.fixtures import Settings

from tests.support.people import Person

COOKIE, ADDRESS, OTHER = (frozenset({name}) for name in ("cookie", "x-forwarded-for", "x-city"))


def status_of(person: Person, path: str, unreadable: frozenset[str], **headers: str) -> int:
    """The status of a GET with these unreadable headers, which are empty as the server hands them over."""
    environ = {f"HTTP_{name.upper().replace('-', '_')}": "" for name in unreadable}
    answer = person.client.get(path, headers=headers, **environ, **{"todo.unreadable": unreadable})  # type: ignore[arg-type]  # Any environ.
    return int(answer.status_code)


def test_without_its_cookies_nobody_is_taken_for_signed_out(nobody: Person, db: None, settings: Settings) -> None:
    settings.BETTER_AUTH_SESSION_COOKIE = True

    assert status_of(nobody, "/api/me", COOKIE) == 400
    assert status_of(nobody, "/admin/login/", COOKIE) == 400


def test_the_refusal_says_what_to_do_also_to_a_script(nobody: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_SESSION_COOKIE = True
    headers = {"origin": "http://localhost:3000", "x-request-id": "the-id"}

    answer = nobody.client.get("/api/me", headers=headers, HTTP_COOKIE="", **{"todo.unreadable": COOKIE})  # type: ignore[arg-type]  # Any environ.

    assert "Delete that cookie" in answer.json()["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert answer.headers["X-Request-ID"] == "the-id"


def test_cookies_that_say_nothing_are_ignored(owner: Person, settings: Settings) -> None:
    bearer = {"authorization": f"Bearer {owner.token}"}

    assert status_of(owner, "/api/me", COOKIE) == 401
    settings.BETTER_AUTH_SESSION_COOKIE = True
    assert status_of(owner, "/api/me", COOKIE, **bearer) == 200
    assert [status_of(owner, path, COOKIE) for path in ("/docs", "/health")] == [200, 200]


@pytest.mark.parametrize(("unreadable", "status"), [(ADDRESS, 400), (OTHER, 200)], ids=["address", "other"])
def test_an_address_must_be_readable_and_what_nobody_reads_need_not(
    owner: Person, unreadable: frozenset[str], status: int
) -> None:
    bearer = {"authorization": f"Bearer {owner.token}"}

    assert status_of(owner, "/api/me", unreadable, **bearer) == status
    assert status_of(owner, "/health", unreadable) == 200
