"""The page of a person says how they stand, and what an operator does there is done, recorded and undone."""

import json
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.auth.models import User as StaffUser
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Account, Block, Session, User
from accounts.users import USER_IS_BANNED
from tasks.models import Task, TaskChange
from tests.support.admin_pages import TASKS, USERS, html_of, listed
from tests.support.people import STAFF_HASH, Person
from todo_project.roles import VIEWER

PAGE = f"{USERS}owner/change/"


def do(staff: Client, name: str, user_id: str = "owner", **sent: str) -> str:
    """Send the form of an errand; what the page that follows says."""
    response = staff.post(f"{USERS}{user_id}/errands/{name}/", {"sent": "yes", **sent}, follow=True)
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.fixture
def shared(owner: Person, stranger: Person, settings: Settings) -> None:
    """Better Auth shares the database, and the owner has signed in twice, by password and by GitHub."""
    settings.BETTER_AUTH_SHARED_DATABASE = True
    for number in (1, 2):
        Session.objects.create(
            id=f"s{number}",
            user_id="owner",
            token=f"secret-token-{number}",
            expires_at=timezone.now() + timedelta(days=7),
            updated_at=timezone.now(),
            ip_address="192.0.2.7",
            user_agent="Firefox",
        )
    for provider in ("credential", "github"):
        Account.objects.create(
            id=provider,
            account_id="owner",
            provider_id=provider,
            user_id="owner",
            password="secret-hash",
            access_token="secret-access",
            updated_at=timezone.now(),
        )


def test_a_persons_page_says_all_that_support_asks_for(staff: Client, owner: Person, shared: None) -> None:
    owner.has_task("open", due_date="2020-01-01"), owner.has_task("done", completed=True)
    owner.delete(owner.path(owner.has_task("trashed")))

    page = html_of(staff, PAGE)

    assert all(text in page for text in ("2 tasks", "1 open", "1 overdue", "1 completed", "1 in the trash"))
    assert all(text in page for text in ("Active", "192.0.2.7", "Firefox", "password, github", "owner@example.com"))
    assert "1 task moved to the trash in the app" in page
    assert "secret" not in page


@pytest.mark.parametrize(
    ("permissions", "shown"),
    [
        (["accounts.view_user"], []),
        (["accounts.view_user", "tasks.view_task"], ["1 open"]),
        (["accounts.view_user", "tasks.view_taskchange"], ["All of the history"]),
        (VIEWER, ["1 open", "All of the history"]),
    ],
    ids=["neither", "tasks", "history", "viewer"],
)
def test_a_persons_page_shows_tasks_and_acts_to_those_who_may_view_them(
    owner: Person, permissions: list[str], shown: list[str]
) -> None:
    owner.has_task("Buy milk")
    anna = StaffUser.objects.create(username="anna", password=STAFF_HASH, is_staff=True)
    anna.user_permissions.set(
        Permission.objects.get(content_type__app_label=app, codename=name)
        for app, _, name in (permission.partition(".") for permission in permissions)
    )
    client = Client()
    client.force_login(anna)

    page = html_of(client, PAGE)

    assert "owner@example.com" in page
    assert [text for text in ("1 open", "All of the history") if text in page] == shown


def test_a_person_without_anything_has_a_page(staff: Client, owner: Person) -> None:
    page = html_of(staff, PAGE)

    assert all(text in page for text in ("0 tasks", "None is recorded", "Better Auth has a database of its own"))


def test_a_banned_person_is_refused_reads_as_banned_and_is_signed_out(
    staff: Client, owner: Person, shared: None
) -> None:
    until = (timezone.now() + timedelta(days=3)).date()

    told = do(staff, "ban", reason="Sends spam", until_0=str(until), until_1="12:00:00")

    assert "Owner: Banned, and 2 sessions ended." in told
    assert f"until {until.day} {until:%b} {until.year}, 12:00: Sends spam" in told
    assert owner.get("/api/me").json["detail"] == USER_IS_BANNED
    user = User.objects.get(pk="owner")
    assert (user.banned, user.ban_reason, user.ban_expires and user.ban_expires.hour) == (True, "Sends spam", 12)
    assert "Banned" in html_of(staff, USERS)
    assert "Owner: Lifted the ban." in do(staff, "lift")
    assert owner.get("/api/me").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"reason": "", "until_0": "", "until_1": ""},
        {"reason": "x", "until_0": "2020-01-01", "until_1": "12:00"},
        {"reason": "x", "until_0": "x", "until_1": ""},
        {"reason": "x" * 501, "until_0": "", "until_1": ""},
    ],
)
def test_a_ban_that_makes_no_sense_is_refused(staff: Client, owner: Person, shared: None, sent: dict[str, str]) -> None:
    assert "Please correct what is below." in do(staff, "ban", **sent)

    assert owner.get("/api/me").status == 200


def test_signing_out_everywhere_ends_each_session(staff: Client, owner: Person, stranger: Person, shared: None) -> None:
    soon = timezone.now() + timedelta(days=7)
    Session.objects.create(id="s3", user_id="stranger", token="t", expires_at=soon, updated_at=soon)

    assert "Signed out everywhere: 2 sessions ended." in do(staff, "sign_out")

    assert list(Session.objects.values_list("user_id", flat=True)) == ["stranger"]


def test_a_block_where_the_database_is_apart(staff: Client, owner: Person) -> None:
    assert "errands/ban/" not in html_of(staff, PAGE)

    assert "Owner: Blocked." in do(staff, "block", reason="Sends spam")

    assert owner.get("/api/me").status == 401
    page = unescape(html_of(staff, PAGE))
    assert "by staff: Sends spam" in page
    assert "errands/block/" not in page
    assert "Owner: Lifted the block." in do(staff, "unblock")
    assert owner.get("/api/me").status == 200


@pytest.mark.parametrize("name", ["ban", "lift", "unblock", "sign_out"])
def test_an_errand_that_does_not_apply_is_not_done(staff: Client, owner: Person, name: str) -> None:
    assert "does not apply to this person now" in do(staff, name)

    assert not LogEntry.objects.exists()


def test_an_errand_that_does_not_exist_is_not_found(staff: Client, owner: Person) -> None:
    assert staff.get(f"{USERS}owner/errands/promote/").status_code == 404
    assert staff.get(f"{USERS}nobody/errands/block/").status_code == 404


def test_an_export_is_the_file_that_the_person_would_get(staff: Client, owner: Person) -> None:
    owner.has_task("Buy milk")

    response = staff.post(f"{USERS}owner/errands/export/", {"sent": "yes"})

    assert response.headers["Content-Disposition"] == 'attachment; filename="owner.json"'
    assert json.loads(response.getvalue()) == owner.get("/api/owner/export").json
    assert "Exported all data" in LogEntry.objects.get().change_message


@pytest.mark.parametrize("typed", ["", "stranger", "Owner", "owner@example.co"])
def test_an_erasure_without_the_name_typed_is_refused(staff: Client, owner: Person, typed: str) -> None:
    owner.has_task()

    assert "Please correct what is below." in do(staff, "erase", typed=typed)

    assert Task.objects.exists()


@pytest.mark.parametrize("typed", ["owner", "owner@example.com"])
def test_an_erasure_leaves_nothing_but_its_record(
    staff: Client, owner: Person, stranger: Person, typed: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    owner.has_task("Buy milk"), stranger.has_task()
    assert staff.post(f"{USERS}owner/errands/export/", {"sent": "yes"}).getvalue()

    do(staff, "erase", typed=typed)

    assert list(Task.objects.values_list("user_id", flat=True)) == ["stranger"]
    assert not User.objects.filter(pk="owner").exists()
    assert json.loads(LogEntry.objects.get().change_message) == {"text": "Erased all data"}
    assert "Operator 'staff', user 'owner': Erased all data" in caplog.text
    assert "Erased all data" in html_of(staff, "/admin/")


def test_an_erasure_where_the_database_is_shared_leads_back_to_the_account(
    staff: Client, owner: Person, shared: None
) -> None:
    owner.has_task()

    assert "Owner: Erased all data." in do(staff, "erase", typed="owner")

    assert User.objects.filter(pk="owner").exists()


@pytest.mark.parametrize("target", ["stranger", "STRANGER@example.com", " stranger "])
def test_tasks_are_moved_to_another_person(staff: Client, owner: Person, stranger: Person, target: str) -> None:
    owner.has_task("Buy milk")

    assert "Owner: Moved 1 task to person stranger." in do(staff, "move", target=target)

    assert [row["title"] for row in stranger.get(stranger.tasks).json] == ["Buy milk"]
    assert listed(staff, f"{TASKS}?person=stranger") == ["Buy milk"]
    assert set(LogEntry.objects.values_list("object_id", flat=True)) == {"owner", "stranger"}
    assert "moved here from another person" in html_of(staff, f"{USERS}stranger/history/")


@pytest.mark.parametrize("target", ["", "nobody", "owner", "owner@example.com", "many@example.com"])
def test_tasks_are_moved_to_nobody_else(staff: Client, owner: Person, target: str) -> None:
    for number, email in enumerate(("many@example.com", "Many@example.com")):
        User.objects.create(id=f"u{number}", name="", email=email, email_verified=False)
    owner.has_task()

    assert "Please correct what is below." in do(staff, "move", target=target)

    assert TaskChange.objects.count() == 1


def test_a_block_stays_when_somebody_blocks_again(staff: Client, owner: Person) -> None:
    do(staff, "block", reason="One")
    Block.objects.all().update(operator="before")

    assert "does not apply" in do(staff, "block", reason="Two")
    assert Block.objects.get().reason == "One"


def test_the_list_of_tasks_of_one_person_says_whose_it_is(staff: Client, owner: Person, stranger: Person) -> None:
    owner.has_task("Buy milk"), stranger.has_task("Buy milk, too")
    address = f"{TASKS}?person=owner&q=milk"

    page = html_of(staff, address)

    assert listed(staff, address) == ["Buy milk"]
    assert "Owner (owner@example.com)" in page
    assert 'name="person" value="owner"' in page
    assert "Nobody has the id nobody" in html_of(staff, f"{TASKS}?person=nobody")
    assert "By person" not in html_of(staff, TASKS)


def columns(staff: Client, address: str) -> Any:
    return sorted(listed(staff, address))


def test_the_filters_of_tasks_tell_the_truth(staff: Client, owner: Person) -> None:
    today = timezone.localdate()
    owner.has_task("late", due_date=str(today - timedelta(days=1)))
    owner.has_task("today", due_date=str(today))
    owner.has_task("done late", due_date=str(today - timedelta(days=1)), completed=True)
    old = owner.has_task("old")
    owner.delete(owner.path(owner.has_task("trashed late", due_date=str(today - timedelta(days=1)))))
    Task.objects.filter(pk=old["id"]).update(created_at=timezone.now() - timedelta(days=8))

    assert columns(staff, f"{TASKS}?status=overdue") == ["late"]
    assert columns(staff, f"{TASKS}?status=pending") == ["late", "old", "today"]
    assert columns(staff, f"{TASKS}?status=completed") == ["done late"]
    assert columns(staff, f"{TASKS}?status=deleted") == ["trashed late"]
    assert columns(staff, f"{TASKS}?status=all") == ["done late", "late", "old", "today"]
    assert "old" not in columns(staff, f"{TASKS}?created=today")
    assert len(columns(staff, f"{TASKS}?created=today")) == 4
    assert len(columns(staff, f"{TASKS}?created=7")) == 4
    assert len(columns(staff, f"{TASKS}?created=30")) == 5
    assert len(columns(staff, f"{TASKS}?created=x&status=x")) == 5
