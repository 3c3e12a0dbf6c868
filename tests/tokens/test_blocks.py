"""An operator's block is a block, wherever Better Auth has its tables; a ban in a mirrored row is a ban."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from accounts import standing
from accounts.models import Block, Session, User
from accounts.tokens import seen_users as users_seen
from accounts.tokens.seen_users import seen_users
from accounts.users import USER_IS_BANNED, USER_IS_BLOCKED
from tasks.user_data import erase
from tests.support.people import Person, token_of

BLOCKED, BANNED = (401, USER_IS_BLOCKED), (401, USER_IS_BANNED)


def answer(person: Person) -> tuple[int, str | None]:
    response = person.get("/api/me")
    return response.status, None if response.status == 200 else response.json["detail"]


@pytest.fixture(params=[False, True], ids=["database apart", "database shared"])
def shared(request: pytest.FixtureRequest, owner: Person, settings: Settings) -> bool:
    """Both ways to deploy; the owner has a row in each."""
    settings.BETTER_AUTH_SHARED_DATABASE = request.param
    return bool(request.param)


def test_a_blocked_person_is_refused_at_once_and_others_are_not(shared: bool, owner: Person, stranger: Person) -> None:
    standing.block("owner", "Sends spam", "anna")

    assert answer(owner) == BLOCKED
    assert answer(stranger) == (200, None)
    assert owner.post(owner.tasks, {"title": "x"}).status == 401
    assert answer(Person("owner", token_of("owner", name="Another token"))) == BLOCKED


def test_a_block_that_is_lifted_is_none(shared: bool, owner: Person) -> None:
    standing.block("owner", "", "anna")
    assert answer(owner) == BLOCKED

    standing.unblock("owner")

    assert answer(owner) == (200, None)


def test_a_block_by_another_process_is_seen_when_the_person_is_looked_up_again(
    shared: bool, owner: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BETTER_AUTH_RECHECK_SECONDS = 0
    monkeypatch.setattr(users_seen, "SYNC_SECONDS", 0.0)
    seen_users.clear()
    assert answer(Person("owner", token_of("owner", iat=1))) == (200, None)

    Block.objects.create(pk="owner", operator="anna")

    assert answer(Person("owner", token_of("owner", iat=1))) == BLOCKED


def test_a_block_survives_the_erasure_of_all_data(shared: bool, owner: Person) -> None:
    standing.block("owner", "", "anna")

    erase("owner")

    assert answer(owner) == BLOCKED


def test_a_ban_in_the_row_is_a_ban(shared: bool, owner: Person) -> None:
    User.objects.filter(pk="owner").update(banned=True)
    standing.forget_callers()

    assert answer(owner) == BANNED


def test_a_ban_that_has_ended_is_none(shared: bool, owner: Person) -> None:
    User.objects.filter(pk="owner").update(banned=True, ban_expires=datetime.now(UTC) - timedelta(seconds=1))
    standing.forget_callers()

    assert answer(owner) == (200, None)


def test_a_blocked_person_with_a_session_token_is_refused(owner: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True
    soon = datetime.now(UTC) + timedelta(hours=1)
    Session.objects.create(id="s", user_id="owner", token="t" * 32, expires_at=soon, updated_at=soon)
    person = Person("owner", "t" * 32)
    assert answer(person) == (200, None)

    standing.block("owner", "", "anna")

    assert answer(person) == BLOCKED
