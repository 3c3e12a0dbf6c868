"""Users who come for the first time at the same time, or with one email, are all let in."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.models import User
from tests.support.people import Person
from tests.support.tokens import EMAIL, by_secret, minted


def emails() -> dict[str, str]:
    """The email in every row."""
    return dict(User.objects.values_list("id", "email"))


def call(user_id: str, n: int) -> int:
    """The status of somebody's first write, in a thread and on a connection of its own."""
    try:
        token = by_secret(minted(sub=user_id, email=EMAIL, n=n))
        return Person(user_id, token).post(f"/api/{user_id}/tasks", {"title": "x"}).status
    finally:
        connection.close()


def somebody_waits() -> bool:
    """Whether a statement waits for what another has not committed yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
        return bool(cursor.rowcount)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [["ada"] * 8, ["ada", "bob", "cy", "di"] * 2], ids=["one person", "one email"])
def test_first_requests_at_the_same_time_are_all_let_in(people: list[str]) -> None:
    together = threading.Barrier(len(people))

    def come(n: int) -> int:
        together.wait()
        return call(people[n], n)

    with ThreadPoolExecutor(len(people)) as callers:
        assert list(callers.map(come, range(len(people)))) == [201] * len(people)
    assert set(emails()) == set(people)
    assert list(emails().values()).count(EMAIL) == 1


@pytest.mark.django_db(transaction=True)
def test_an_email_that_somebody_takes_at_the_same_time_is_left_out() -> None:
    with ThreadPoolExecutor(1) as caller:
        with transaction.atomic():
            User.objects.create(id="bob", name="Bob", email=EMAIL, email_verified=True)
            status = caller.submit(call, "ada", 0)
            deadline = time.monotonic() + 10
            while not (somebody_waits() or status.done()):
                assert time.monotonic() < deadline, "The request neither finished nor waited for the other transaction."
                time.sleep(0.01)

        assert status.result() == 201
    assert emails() == {"bob": EMAIL, "ada": "ada@no-email.invalid"}
