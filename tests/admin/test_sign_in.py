"""Operators' sign-in is bounded and logged, and a guess that is refused costs no hash."""

import pytest
from django.contrib.auth.models import User as StaffUser
from django.db.models import F
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import FailedSignIn
from todo_project import sign_in

LOGIN = "/admin/login/"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def hashes(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names whose password was hashed to be compared; `anna` is an operator, `ben` is none."""
    StaffUser.objects.create_user("anna", password=PASSWORD, is_staff=True)
    StaffUser.objects.create_user("ben", password=PASSWORD)
    hashed: list[str] = []
    check = StaffUser.check_password

    def noted(user: StaffUser, password: str) -> bool:
        hashed.append(user.username)
        return bool(check(user, password))

    monkeypatch.setattr(StaffUser, "check_password", noted)
    monkeypatch.setattr(StaffUser, "set_password", lambda user, password: hashed.append("nobody"))
    return hashed


def guess(username: str = "anna", password: str = "wrong", address: str = "192.0.2.1", **headers: str) -> int:
    sent = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post(LOGIN, sent, headers=headers).status_code


def test_an_operator_signs_in_and_it_is_logged(hashes: list[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    assert guess(password=PASSWORD) == 302

    assert "Sign-in of operator 'anna' from 192.0.2.1: signed in." in caplog.text
    assert not FailedSignIn.objects.exists()


def test_a_failed_sign_in_is_logged_without_the_password(hashes: list[str], caplog: pytest.LogCaptureFixture) -> None:
    assert guess(password="a secret guess") == 200
    assert guess("no\nbody", password="a secret guess") == 200

    assert "Sign-in of operator 'anna' from 192.0.2.1: failed." in caplog.text
    assert r"'no\nbody' from 192.0.2.1: failed, there is no such operator." in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("username", ["nobody", "ben", "x" * 300])
def test_a_name_of_no_operator_costs_no_hash(hashes: list[str], username: str) -> None:
    assert guess(username, PASSWORD) == 200

    assert hashes == []


def test_one_name_is_guessed_at_so_often_and_no_more(hashes: list[str], caplog: pytest.LogCaptureFixture) -> None:
    answers = [guess(address=f"192.0.2.{number}") for number in range(sign_in.MAX_PER_NAME + 3)]

    assert answers == [200] * sign_in.MAX_PER_NAME + [429] * 3
    assert hashes == ["anna"] * sign_in.MAX_PER_NAME
    assert "refused, after too many failed ones" in caplog.text
    assert guess(password=PASSWORD, address="192.0.2.99") == 429
    assert FailedSignIn.objects.count() == sign_in.MAX_PER_NAME


def test_one_address_guesses_so_often_and_no_more(hashes: list[str]) -> None:
    answers = [guess(f"name{number}") for number in range(sign_in.MAX_PER_ADDRESS + 3)]

    assert answers == [200] * sign_in.MAX_PER_ADDRESS + [429] * 3
    assert guess(password=PASSWORD) == 429
    assert guess(password=PASSWORD, address="192.0.2.2") == 302


def test_after_a_while_the_right_password_is_taken_again(hashes: list[str]) -> None:
    for _ in range(sign_in.MAX_PER_NAME):
        guess()
    assert guess(password=PASSWORD) == 429

    FailedSignIn.objects.update(at=F("at") - sign_in.WINDOW)

    assert guess(password=PASSWORD) == 302
    assert not FailedSignIn.objects.exists()


def test_the_page_that_refuses_says_when_to_try_again(hashes: list[str]) -> None:
    for _ in range(sign_in.MAX_PER_NAME):
        guess()

    response = Client().post(LOGIN, {"username": "anna", "password": PASSWORD})

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert "Too many sign-ins have failed." in response.content.decode()


def test_a_form_without_name_or_password_costs_nothing(hashes: list[str]) -> None:
    assert [guess(""), guess(password="")] == [200, 200]

    assert hashes == []
    assert not FailedSignIn.objects.exists()


def test_the_addresses_of_one_ipv6_network_guess_together(hashes: list[str], caplog: pytest.LogCaptureFixture) -> None:
    answers = [guess(f"name{number}", address=f"2001:db8::{number:x}") for number in range(sign_in.MAX_PER_ADDRESS + 1)]

    assert answers == [200] * sign_in.MAX_PER_ADDRESS + [429]
    assert "from 2001:db8::1: failed" in caplog.text, "the log has the address itself"
    assert guess(password=PASSWORD, address="2001:db8:0:1::1") == 302


def test_the_session_is_for_the_admin_alone_and_for_a_day_of_work(hashes: list[str], settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client = Client()

    client.post(LOGIN, {"username": "anna", "password": PASSWORD})

    cookie = client.cookies["sessionid"]
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == ("/admin", 12 * 60 * 60, "Lax")
    assert cookie["secure"]
    assert cookie["httponly"]
