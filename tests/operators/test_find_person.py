"""Support finds a person by id or by email in any case, and is told what to do if that is nobody or several."""

from collections.abc import Callable

import pytest

from accounts.models import User
from accounts.people import PersonNotFoundError, SeveralPeopleError, find_person, require_person


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    for user_id, name, email in (
        ("k3mX", "Anna Bauer", "anna@example.com"),
        ("p9Qr", "Bob", "Bob.Mirrored@Example.com"),
        ("t1", "Twin", "twin@example.com"),
        ("t2", "Twin", "Twin@example.com"),
    ):
        User.objects.create(id=user_id, name=name, email=email, email_verified=True)


@pytest.mark.parametrize(
    ("text", "user_id"),
    [
        ("k3mX", "k3mX"),
        ("anna@example.com", "k3mX"),
        ("Anna@Example.COM", "k3mX"),
        (" anna@example.com\n", "k3mX"),
        ("bob.mirrored@example.com", "p9Qr"),
        ("Bob.Mirrored@Example.com", "p9Qr"),
        ("Twin@example.com", "t2"),
    ],
)
def test_an_id_or_an_email_in_any_case_finds_its_person(text: str, user_id: str) -> None:
    assert find_person(text).pk == user_id


def test_emails_that_differ_only_in_case_are_several_people_and_each_is_named() -> None:
    with pytest.raises(SeveralPeopleError, match="give the id") as refusal:
        find_person("TWIN@example.com")

    assert "twin@example.com (t1)" in str(refusal.value)
    assert "Twin@example.com (t2)" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "similar"),
    [("anna@exmaple.com", "anna@example.com (k3mX)"), ("bauer", "anna@example.com (k3mX)"), ("K3MX", ""), ("", "")],
)
def test_nobody_is_an_error_that_names_who_may_be_meant(text: str, similar: str) -> None:
    with pytest.raises(PersonNotFoundError) as refusal:
        find_person(text)

    assert str(refusal.value).startswith(f"Nobody has the id or the email {text!r}.")
    assert ("Did you mean" in str(refusal.value)) is bool(similar)
    assert similar in str(refusal.value)


@pytest.mark.parametrize("find", [find_person, require_person])
def test_text_that_postgresql_cannot_hold_is_nobody(find: Callable[[str], User]) -> None:
    with pytest.raises(PersonNotFoundError):
        find("a\0b")


def test_an_id_that_looks_like_the_email_of_somebody_else_is_ambiguous() -> None:
    User.objects.create(id="anna@example.com", name="", email="x@no-email.invalid", email_verified=False)

    with pytest.raises(SeveralPeopleError):
        find_person("anna@example.com")
    assert require_person("anna@example.com").email == "x@no-email.invalid"
