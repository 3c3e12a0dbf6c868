"""With the database apart, a user's row is made from what their token says, and that never fails a request."""

import itertools
from typing import Any

import pytest
from django.db import IntegrityError

from accounts import users
from accounts.caller import Caller
from accounts.models import User
from accounts.tokens.seen_users import seen_users
from accounts.users import write_user
from tests.support.people import Answer, Person
from tests.support.tokens import EMAIL, JSON, answer_to, assert_login, by_secret, minted, session_cache

PLACEHOLDER = "ada@no-email.invalid"
LONG_WORD = "".join(chr(0x4E00 + n) for n in range(1500))  # that PostgreSQL cannot compress
VISITS = itertools.count()


def visit(user_id: str = "ada", **claims: Any) -> Answer:
    """Somebody comes with a new token that says this about them."""
    answer = answer_to(by_secret(minted(sub=user_id, jti=next(VISITS), **claims)))
    assert_login(answer, user_id)
    return answer


def emails() -> dict[str, str]:
    """The email in every row."""
    return dict(User.objects.values_list("id", "email"))


# What the token says, what /api/me answers, and what is in the row
SHAPES: dict[str, tuple[JSON, tuple[str | None, str | None], tuple[str, str]]] = {
    "both": ({"email": EMAIL, "name": "Ada"}, (EMAIL, "Ada"), (EMAIL, "Ada")),
    "neither": ({}, (None, None), (PLACEHOLDER, "")),
    "nulls": ({"email": None, "name": None}, (None, None), (PLACEHOLDER, "")),
    "empty": ({"email": "", "name": ""}, ("", ""), ("", "")),
    "no text": ({"email": 7, "name": ["Ada"]}, (None, None), (PLACEHOLDER, "")),
    "objects": ({"email": {"a": 1}, "name": True}, (None, None), (PLACEHOLDER, "")),
    "NUL": ({"email": "a\0b", "name": "A\0"}, (None, None), (PLACEHOLDER, "")),
    "lone surrogates": ({"email": "\ud800a@b", "name": "A\udfff"}, ("a@b", "A"), ("a@b", "A")),
    "a script": ({"name": "<b>'; DROP--"}, (None, "<b>'; DROP--"), (PLACEHOLDER, "<b>'; DROP--")),
    "format signs": ({"name": "%s %(id)s {0}"}, (None, "%s %(id)s {0}"), (PLACEHOLDER, "%s %(id)s {0}")),
    "emoji": ({"name": "👩‍🚀"}, (None, "👩‍🚀"), (PLACEHOLDER, "👩‍🚀")),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("claims", "told", "row"), SHAPES.values(), ids=SHAPES)
def test_me_says_what_the_token_says_and_the_row_is_complete(
    claims: JSON, told: tuple[str | None, str | None], row: tuple[str, str]
) -> None:
    answer = visit(**claims)

    assert list(answer.json) == ["id", "email", "name", "created_at", "expires_at"]
    assert (answer.json["email"], answer.json["name"]) == told
    assert User.objects.values_list("email", "name").get() == row


@pytest.mark.django_db
def test_me_of_a_session_cache_says_what_its_user_says() -> None:
    answer = answer_to(by_secret(session_cache(user={"createdAt": "2026-01-02T03:04:05.678Z"}, email="x", name="y")))

    assert answer.json["email"] == EMAIL
    assert answer.json["name"] == "Ada"
    assert answer.json["created_at"] == "2026-01-02T03:04:05.678000Z"


CREATED: dict[str, Any] = {
    "no text": 5,
    "no moment": "yesterday",
    "no zone": "2026-01-02T03:04:05",
    "before the year 1": "0001-01-01T00:00:00+14:00",
    "after the year 9999": "9999-12-31T23:59:59-14:00",
    "a week": "2026-W01-1",
    "long": "2" * 5000,
}


@pytest.mark.django_db
@pytest.mark.parametrize("created_at", CREATED.values(), ids=CREATED)
def test_if_the_token_says_no_time_a_user_was_created_when_first_seen(created_at: Any) -> None:
    answer = visit(createdAt=created_at)

    assert answer.json["created_at"] == User.objects.get().created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.django_db
@pytest.mark.parametrize("created_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_timestamp_are_valid(created_at: str) -> None:
    assert visit(createdAt=created_at).json["created_at"][:19] == created_at[:19]


@pytest.mark.django_db
def test_text_of_any_length_is_answered() -> None:
    visit(email=LONG_WORD)
    visit(name=LONG_WORD)

    assert LONG_WORD.startswith(User.objects.get().name)


@pytest.mark.django_db
def test_a_changed_email_and_name_are_taken_over_and_missing_ones_kept() -> None:
    visit(email=EMAIL, name="Ada")
    visit(email="new@example.com", name="Ada L.")
    assert User.objects.values_list("email", "name").get() == ("new@example.com", "Ada L.")

    visit()
    assert User.objects.values_list("email", "name").get() == ("new@example.com", "Ada L.")


@pytest.mark.django_db
def test_an_unchanged_row_is_not_written_again() -> None:
    visit(email=EMAIL, name="Ada")
    before = User.objects.get().updated_at
    visit(email=EMAIL, name="Ada")

    assert User.objects.get().updated_at == before


@pytest.mark.django_db
def test_a_clashing_email_stays_with_the_row_that_has_it() -> None:
    visit("bob", email=EMAIL)
    assert visit(email=EMAIL).json["email"] == EMAIL
    assert emails() == {"bob": EMAIL, "ada": PLACEHOLDER}

    visit("bob", email="bob@example.com")
    seen_users.clear()  # A minute later.
    visit(email=EMAIL)
    assert emails() == {"bob": "bob@example.com", "ada": EMAIL}


@pytest.mark.django_db
def test_two_users_who_swap_their_emails_are_both_let_in() -> None:
    visit(email="a@example.com")
    visit("bob", email="b@example.com")
    visit(email="b@example.com")
    visit("bob", email="a@example.com")

    assert emails() == {"ada": "a@example.com", "bob": "b@example.com"}


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_anothers_placeholder_as_their_email_keeps_nobody_out() -> None:
    visit("eve", email=PLACEHOLDER)
    visit()
    visit("bob", email="eve@no-email.invalid")

    assert emails() == {f"{user_id}": f"{user_id}@no-email.invalid" for user_id in ("eve", "ada", "bob")}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_staff_user_deletes_comes_back_with_the_next_write() -> None:
    ada = Person("ada", by_secret(minted(email=EMAIL, name="Ada")))
    ada.has_task()
    User.objects.all().delete()

    assert ada.post(ada.tasks, {"title": "Again"}).status == 201
    assert [task["title"] for task in ada.get(ada.tasks).json] == ["Again"]
    assert emails() == {"ada": EMAIL}


@pytest.mark.django_db
def test_me_after_a_staff_user_deleted_the_row_is_answered() -> None:
    ada = Person("ada", by_secret(minted(email=EMAIL)))
    assert_login(ada.get("/api/me"))
    User.objects.all().delete()

    assert_login(ada.get("/api/me"))
    assert emails() == {"ada": EMAIL}


@pytest.mark.django_db
def test_of_two_users_who_come_with_one_email_at_the_same_time_the_second_does_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str | None] = []

    def write_once_taken(caller: Caller, email: str | None) -> tuple[bool, bool]:
        written.append(email)
        if email is not None:  # The other's row went in after this statement had looked for it.
            raise IntegrityError("user_email_key")
        return write_user(caller, email)

    monkeypatch.setattr(users, "write_user", write_once_taken)

    visit(email=EMAIL)

    assert written == [EMAIL, None]
    assert emails() == {"ada": PLACEHOLDER}
