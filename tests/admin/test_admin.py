"""Operators find people and tasks under /admin, see no credential there, and undo nothing that others did meanwhile."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User as Operator
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.admin import BoundedPaginator
from accounts.models import Account, Session, User
from tasks.models import Task
from tests.support.people import Person

TASKS = "/admin/tasks/task/"
USERS = "/admin/accounts/user/"
OPERATORS_HASH = "pbkdf2_sha256$1$salt$the-hash-of-the-operators-password"
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
def operator(db: None) -> Client:
    """An operator who is signed in."""
    client = Client()
    client.force_login(
        Operator.objects.create(username="operator", password=OPERATORS_HASH, is_staff=True, is_superuser=True)
    )
    return client


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


def html_of(client: Client, address: str) -> str:
    """The page at `address`."""
    response = client.get(address)
    assert response.status_code == 200, response.headers.get("Location")
    return response.content.decode()


def listed(client: Client, address: str) -> list[str]:
    """The first column of the list at `address`."""
    return re.findall(r'<th class="field-\w+"><a href="[^"]*">(.*?)</a>', html_of(client, address))


# Pages and their policy


def test_without_signing_in_there_is_only_the_login_page(client: Client) -> None:
    for address in ("/admin/", TASKS, USERS):
        assert client.get(address).headers["Location"] == f"/admin/login/?next={address}"


def test_an_operator_signs_in(db: None, client: Client) -> None:
    Operator.objects.create_superuser("operator", "operator@example.com", "a password")

    response = client.post("/admin/login/?next=/admin/", {"username": "operator", "password": "a password"})

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
def test_every_page_loads_from_this_server_alone_and_keeps_its_own_policy(
    operator: Client, people: list[dict[str, Any]], address: str
) -> None:
    client = Client() if "login" in address else operator

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
def test_no_page_shows_a_credential(operator: Client, people: list[dict[str, Any]], address: str) -> None:
    html = html_of(operator, address.format(task=people[0]["id"]))

    assert not [secret for secret in SECRETS if secret in html]


@pytest.mark.parametrize("model", ["session", "account", "verification", "jwk"])
def test_better_auths_credentials_have_no_page(operator: Client, model: str) -> None:
    assert operator.get(f"/admin/accounts/{model}/").status_code == 404


def test_the_operators_own_password_is_on_no_page(operator: Client) -> None:
    for address in ("/admin/", "/admin/auth/user/", f"/admin/auth/user/{Operator.objects.get().pk}/change/"):
        assert "the-hash-of-the-operators-password" not in html_of(operator, address)


# People


def test_people_are_listed_with_the_latest_first(operator: Client, people: list[dict[str, Any]]) -> None:
    assert listed(operator, USERS) == ["stranger@example.com", "owner@example.com"]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("owner", ["owner@example.com"]),
        ("owner@example.com", ["owner@example.com"]),
        ("OWNER@exa", ["owner@example.com"]),
        ("  stran ", ["stranger@example.com"]),
        ("example.com", []),
        ("%25", []),
        ("", ["stranger@example.com", "owner@example.com"]),
    ],
)
def test_people_are_found_by_id_or_the_beginning_of_their_email(
    operator: Client, people: list[dict[str, Any]], term: str, found: list[str]
) -> None:
    assert listed(operator, f"{USERS}?q={term}") == found


def test_people_are_filtered_by_ban(operator: Client, people: list[dict[str, Any]]) -> None:
    User.objects.filter(pk="stranger").update(banned=True)

    assert listed(operator, f"{USERS}?banned__exact=1") == ["stranger@example.com"]


def test_people_are_read_only(operator: Client, people: list[dict[str, Any]]) -> None:
    page = html_of(operator, f"{USERS}owner/change/")

    assert 'name="email"' not in page
    assert 'name="_save"' not in page
    assert operator.get(f"{USERS}add/").status_code == 403
    assert operator.post(f"{USERS}owner/change/", {"email": "other@example.com"}).status_code == 403
    assert operator.post(f"{USERS}owner/delete/", {"post": "yes"}).status_code == 403
    assert operator.post(USERS, {"action": "delete_selected", "_selected_action": "owner"}).status_code < 500
    assert User.objects.get(pk="owner").email == "owner@example.com"


def test_a_persons_page_leads_to_their_tasks(operator: Client, people: list[dict[str, Any]]) -> None:
    (address,) = re.findall(rf'href="({TASKS}\?[^"]*)"', html_of(operator, f"{USERS}owner/change/"))

    assert sorted(listed(operator, address)) == ["Buy bread", "Buy milk"]


# Tasks


def test_tasks_are_listed_with_the_latest_first_and_their_owners(
    operator: Client, people: list[dict[str, Any]]
) -> None:
    assert listed(operator, TASKS) == ["Call mother", "Buy bread", "Buy milk"]
    assert f'<a href="{USERS}owner/change/">Owner</a>' in html_of(operator, TASKS)


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("owner", ["Buy bread", "Buy milk"]),
        ("stranger@", ["Call mother"]),
        ("Stranger@Example", ["Call mother"]),
        ("{first}", ["Buy milk"]),
        ("99999999999999999999999999", []),
        ("²", []),
        ("milk", []),
        ("", ["Call mother", "Buy bread", "Buy milk"]),
    ],
)
def test_tasks_are_found_by_id_or_by_their_owner(
    operator: Client, people: list[dict[str, Any]], term: str, found: list[str]
) -> None:
    assert listed(operator, f"{TASKS}?q={term.format(first=people[0]['id'])}") == found


def test_tasks_are_filtered_by_completion(operator: Client, people: list[dict[str, Any]]) -> None:
    assert listed(operator, f"{TASKS}?completed__exact=1") == ["Buy bread"]
    assert listed(operator, f"{TASKS}?completed__exact=0") == ["Call mother", "Buy milk"]


def test_text_of_a_task_is_no_markup(operator: Client, owner: Person) -> None:
    title = "<script>alert(1)</script>"
    task = owner.has_task(title)

    for address in (TASKS, f"{TASKS}{task['id']}/change/"):
        html = html_of(operator, address)
        assert title not in html
        assert escape(title) in html


@pytest.mark.parametrize("address", [TASKS, USERS, f"{TASKS}?q=owner", f"{TASKS}?completed__exact=0"])
def test_a_list_takes_as_many_statements_for_fifty_rows_as_for_three(
    operator: Client, people: list[dict[str, Any]], address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(50):
        User.objects.create(id=f"u{number}", name="", email=f"u{number}@example.com", email_verified=False)
        Task.objects.create(user_id=f"u{number}", title="x")
        Task.objects.create(user_id="owner", title="y")

    with django_assert_max_num_queries(6):
        html_of(operator, address)


def test_a_list_counts_no_further_than_an_operator_pages(
    operator: Client, people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedPaginator, "furthest", 2)

    assert "2 tasks" in html_of(operator, TASKS)


# Changing a task


def form_of(operator: Client, address: str) -> dict[str, str]:
    """What a browser would send back of a form's page, unchanged: line breaks become two characters."""
    fields = Form(html_of(operator, address)).fields
    return {name: value.replace("\r\n", "\n").replace("\n", "\r\n") for name, value in fields.items()}


class Form(HTMLParser):
    """The fields of the forms on a page, filled in as the page shows them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.textarea: str | None = None
        self.select: str = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note an input's value, what is selected, and where a text area begins."""
        given = {name: value or "" for name, value in attributes}
        if tag == "textarea":
            self.textarea = given["name"]
            self.fields[self.textarea] = ""
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and "selected" in given:
            self.fields[self.select] = given["value"]
        elif tag == "input" and "name" in given and (given["type"] != "checkbox" or "checked" in given):
            self.fields[given["name"]] = given.get("value", "on" if given["type"] == "checkbox" else "")

    def handle_data(self, text: str) -> None:
        """Note what stands in a text area; the page's own first line break does not count."""
        if self.textarea:
            self.fields[self.textarea] += text.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        """A text area ends."""
        if tag == "textarea":
            self.textarea = None


def save(operator: Client, task: dict[str, Any], form: dict[str, str]) -> Task:
    """Send `form` back, and return the task as it is then."""
    response = operator.post(page_of(task), form)
    assert response.status_code == 302, response.content.decode()
    return Task.objects.get(pk=task["id"])


def page_of(task: dict[str, Any]) -> str:
    """The address of a task's page."""
    return f"{TASKS}{task['id']}/change/"


def test_an_operator_makes_a_task(operator: Client, owner: Person) -> None:
    form = form_of(operator, f"{TASKS}add/")

    response = operator.post(f"{TASKS}add/", {**form, "user": "owner", "title": "  Buy milk ", "description": ""})

    assert response.status_code == 302, response.content.decode()
    (task,) = owner.get(owner.tasks).json
    assert (task["title"], task["description"], task["completed"]) == ("Buy milk", None, False)


def test_what_an_operator_changes_is_written(operator: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk", description="Two litres")
    form = form_of(operator, page_of(task))

    after = save(operator, task, {**form, "title": " x ", "description": "y", "completed": "on"})

    assert (after.title, after.description, after.completed) == ("x", "y", True)
    assert after.updated_at > after.created_at
    form = form_of(operator, page_of(task))
    assert save(operator, task, {name: form[name] for name in form if name != "completed"}).completed is False


def test_saving_a_task_as_it_is_writes_nothing(operator: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk", description="  Two\nlitres\n\n")

    save(operator, task, form_of(operator, page_of(task)))

    assert owner.get(owner.path(task)).json == task


def test_a_description_keeps_its_line_breaks_and_its_white_space(operator: Client, owner: Person) -> None:
    task = owner.has_task()
    form = form_of(operator, page_of(task))

    after = save(operator, task, {**form, "description": " One\r\n\r\nTwo \r\n"})

    assert after.description == " One\n\nTwo \n"


def test_an_emptied_description_is_none(operator: Client, owner: Person) -> None:
    task = owner.has_task(description="Two litres")

    after = save(operator, task, {**form_of(operator, page_of(task)), "description": ""})

    assert after.description is None


def test_a_task_keeps_its_owner(operator: Client, people: list[dict[str, Any]]) -> None:
    form = form_of(operator, page_of(people[0]))
    assert "user" not in form

    after = save(operator, people[0], {**form, "user": "stranger", "user_id": "stranger", "title": "x"})

    assert (after.user_id, after.title) == ("owner", "x")


@pytest.mark.parametrize(
    "change", [{"title": "   "}, {"title": "x" * 201}, {"description": "x" * 1001}, {"title": "a\0b"}]
)
def test_an_operator_is_told_what_the_api_would_refuse(operator: Client, owner: Person, change: dict[str, str]) -> None:
    task = owner.has_task()

    response = operator.post(page_of(task), {**form_of(operator, page_of(task)), **change})

    assert response.status_code == 200
    assert 'class="errorlist' in response.content.decode()
    assert owner.get(owner.path(task)).json == task


@pytest.mark.django_db
def test_a_session_that_no_database_can_hold_is_no_session(client: Client) -> None:
    client.cookies["sessionid"] = "\0" * 32

    assert client.get("/admin/login/").status_code == 200
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
