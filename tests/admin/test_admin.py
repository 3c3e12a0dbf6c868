"""Operators find users and tasks under /admin, see no credential there, and undo nothing that others did meanwhile."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User as StaffUser
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import admin_lists
from accounts.models import Account, Block, Session, User
from tasks.models import Task
from tests.support.admin_pages import TASKS, USERS, form_of, html_of, listed, page_of, save
from tests.support.people import Person

SECRETS = ("session-token-of-the-owner", "password-hash-of-the-owner", "access-token-of-the-owner")


class Page(HTMLParser):
    """What an HTML page would load and run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what a policy of 'self' would refuse, and what the page loads."""
        given = dict(attributes)
        self.inline += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.inline.append(tag)
        loaded = "href" if tag == "link" else "src"
        if tag in {"link", "script", "img", "iframe"} and (address := given.get(loaded)):
            self.addresses.append(address)


@pytest.fixture
def people(owner: Person, stranger: Person) -> list[dict[str, Any]]:
    """The owner's two tasks and the later stranger's one; the owner has signed in with Better Auth."""
    User.objects.filter(pk="owner").update(created_at=timezone.now() - timedelta(days=1))
    soon = timezone.now() + timedelta(days=7)
    Session.objects.create(id="s1", user_id="owner", token=SECRETS[0], expires_at=soon, updated_at=soon)
    Account.objects.create(
        id="a1",
        account_id="owner",
        provider_id="credential",
        user_id="owner",
        password=SECRETS[1],
        access_token=SECRETS[2],
        updated_at=soon,
    )
    return [owner.has_task("Buy milk"), owner.has_task("Buy bread", completed=True), stranger.has_task("Call mother")]


# Pages and their policy


def test_without_signing_in_there_is_only_the_login_page(client: Client) -> None:
    for address in ("/admin/", TASKS, USERS):
        assert client.get(address).headers["Location"] == f"/admin/login/?next={address}"


def test_a_staff_user_signs_in(db: None, client: Client) -> None:
    StaffUser.objects.create_superuser("staff", "staff@example.com", "a password")

    response = client.post("/admin/login/?next=/admin/", {"username": "staff", "password": "a password"})

    assert response.status_code == 302
    assert "Todo API" in html_of(client, "/admin/")


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/login/",
        "/admin/password_change/",
        TASKS,
        f"{TASKS}add/",
        f"{TASKS}{{task}}/change/",
        f"{TASKS}{{task}}/history/",
        USERS,
        f"{USERS}owner/change/",
        "/docs",
        "/redoc",
    ],
)
def test_every_page_loads_from_this_server_only_and_keeps_its_own_policy(
    staff: Client, people: list[dict[str, Any]], address: str
) -> None:
    client = Client() if "login" in address else staff

    response = client.get(address.format(task=people[0]["id"]))

    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    page = Page(response.content.decode())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert page.addresses
    assert all(not urlsplit(source).netloc for source in page.addresses)
    assert all(inline == "style" and "'unsafe-inline'" in policy["style-src"] for inline in page.inline), page.inline
    for source in page.addresses:
        file = client.get(source)
        assert file.status_code == 200, source
        assert file.getvalue(), source  # To its end: then the test client closes the file.


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("admin/css/base.css", "text/css"),
        ("admin/js/core.js", "text/javascript"),
        ("drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js", "text/javascript"),
        ("documentation/swagger.js", "text/javascript"),
    ],
)
def test_static_files_are_served_by_the_app_itself(
    client: Client, settings: Settings, path: str, content_type: str
) -> None:
    assert settings.DEBUG is False

    file = client.get(f"/static/{path}")

    assert file.status_code == 200
    assert file.headers["Content-Type"].startswith(content_type)
    assert file.getvalue()


# Nothing secret


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        TASKS,
        f"{TASKS}?q=owner",
        f"{TASKS}{{task}}/change/",
        USERS,
        f"{USERS}?q=owner",
        f"{USERS}owner/change/",
        f"{USERS}owner/history/",
        "/admin/autocomplete/?app_label=tasks&model_name=task&field_name=user",
    ],
)
def test_no_page_shows_a_credential(staff: Client, people: list[dict[str, Any]], address: str) -> None:
    html = html_of(staff, address.format(task=people[0]["id"]))

    assert not [secret for secret in SECRETS if secret in html]


@pytest.mark.parametrize("model", ["session", "account", "verification", "jwk"])
def test_better_auths_credentials_have_no_page(staff: Client, model: str) -> None:
    assert staff.get(f"/admin/accounts/{model}/").status_code == 404


def test_the_staff_users_own_password_is_on_no_page(staff: Client) -> None:
    for address in ("/admin/", "/admin/auth/user/", f"/admin/auth/user/{StaffUser.objects.get().pk}/change/"):
        assert "the-hash-of-the-staff-password" not in html_of(staff, address)


# Users


def test_users_are_listed_with_the_latest_first(staff: Client, people: list[dict[str, Any]]) -> None:
    assert listed(staff, USERS) == ["Stranger", "Owner"]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("owner", ["Owner"]),
        ("owner@example.com", ["Owner"]),
        ("OWNER@exa", ["Owner"]),
        ("  stran ", ["Stranger"]),
        ("NER@EXAMPLE", ["Owner"]),
        ("example.com", ["Stranger", "Owner"]),
        ("wnE", ["Owner"]),
        ("%25", []),
        ("_", []),
        ("", ["Stranger", "Owner"]),
    ],
)
def test_people_are_found_by_id_or_any_part_of_email_and_name(
    staff: Client, people: list[dict[str, Any]], term: str, found: list[str]
) -> None:
    assert listed(staff, f"{USERS}?q={term}") == found


def test_people_are_filtered_by_how_they_stand(staff: Client, people: list[dict[str, Any]]) -> None:
    def ban(user_id: str, days: int) -> None:
        User.objects.filter(pk=user_id).update(banned=True, ban_expires=timezone.now() + timedelta(days=days))

    ban("stranger", 1), ban("owner", -1)

    assert listed(staff, f"{USERS}?state=banned") == ["Stranger"]
    assert listed(staff, f"{USERS}?state=active") == ["Owner"]
    Block.objects.create(pk="owner", operator="staff")
    assert listed(staff, f"{USERS}?state=blocked") == ["Owner"]
    assert listed(staff, f"{USERS}?state=active") == []
    page = html_of(staff, USERS)
    assert ">Banned</span>" in page
    assert ">Blocked</span>" in page
    assert "icon-yes" not in page.replace("email_verified", "")


def test_people_are_filtered_by_sign_up(staff: Client, people: list[dict[str, Any]]) -> None:
    User.objects.filter(pk="owner").update(created_at=timezone.now() - timedelta(days=8))

    assert listed(staff, f"{USERS}?signed_up=today") == ["Stranger"]
    assert listed(staff, f"{USERS}?signed_up=7") == ["Stranger"]
    assert listed(staff, f"{USERS}?signed_up=30") == ["Stranger", "Owner"]


def test_users_are_read_only(staff: Client, people: list[dict[str, Any]]) -> None:
    page = html_of(staff, f"{USERS}owner/change/")

    assert 'name="email"' not in page
    assert 'name="_save"' not in page
    assert staff.get(f"{USERS}add/").status_code == 403
    assert staff.post(f"{USERS}owner/change/", {"email": "other@example.com"}).status_code == 403
    assert staff.post(f"{USERS}owner/delete/", {"post": "yes"}).status_code == 403
    assert staff.post(USERS, {"action": "delete_selected", "_selected_action": "owner"}).status_code < 500
    assert User.objects.get(pk="owner").email == "owner@example.com"


def test_a_users_page_leads_to_their_tasks(staff: Client, people: list[dict[str, Any]]) -> None:
    page = html_of(staff, f"{USERS}owner/change/")
    addresses = [unescape(address) for address in re.findall(rf'href="({TASKS}\?[^"]*)"', page)]

    assert [listed(staff, address) for address in addresses] == [
        ["Buy bread", "Buy milk"],
        ["Buy milk"],
        [],
        ["Buy bread"],
        [],
    ]
    assert all(text in page for text in ("2 tasks", "1 open", "0 overdue", "1 completed", "0 in the trash"))


# Tasks


def test_tasks_are_listed_with_the_latest_first_and_their_owners(staff: Client, people: list[dict[str, Any]]) -> None:
    assert listed(staff, TASKS) == ["Call mother", "Buy bread", "Buy milk"]
    assert f'<a href="{USERS}owner/change/">Owner</a>' in html_of(staff, TASKS)


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("owner", ["Buy bread", "Buy milk"]),
        ("stranger@", ["Call mother"]),
        ("Stranger@Example", ["Call mother"]),
        ("{first}", ["Buy milk"]),
        ("99999999999999999999999999", []),
        ("²", []),
        ("milk", ["Buy milk"]),
        ("buy", ["Buy bread", "Buy milk"]),
        ("MILK buy", ["Buy milk"]),
        ("milk bread", []),
        ("owner@ bread", ["Buy bread"]),
        ("owner@example.com mother", []),
        ("Own", ["Buy bread", "Buy milk"]),
        ("", ["Call mother", "Buy bread", "Buy milk"]),
    ],
)
def test_tasks_are_found_by_id_by_person_and_by_title(
    staff: Client, people: list[dict[str, Any]], term: str, found: list[str]
) -> None:
    assert listed(staff, f"{TASKS}?q={term.format(first=people[0]['id'])}") == found


def test_tasks_are_filtered_by_completion(staff: Client, people: list[dict[str, Any]]) -> None:
    assert listed(staff, f"{TASKS}?completed__exact=1") == ["Buy bread"]
    assert listed(staff, f"{TASKS}?completed__exact=0") == ["Call mother", "Buy milk"]


def test_text_of_a_task_is_not_markup(staff: Client, owner: Person) -> None:
    title = "<script>alert(1)</script>"
    task = owner.has_task(title)

    for address in (TASKS, f"{TASKS}{task['id']}/change/"):
        html = html_of(staff, address)
        assert title not in html
        assert escape(title) in html


@pytest.mark.parametrize("address", [TASKS, USERS, f"{TASKS}?q=owner", f"{TASKS}?completed__exact=0"])
def test_a_list_takes_as_many_statements_for_fifty_rows_as_for_three(
    staff: Client, people: list[dict[str, Any]], address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(50):
        User.objects.create(id=f"u{number}", name="", email=f"u{number}@example.com", email_verified=False)
        Task.objects.create(user_id=f"u{number}", title="x")
        Task.objects.create(user_id="owner", title="y")

    with django_assert_max_num_queries(9):
        html_of(staff, address)


def test_a_list_counts_no_further_than_a_staff_user_pages(
    staff: Client, people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_lists, "MAX_ROWS", 2)

    assert "3 tasks; the first 2 are listed" in html_of(staff, TASKS)
    assert "More than 2 tasks; the first 2 are listed" in html_of(staff, f"{TASKS}?status=all")
    assert "2 tasks" in html_of(staff, f"{TASKS}?status=pending")
    assert listed(staff, TASKS) == ["Call mother", "Buy bread"]
    assert "Select all 2" not in html_of(staff, TASKS)


# Changing a task


def test_a_staff_user_makes_a_task(staff: Client, owner: Person) -> None:
    form = form_of(staff, f"{TASKS}add/")

    response = staff.post(f"{TASKS}add/", {**form, "user": "owner", "title": "  Buy milk ", "description": ""})

    assert response.status_code == 302, response.content.decode()
    (task,) = owner.get(owner.tasks).json
    assert (task["title"], task["description"], task["completed"]) == ("Buy milk", None, False)


def test_what_a_staff_user_changes_is_written(staff: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk", description="Two litres")
    form = form_of(staff, page_of(task))

    after = save(staff, task, {**form, "title": " x ", "description": "y", "completed": "on"})

    assert (after.title, after.description, after.completed) == ("x", "y", True)
    assert after.updated_at > after.created_at
    form = form_of(staff, page_of(task))
    assert save(staff, task, {name: form[name] for name in form if name != "completed"}).completed is False


def test_saving_a_task_as_it_is_writes_nothing(staff: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk", description="  Two\nlitres\n\n")

    save(staff, task, form_of(staff, page_of(task)))

    assert owner.get(owner.path(task)).json == task


def test_a_description_keeps_its_line_breaks_and_its_white_space(staff: Client, owner: Person) -> None:
    task = owner.has_task()
    form = form_of(staff, page_of(task))

    after = save(staff, task, {**form, "description": " One\r\n\r\nTwo \r\n"})

    assert after.description == " One\n\nTwo \n"


def test_an_emptied_description_is_none(staff: Client, owner: Person) -> None:
    task = owner.has_task(description="Two litres")

    after = save(staff, task, {**form_of(staff, page_of(task)), "description": ""})

    assert after.description is None


def test_a_task_keeps_its_owner(staff: Client, people: list[dict[str, Any]]) -> None:
    form = form_of(staff, page_of(people[0]))
    assert "user" not in form

    after = save(staff, people[0], {**form, "user": "stranger", "user_id": "stranger", "title": "x"})

    assert (after.user_id, after.title) == ("owner", "x")


@pytest.mark.parametrize(
    "change", [{"title": "   "}, {"title": "x" * 201}, {"description": "x" * 1001}, {"title": "a\0b"}]
)
def test_a_staff_user_sees_what_the_api_would_refuse(staff: Client, owner: Person, change: dict[str, str]) -> None:
    task = owner.has_task()

    response = staff.post(page_of(task), {**form_of(staff, page_of(task)), **change})

    assert response.status_code == 200
    assert 'class="errorlist' in response.content.decode()
    assert owner.get(owner.path(task)).json == task


@pytest.mark.django_db
def test_a_session_that_no_database_can_hold_is_not_a_session(client: Client) -> None:
    client.cookies["sessionid"] = "\0" * 32

    assert client.get("/admin/login/").status_code == 200
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
