"""An operator's day, in a real browser under the content security policy: the clicks of docs/operators.md work."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.better_auth.config import SECRET
from tests.support.api_server import Api, manage
from tests.support.browser import running_chromium
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

PASSWORD = "a password of the browser's test"
PEOPLE = ("maria", "jonas")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


SIGN_UP = """
INSERT INTO "user" (id, name, email, "emailVerified") VALUES (%(id)s, %(name)s, %(email)s, true)
"""
SIGN_IN = """
INSERT INTO session (id, token, "userId", "expiresAt", "updatedAt", "ipAddress", "userAgent")
VALUES (%(session)s, %(session)s, %(id)s, now() + interval '7 days', now(), '192.0.2.7', 'Firefox')
"""
BAN = 'SELECT banned, "banReason", "banExpires" FROM "user" WHERE id = %s'


@pytest.fixture(params=[False])
def is_shared(request: pytest.FixtureRequest) -> bool:
    """Whether Better Auth has its tables in the API's database."""
    return bool(request.param)


@pytest.fixture
def api(django_db_setup: None, is_shared: bool) -> Iterator[Api]:
    """A running API with two people, who have three tasks each, and the operator anna."""
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        created = manage(
            url,
            "createsuperuser",
            "--noinput",
            "--username=anna",
            "--email=anna@example.com",
            DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        )
        assert created.returncode == 0, created.stderr
        with (
            Api(url, BETTER_AUTH_SHARED_DATABASE=str(is_shared).lower(), BETTER_AUTH_RECHECK_SECONDS="0") as api,
            psycopg.connect(url, autocommit=True) as better_auth,
        ):
            for name in PEOPLE:
                person = {"id": name, "name": name.title(), "email": f"{name.title()}@example.com"}
                if is_shared:
                    better_auth.execute(SIGN_UP, person)
                for device in ("phone", "laptop") if is_shared else ():
                    better_auth.execute(SIGN_IN, {**person, "session": f"{name}-{device}"})
                for title in ("Buy milk", "Call the dentist", "Write a letter"):
                    assert as_person(api, name, "POST", {"title": title}).status == 201
            yield api


def as_person(api: Api, name: str, method: str, body: Any = None, path: str = "") -> Any:
    token = token_of(name, secret=SECRET, email=f"{name.title()}@example.com", name=name.title())
    return api.send(method, f"/api/{name}/tasks{path}", body, Authorization=f"Bearer {token}")


@pytest.fixture
def page(chromium: Browser, api: Api) -> Iterator[Page]:
    """A page of the operator's browser, in Berlin. Nothing may be refused by the policy or fail in a script."""
    context = chromium.new_context(base_url=f"http://127.0.0.1:{api.port}", timezone_id="Europe/Berlin")
    page, wrong = context.new_page(), list[str]()

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in str(message.location):
            wrong.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    yield page
    context.close()
    assert wrong == []


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def search(page: Page, term: str) -> None:
    page.get_by_label("Search", exact=True).fill(term)
    page.get_by_role("button", name="Search").click()


def test_an_operator_takes_back_what_was_done_to_tasks(page: Page, api: Api) -> None:
    sign_in(page)
    expect(page.get_by_role("img", name=re.compile("Tasks created in 30 days: 6"))).to_be_visible()
    page.get_by_text("The numbers of the charts").click()
    expect(page.get_by_role("columnheader", name="Sign-ups")).to_be_visible()

    # A person says: all of my tasks are gone. The history tells what happened, and one click takes it back.
    assert as_person(api, "maria", "DELETE", path="?status=all").status == 200
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="People").click()
    search(page, "MARIA@")
    page.get_by_role("link", name="Maria").click()
    expect(page.get_by_text("3 in the trash")).to_be_visible()
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_text("Times are in Europe/Berlin").first).to_be_visible()
    page.get_by_role("button", name="Undo revision 4: 3 tasks moved to the trash").click()
    expect(page.get_by_text("Undid revision 4: 3 tasks.")).to_be_visible()
    assert len(as_person(api, "maria", "GET").json) == 3

    # An act on many tasks asks first, and is taken back.
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Tasks").click()
    search(page, "milk")
    page.get_by_label("Select all objects on this page").check()
    page.get_by_label("Action:").select_option(label="Complete the selected tasks")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name="Complete 2 tasks of 2 people?")).to_be_visible()
    page.get_by_role("button", name="Complete 2 tasks").click()
    expect(page.get_by_role("heading", name="2 tasks of 2 people changed")).to_be_visible()
    page.get_by_role("button", name="Undo all of this").click()
    expect(page.get_by_text("Undid revision 4: 1 task", exact=True)).to_be_visible()
    assert not any(task["completed"] for name in PEOPLE for task in as_person(api, name, "GET").json)

    # A task is restored on its own page.
    task = as_person(api, "jonas", "GET").json[0]["id"]
    assert as_person(api, "jonas", "DELETE", path=f"/{task}").status == 204
    page.goto(f"/admin/tasks/task/{task}/change/")
    expect(page.get_by_text("This task is in the trash")).to_be_visible()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="1 task of 1 person changed")).to_be_visible()
    assert len(as_person(api, "jonas", "GET").json) == 3


def test_an_operator_blocks_exports_and_erases_a_person(page: Page, api: Api) -> None:
    # A spammer is blocked, and let in again.
    sign_in(page)
    page.goto("/admin/accounts/user/jonas/change/")
    page.get_by_role("link", name="Block").click()
    page.get_by_label("Reason").fill("Sends spam")
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("by anna: Sends spam")).to_be_visible()
    page.get_by_role("link", name="Lift the block").click()
    page.get_by_role("button", name="Lift the block").click()
    expect(page.get_by_text("Active")).to_be_visible()

    # Somebody asks for their data, and then to be forgotten.
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "jonas.json"
    page.goto("/admin/accounts/user/jonas/errands/erase/")
    for typed in ("", "maria"):
        page.get_by_label("Type the person's email or id").fill(typed)
        page.get_by_role("button", name="Erase").click()
        expect(page.get_by_text("Please correct what is below.")).to_be_visible()
    assert len(as_person(api, "jonas", "GET").json) == 3
    page.get_by_label("Type the person's email or id").fill("jonas")
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("Jonas: Erased all data.")).to_be_visible()

    page.goto("/admin/")
    expect(page.get_by_text("Erased all data")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Thanks for spending some quality time")).to_be_visible()


@pytest.mark.parametrize("is_shared", [True], indirect=True)
def test_an_operator_bans_signs_out_and_moves_tasks_where_the_database_is_shared(page: Page, api: Api) -> None:
    sign_in(page)
    page.goto("/admin/accounts/user/jonas/change/")
    until = datetime.now(UTC).date() + timedelta(days=3)

    # A spammer is banned, with a reason and an end.
    page.get_by_role("link", name="Ban", exact=True).click()
    expect(page.get_by_text("The time is in Europe/Berlin.")).to_be_visible()
    page.get_by_label("Reason").fill("Sends spam")
    page.locator("#id_until_0").fill("2020-01-01")
    page.locator("#id_until_1").fill("12:00")
    page.get_by_role("button", name="Ban", exact=True).click()
    expect(page.get_by_text("This is in the past.")).to_be_visible()
    page.locator("#id_until_0").fill(str(until))
    page.get_by_role("button", name="Ban", exact=True).click()
    expect(page.get_by_text("Jonas: Banned, and 2 sessions ended.")).to_be_visible()
    expect(page.get_by_text(f"until {until:%-d %b %Y}, 12:00: Sends spam")).to_be_visible()
    assert as_person(api, "jonas", "GET").status == 401
    with psycopg.connect(api.database) as better_auth:
        banned, reason, ends = better_auth.execute(BAN, ["jonas"]).fetchone() or ()
    assert (banned, reason) == (True, "Sends spam")
    assert ends.replace(tzinfo=UTC) - datetime(until.year, until.month, until.day, 12, tzinfo=UTC) in {
        timedelta(hours=-1),
        timedelta(hours=-2),
    }

    # The list says so, and the ban is lifted.
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="People").click()
    expect(page.get_by_role("row", name="Jonas").get_by_text("Banned")).to_be_visible()
    page.get_by_role("link", name="Jonas").click()
    page.get_by_role("link", name="Lift the ban").click()
    page.get_by_role("button", name="Lift the ban").click()
    expect(page.get_by_text("Jonas: Lifted the ban.")).to_be_visible()
    expect(page.get_by_text("Active")).to_be_visible()
    assert len(as_person(api, "jonas", "GET").json) == 3

    # A laptop was stolen.
    page.goto("/admin/accounts/user/maria/change/")
    page.get_by_role("link", name="Sign out everywhere").click()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("Maria: Signed out everywhere: 2 sessions ended.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign out everywhere")).to_have_count(0)
    with psycopg.connect(api.database) as better_auth:
        assert better_auth.execute("SELECT id FROM session").fetchall() == []

    # Maria is Jonas, too: she signed up twice. Tasks are moved to nobody who does not exist.
    page.get_by_role("link", name="Move the tasks").click()
    page.get_by_label("To whom").fill("jonas@example.org")
    page.get_by_role("button", name="Move the tasks").click()
    expect(page.get_by_text("Nobody has the id or the email")).to_be_visible()
    page.get_by_label("To whom").fill("JONAS@example.com")
    page.get_by_role("button", name="Move the tasks").click()
    expect(page.get_by_text("Maria: Moved 3 tasks to person jonas.")).to_be_visible()
    assert len(as_person(api, "jonas", "GET").json) == 6
    assert as_person(api, "maria", "GET").json == []

    # What was done is on the front page, under the operator's name.
    page.goto("/admin/")
    for act in ("Banned", "Lifted the ban", "Signed out everywhere", "Moved 3 tasks to person jonas"):
        expect(page.get_by_text(act).first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(page: Page, api: Api, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page)

    for path in (
        "/admin/",
        "/admin/tasks/task/",
        "/admin/accounts/user/",
        "/admin/accounts/user/maria/change/",
        "/admin/accounts/user/maria/history/",
        "/admin/accounts/user/maria/errands/erase/",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto("/admin/tasks/task/")
    box = page.get_by_text("By status").bounding_box()
    assert box is not None
    assert box["y"] < 844
