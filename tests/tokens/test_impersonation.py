"""What an administrator does as a user is recorded as what it is: `ada, as by root`."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import Session
from tasks.models import TaskChange
from tests.support.people import Person
from tests.support.tokens import (
    RAW,
    SESSION_CACHE_TYPE,
    by_secret,
    cache_by_key,
    key,
    minted,
    plugin,
    session_cache,
    share_database,
    signed_session,
)

pytestmark = pytest.mark.django_db

BY_ROW: dict[str, Callable[[], str]] = {
    "signed session": signed_session,
    "raw session": lambda: RAW,
    "minted, with sid": lambda: by_secret(minted(sid="s1")),
    "by key, with sid": lambda: key("EdDSA").token(plugin(sid="s1")),
    "session cache": lambda: by_secret(session_cache()),
    "session cache by key": lambda: key("EdDSA").token(cache_by_key(), typ=SESSION_CACHE_TYPE),
}
BY_CLAIM: dict[str, Callable[[], str]] = {
    "minted, with act": lambda: by_secret(minted(act={"sub": "root"})),
    "minted, with impersonatedBy": lambda: by_secret(minted(impersonatedBy="root")),
    "session cache": lambda: by_secret(session_cache(session={"impersonatedBy": "root"})),
}
NOBODY: list[Any] = [None, "", 7, ["root"], "ro\0ot", " root"]


def actor_of(token: str) -> str:
    """Who the history says wrote the task that was created with `token`."""
    Person("ada", token).has_task()
    return TaskChange.objects.get().actor


@pytest.fixture
def shared(settings: Settings) -> None:
    """Root acts as Ada in her session."""
    share_database(settings)
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True
    key("EdDSA").write()
    Session.objects.update(impersonated_by="root")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("make", BY_ROW.values(), ids=BY_ROW)
def test_the_row_of_the_session_says_who_acts(make: Callable[[], str]) -> None:
    assert actor_of(make()) == "ada, as by root"


@pytest.mark.usefixtures("shared")
def test_a_session_of_the_users_own_is_their_own_whatever_the_token_says() -> None:
    Session.objects.update(impersonated_by=None)

    assert actor_of(by_secret(minted(sid="s1", act={"sub": "root"}))) == "ada"


@pytest.mark.parametrize("make", BY_CLAIM.values(), ids=BY_CLAIM)
def test_with_the_database_apart_the_token_says_who_acts(make: Callable[[], str]) -> None:
    assert actor_of(make()) == "ada, as by root"


@pytest.mark.parametrize("named", NOBODY)
def test_what_is_no_id_is_nobody(named: Any) -> None:
    assert actor_of(by_secret(minted(act={"sub": named}, impersonatedBy=named))) == "ada"
