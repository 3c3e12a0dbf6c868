"""The example in a real browser: two people, from sign-up to deletion."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.frontend.person import PASSWORD, Person
from tests.frontend.site import Site
from tests.support.databases import fresh_database

type MakePerson = Callable[..., Person]

ROWS_OF_USER = """
    SELECT count(*) FROM tasks WHERE user_id = %(id)s
    UNION ALL SELECT count(*) FROM task_changes WHERE user_id = %(id)s
    UNION ALL SELECT count(*) FROM task_lists WHERE user_id = %(id)s
    UNION ALL SELECT count(*) FROM "user" WHERE id = %(id)s
    UNION ALL SELECT count(*) FROM session WHERE {user_id} = %(id)s
"""


def test_one_person_never_sees_the_tasks_of_another_one(person: MakePerson) -> None:
    ada, bob = person("Ada"), person("Bob")
    ada.sign_up()
    bob.sign_up()

    ada.add("Ada's secret")
    bob.add("Bob's secret")
    ada.is_saved()
    ada.page.reload()

    ada.sees("Ada's secret")
    bob.sees("Bob's secret")


def test_a_list_is_filled_found_and_cleared(person: MakePerson, site: Site) -> None:
    carl = person("Carl")
    carl.sign_up()
    page = carl.page

    carl.add("Buy milk", "Call the bank", "Book a train")
    carl.sees("Book a train", "Call the bank", "Buy milk")
    carl.edit("Buy milk", "Buy oat milk")
    carl.open_details("Buy oat milk")
    page.get_by_label("Notes").fill("Two litres")
    page.locator("dialog").get_by_label("Due").fill("2020-12-04")
    page.locator("dialog").get_by_label("Priority").select_option("High")
    page.get_by_label("Tags, separated by commas").fill("home, shop")
    page.get_by_role("button", name="Save").click()
    expect(carl.row("Buy oat milk").locator(".mark")).to_have_text(["high", re.compile("^Overdue: "), "home", "shop"])

    page.get_by_role("searchbox").fill("LITRES")
    carl.sees("Buy oat milk")
    page.get_by_role("searchbox").fill("")
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Sort by").select_option("Title")
    carl.sees("Book a train", "Buy oat milk", "Call the bank")
    for name, choice in (("Due", "Overdue"), ("Priority", "High"), ("Tag", "home")):
        page.get_by_role("combobox", name=name, exact=True).select_option(choice)
        carl.sees("Buy oat milk")
        page.get_by_role("button", name="Reset").click()

    carl.row("Call the bank").get_by_role("checkbox").check()
    page.get_by_label("To do", exact=True).check()
    carl.sees("Book a train", "Buy oat milk")
    page.get_by_label("Done", exact=True).check()
    carl.sees("Call the bank")
    page.get_by_label("All", exact=True).check()

    page.get_by_role("button", name="Complete all").click()
    expect(page.get_by_text("0 tasks to do")).to_be_visible()
    page.get_by_role("button", name="Clear completed").click()
    carl.sees()
    carl.is_saved()
    assert site.titles(carl.email) == []
    page.get_by_role("button", name="Undo").click()
    carl.sees("Book a train", "Call the bank", "Buy oat milk")
    carl.is_saved()
    assert site.titles(carl.email) == ["Buy oat milk", "Call the bank", "Book a train"]


def test_a_deleted_task_comes_back_by_undo_and_from_the_trash_with_its_history(person: MakePerson) -> None:
    dora = person("Dora")
    dora.sign_up()
    page = dora.page
    dora.add("Water the plants")

    page.get_by_role("button", name="Delete Water the plants").click()
    dora.sees()
    page.get_by_role("button", name="Undo").click()
    dora.sees("Water the plants")
    page.get_by_role("button", name="Delete Water the plants").click()
    dora.is_saved()

    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Restore Water the plants").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    page.get_by_role("link", name="Tasks").click()
    dora.sees("Water the plants")

    dora.open_details("Water the plants")
    page.get_by_text("History").click()
    # From the latest to the first: out of the trash, into it, and once more.
    expect(page.locator(".history ol > li")).to_contain_text(
        ["Restored", "Moved to the trash", "Restored", "Moved to the trash", "Created"]
    )


def test_the_keyboard_is_enough(person: MakePerson) -> None:
    emil = person("Emil")
    emil.sign_up()
    keyboard = emil.page.keyboard
    emil.page.locator("body").press("n")
    for title in ("First", "Second", "Third"):
        keyboard.type(title)
        keyboard.press("Enter")
    emil.sees("Third", "Second", "First")

    emil.row("Third").get_by_role("checkbox").focus()
    keyboard.press("ArrowDown")
    keyboard.press("Space")
    expect(emil.row("Second").get_by_role("checkbox")).to_be_checked()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    keyboard.type(" of all")
    keyboard.press("Enter")
    emil.sees("Third", "Second", "First of all")
    keyboard.press("Delete")
    emil.sees("Third", "Second")
    expect(emil.row("Second").get_by_role("checkbox")).to_be_focused()
    keyboard.press("u")
    emil.sees("Third", "Second", "First of all")
    keyboard.press("d")
    expect(emil.page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(emil.row("Second").get_by_role("checkbox")).to_be_focused()
    keyboard.press("/")
    keyboard.type("third")
    emil.sees("Third")


def test_a_long_list_grows_while_it_is_scrolled(person: MakePerson, site: Site) -> None:
    fred = person("Fred")
    fred.sign_up()
    [user_id] = site.rows('SELECT id FROM "user" WHERE email = %s', fred.email)
    site.execute(
        "INSERT INTO tasks (user_id, title) SELECT %s, 'Task ' || lpad(n::text, 3, '0') FROM generate_series(1, 120) n",
        user_id,
    )
    fred.page.reload()
    expect(fred.page.get_by_text("120 tasks to do")).to_be_visible()
    expect(fred.page.locator(".task")).to_have_count(50)

    for count in (100, 120):
        fred.page.locator(".task").last.scroll_into_view_if_needed()
        expect(fred.page.locator(".task")).to_have_count(count)


def test_the_export_is_everything_that_is_stored(person: MakePerson, tmp_path: Path) -> None:
    gina = person("Gina")
    gina.sign_up()
    gina.add("Buy milk")
    gina.is_saved()
    gina.open("/account")

    with gina.page.expect_download() as download:
        gina.page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "export.json")

    exported = json.loads((tmp_path / "export.json").read_text())
    assert exported["user"]["email"] == gina.email
    assert [task["title"] for task in exported["tasks"]] == ["Buy milk"]


def test_whoever_signs_out_leaves_no_copy_and_finds_everything_when_they_sign_in(person: MakePerson) -> None:
    hugo = person("Hugo")
    hugo.sign_up()
    hugo.add("Buy milk")
    hugo.is_saved()

    hugo.open("/account")
    hugo.page.get_by_role("button", name="Sign out").click()
    hugo.page.wait_for_url("**/sign-in")
    hugo.page.wait_for_function("async () => (await indexedDB.databases()).length === 0")
    hugo.sign_in()

    hugo.sees("Buy milk")


def test_a_wrong_password_and_a_known_address_are_told_in_words(person: MakePerson) -> None:
    ines = person("Ines")
    ines.sign_up()
    other = person("Ines")

    other.open("/sign-in")
    other.page.get_by_label("Email").fill(ines.email)
    other.page.get_by_label("Password").fill("not the password")
    other.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.page.get_by_text("Invalid email or password")).to_be_visible()

    other.open("/sign-in?new")
    other.page.get_by_label("Name").fill("Somebody")
    other.page.get_by_label("Email").fill(ines.email)
    other.page.get_by_label("Password").fill(PASSWORD)
    other.page.get_by_role("button", name="Sign up", exact=True).click()
    expect(other.page.get_by_text(re.compile("already exists"))).to_be_visible()
    expect(other.page.get_by_label("Name")).to_have_value("Somebody")


def live(guest: Person, site: Site) -> None:
    """A guest signs up and keeps the tasks, and deletes the account: nothing is left."""
    guest.be_a_guest()
    guest.add("Written as a guest")
    guest.is_saved()
    guest.sign_up()
    guest.sees("Written as a guest")
    guest.add("Written as a user")
    guest.is_saved()
    assert site.titles(guest.email) == ["Written as a guest", "Written as a user"]
    [user_id] = site.rows('SELECT id FROM "user" WHERE email = %s', guest.email)
    column = "user_id" if site.schema == "snake_case" else '"userId"'

    guest.open("/account")
    guest.page.get_by_label("Password").fill(PASSWORD)
    guest.page.get_by_role("button", name="Delete my account").click()
    expect(guest.page.get_by_text("The account and all its tasks are deleted.")).to_be_visible()

    assert site.rows(ROWS_OF_USER.format(user_id=column), {"id": user_id}) == [0, 0, 0, 0, 0]


def test_a_guest_who_signs_up_keeps_the_tasks_and_a_deleted_account_leaves_no_row(
    person: MakePerson, site: Site
) -> None:
    live(person("Jane"), site)


def test_a_guest_can_leave_without_a_trace(person: MakePerson, site: Site) -> None:
    guest = person("Nobody")
    guest.be_a_guest()
    guest.add("Only a try")
    guest.is_saved()
    [user_id] = site.rows("SELECT user_id FROM tasks WHERE title = 'Only a try'")

    guest.open("/account")
    guest.page.get_by_role("button", name="Delete my account").click()
    expect(guest.page.get_by_text("The account and all its tasks are deleted.")).to_be_visible()

    assert site.rows(ROWS_OF_USER.format(user_id="user_id"), {"id": user_id}) == [0, 0, 0, 0, 0]


def test_the_same_app_runs_on_the_tables_that_our_migrations_made(postgres: str, chromium: Browser) -> None:
    with fresh_database(postgres) as database, Site(database, "camelCase") as site, chromium.new_context() as context:
        live(Person(context, site, "Kim"), site)
