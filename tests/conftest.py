"""The people of the tests: `owner` has the tasks, `stranger` tries, `nobody` has no token."""

from collections.abc import Iterator

import pytest

from accounts.tokens.cache import seen_tokens
from tasks.models import Task
from tests.support.copies import Copy
from tests.support.people import Person, TaskJSON, token_of


@pytest.fixture(autouse=True)
def nobody_has_been_seen() -> None:
    """Each test begins in a process that knows no caller, as its database does."""
    seen_tokens.clear()


def signed_in(user_id: str) -> Person:
    """A person whose token has been seen before."""
    person = Person(user_id, token_of(user_id, email=f"{user_id}@example.com", name=user_id.title()))
    assert person.get("/api/me").status == 200
    return person


@pytest.fixture
def owner(db: None) -> Person:
    """Has the tasks."""
    return signed_in("owner")


@pytest.fixture
def stranger(db: None) -> Person:
    """Tries to reach the owner's."""
    return signed_in("stranger")


@pytest.fixture
def nobody() -> Person:
    """Has no token."""
    return Person("nobody")


@pytest.fixture
def kept_task(owner: Person) -> Iterator[TaskJSON]:
    """A task of the owner's. It and every other row must be the same after the test."""
    task = owner.has_task("Buy milk", description="Two litres")
    rows = list(Task.objects.order_by("id").values())

    yield task

    assert list(Task.objects.order_by("id").values()) == rows


@pytest.fixture
def copy(owner: Person) -> Copy:
    """An empty copy of the owner's list."""
    return Copy(owner)
