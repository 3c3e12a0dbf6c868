"""A time of Better Auth that Python or a time zone cannot hold breaks no page and no request."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Session, User
from accounts.standing import forget_callers
from accounts.users import USER_IS_BANNED
from tasks.admin.dashboard import numbers
from tests.support.admin_pages import USERS, html_of, told
from tests.support.people import Person

PAGES = ("/admin/", USERS, f"{USERS}owner/change/", f"{USERS}owner/history/", f"{USERS}owner/errands/lift/")
ZONES = ("America/Los_Angeles", "Asia/Tokyo")
PAST = ("-infinity", "0044-03-15 12:00:00+00 BC", "0001-01-01 00:00:00+00")
FUTURE = ("9999-12-31 23:59:59+00", "10000-01-01 07:59:59+00", "infinity")


@pytest.fixture
def shared(owner: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    Session.objects.create(id="s1", user_id="owner", token="t", expires_at=timezone.now(), updated_at=timezone.now())


def set_times(at: str, *, banned: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "user" SET "createdAt" = %(at)s, "updatedAt" = %(at)s, banned = %(banned)s, "banExpires" = %(at)s',
            {"at": at, "banned": banned},
        )
        cursor.execute(
            'UPDATE session SET "createdAt" = %(at)s, "updatedAt" = %(at)s, "expiresAt" = %(at)s', {"at": at}
        )
    forget_callers()


@pytest.mark.parametrize("at", PAST + FUTURE)
def test_a_time_that_no_page_can_show_breaks_none(staff: Client, owner: Person, shared: None, at: str) -> None:
    set_times(at, banned=True)
    if at in PAST:  # Such a ban has ended.
        assert owner.get("/api/me").status == 200

    for zone in ZONES:
        numbers.clear()  # The front page counts them again.
        staff.cookies["operator_timezone"] = zone
        for page in PAGES:
            assert html_of(staff, page)


@pytest.mark.parametrize("at", FUTURE)
def test_a_ban_until_after_all_time_is_one_without_an_end(staff: Client, owner: Person, shared: None, at: str) -> None:
    set_times(at, banned=True)

    for path in ("/api/me", "/api/owner/tasks"):
        answer = owner.get(path)
        assert (answer.status, answer.json["detail"]) == (401, USER_IS_BANNED)
    assert "without an end" in html_of(staff, f"{USERS}owner/change/")


@pytest.mark.parametrize("zone", ZONES)
def test_a_ban_of_more_than_a_hundred_years_is_refused(staff: Client, owner: Person, shared: None, zone: str) -> None:
    staff.cookies["operator_timezone"] = zone
    far = {"until_0": "9999-12-31", "until_1": "23:59:59"}

    answer = told(staff, f"{USERS}owner/errands/ban/", {"reason": "x", **far})

    assert "more than 100 years away" in answer
    assert not User.objects.get(pk="owner").banned


def test_a_ban_of_ninety_nine_years_is_one(staff: Client, owner: Person, shared: None) -> None:
    until = timezone.now() + timedelta(days=365 * 99)

    told(
        staff,
        f"{USERS}owner/errands/ban/",
        {"reason": "x", "until_0": f"{until:%Y-%m-%d}", "until_1": f"{until:%H:%M:%S}"},
    )

    assert User.objects.get(pk="owner").ban_expires == until.replace(microsecond=0)
