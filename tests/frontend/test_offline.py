"""The example on a bad connection, with two tabs and two devices: nothing is lost, doubled or overwritten."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.frontend.person import SAVED, Person
from tests.frontend.site import Site

type MakePerson = Callable[..., Person]

OFFLINE = '.status[data-connection="offline"]'


@pytest.fixture
def outage(site: Site) -> Iterator[Callable[[], None]]:
    """Ends the API's process; it is there again after the test at the latest."""
    yield site.stop_api
    if site.api is None:
        site.start_api()


def waiting(page: Page, count: int) -> None:
    """So many writes wait for the server."""
    expect(page.locator(f'{OFFLINE}[data-waiting="{count}"]')).to_be_attached(timeout=20_000)


def test_a_task_whose_answer_the_network_lost_is_there_once(person: MakePerson, site: Site) -> None:
    lea = person("Lea")
    lea.sign_up()
    lost: list[int] = []

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # The server has executed it.
            route.abort("connectionreset")
        else:
            route.continue_()

    lea.page.route("**/tasks", lose_the_answer)
    lea.add("Buy milk")
    lea.is_saved()

    assert lost == [201]
    lea.sees("Buy milk")
    assert site.titles(lea.email) == ["Buy milk"]


def test_what_is_typed_during_an_outage_survives_the_tab_and_is_sent_in_order(
    person: MakePerson, site: Site, outage: Callable[[], None]
) -> None:
    max_ = person("Max")
    max_.sign_up()
    max_.add("Kept")
    max_.is_saved()

    outage()
    max_.add("First", "Second")
    max_.edit("First", "First of all")
    max_.row("Kept").get_by_role("checkbox").check()
    waiting(max_.page, 4)
    max_.page.close()
    max_.page = max_.new_tab()
    max_.open()
    max_.sees("Second", "First of all", "Kept")
    expect(max_.row("Kept").get_by_role("checkbox")).to_be_checked()
    waiting(max_.page, 4)
    site.start_api()
    max_.is_saved()

    max_.sees("Second", "First of all", "Kept")
    assert site.titles(max_.email) == ["Kept", "First of all", "Second"]


def test_the_app_opens_without_any_network(person: MakePerson) -> None:
    nora = person("Nora")
    nora.sign_up()
    nora.page.evaluate("navigator.serviceWorker.ready")
    nora.page.reload()  # The service worker sees this page and its files.
    nora.add("Buy milk")
    nora.is_saved()

    nora.context.set_offline(True)
    nora.page.reload()

    nora.sees("Buy milk")
    nora.add("Buy bread")
    waiting(nora.page, 1)
    nora.context.set_offline(False)
    nora.is_saved()


def test_the_queue_is_sent_after_the_tab_was_closed(person: MakePerson, site: Site, outage: Callable[[], None]) -> None:
    olga = person("Olga")
    olga.sign_up()
    olga.page.evaluate("navigator.serviceWorker.ready")
    [user_id] = site.rows('SELECT id FROM "user" WHERE email = %s', olga.email)
    outage()
    olga.add("Written and left")
    waiting(olga.page, 1)
    workers = olga.context.service_workers
    assert len(workers) == 1

    site.start_api()
    # What the browser does when it notices the connection, at a time of its choosing; no page of the app takes part.
    olga.page.route("**/api/auth/token", lambda route: route.abort())
    olga.page.goto("about:blank")
    workers[0].evaluate(
        """async (tag) => {
            const event = new ExtendableEvent("sync");
            const done = [];
            Object.assign(event, { tag });
            event.waitUntil = (promise) => done.push(promise);
            self.dispatchEvent(event);
            await Promise.all(done);
        }""",
        f"deliver {user_id} {site.api_url}",
    )

    assert site.titles(olga.email) == ["Written and left"]


def test_two_tabs_share_one_queue_and_show_the_same(person: MakePerson, site: Site, outage: Callable[[], None]) -> None:
    paul = person("Paul")
    paul.sign_up()
    first, second = paul.page, paul.new_tab()
    # A tab in the background does not poll: what it shows, the other tab has told it.
    second.add_init_script("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
    second.goto(site.url)
    expect(second.locator(SAVED)).to_be_attached()
    outage()

    paul.add("From the first tab")
    paul.page = second
    paul.sees("From the first tab")
    paul.add("From the second tab")
    waiting(second, 2)
    paul.page = first
    paul.sees("From the second tab", "From the first tab")
    site.start_api()
    paul.is_saved()

    assert site.titles(paul.email) == ["From the first tab", "From the second tab"]


def test_an_edit_on_another_device_is_noticed_within_a_poll(person: MakePerson) -> None:
    phone, laptop = person("Rosa"), person("Rosa")
    phone.sign_up()
    phone.add("Buy milk")
    phone.is_saved()
    laptop.sign_in()
    laptop.sees("Buy milk")

    phone.edit("Buy milk", "Buy oat milk")

    laptop.sees("Buy oat milk")


def two_versions(person: MakePerson, name: str) -> tuple[Person, Person]:
    """Two devices of one user that have both changed the title of a task, one of them without a connection."""
    phone, laptop = person(name), person(name)
    phone.sign_up()
    phone.add("Buy milk")
    phone.is_saved()
    laptop.sign_in()
    laptop.sees("Buy milk")
    phone.context.set_offline(True)
    phone.edit("Buy milk", "Buy soy milk")
    waiting(phone.page, 1)
    laptop.edit("Buy milk", "Buy oat milk")
    laptop.is_saved()
    phone.context.set_offline(False)
    return phone, laptop


@pytest.mark.parametrize(
    ("name", "button", "kept"), [("Sara", "Keep mine", "Buy soy milk"), ("Tom", "Keep theirs", "Buy oat milk")]
)
def test_a_conflict_shows_both_versions_and_asks(
    person: MakePerson, site: Site, name: str, button: str, kept: str
) -> None:
    phone, laptop = two_versions(person, name)
    conflict = phone.page.get_by_role("alert", name="A change that needs your decision")

    expect(conflict.get_by_role("row", name="Title Buy soy milk Buy oat milk")).to_be_visible(timeout=20_000)
    assert site.titles(phone.email) == ["Buy oat milk"]  # Nothing is overwritten before the user has chosen.
    conflict.get_by_role("button", name=button).click()
    expect(conflict).to_have_count(0)
    phone.is_saved()

    phone.sees(kept)
    laptop.sees(kept)
    assert site.titles(phone.email) == [kept]


def test_changes_of_different_fields_are_no_conflict(person: MakePerson, site: Site) -> None:
    phone, laptop = person("Uwe"), person("Uwe")
    phone.sign_up()
    phone.add("Buy milk")
    phone.is_saved()
    laptop.sign_in()
    laptop.sees("Buy milk")
    phone.context.set_offline(True)
    phone.edit("Buy milk", "Buy oat milk")

    laptop.row("Buy milk").get_by_role("checkbox").check()
    laptop.is_saved()
    phone.context.set_offline(False)
    phone.is_saved()

    expect(phone.row("Buy oat milk").get_by_role("checkbox")).to_be_checked()
    laptop.sees("Buy oat milk")


def test_a_task_that_was_deleted_elsewhere_comes_back_only_if_the_user_wants_it(person: MakePerson, site: Site) -> None:
    phone, laptop = person("Vera"), person("Vera")
    phone.sign_up()
    phone.add("Buy milk")
    phone.is_saved()
    laptop.sign_in()
    laptop.sees("Buy milk")
    phone.context.set_offline(True)
    phone.edit("Buy milk", "Buy oat milk")
    laptop.page.get_by_role("button", name="Delete Buy milk").click()
    laptop.is_saved()
    phone.context.set_offline(False)

    expect(phone.page.get_by_text("was deleted elsewhere while you edited it")).to_be_visible(timeout=20_000)
    assert site.titles(phone.email) == []
    phone.page.get_by_role("button", name="Keep mine").click()
    phone.is_saved()

    laptop.sees("Buy oat milk")


def test_clearing_without_a_connection_leaves_what_was_completed_elsewhere_since(
    person: MakePerson, site: Site
) -> None:
    phone, laptop = person("Zita"), person("Zita")
    phone.sign_up()
    phone.add("Buy milk", "Call the bank")
    phone.row("Buy milk").get_by_role("checkbox").check()
    phone.is_saved()
    laptop.sign_in()
    laptop.sees("Call the bank", "Buy milk")
    phone.context.set_offline(True)
    phone.page.get_by_role("button", name="Clear completed").click()
    waiting(phone.page, 1)

    laptop.row("Call the bank").get_by_role("checkbox").check()
    laptop.is_saved()
    phone.context.set_offline(False)
    phone.is_saved()

    laptop.sees("Call the bank")
    assert site.titles(phone.email) == ["Call the bank"]


def test_the_page_of_an_ended_session_is_not_kept_for_the_next_person(person: MakePerson) -> None:
    zoran = person("Zoran")
    zoran.sign_up()
    zoran.page.evaluate("navigator.serviceWorker.ready")
    zoran.page.reload()  # The service worker sees this page.
    zoran.add("A secret")
    zoran.is_saved()

    zoran.context.clear_cookies()
    zoran.open()
    expect(zoran.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    zoran.context.set_offline(True)

    with pytest.raises(Error, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        zoran.open()


def test_a_refused_task_says_why_and_can_be_discarded(person: MakePerson) -> None:
    walt = person("Walt")
    walt.sign_up()

    walt.page.get_by_label("New task").fill("a\0b")  # PostgreSQL has no such text.
    walt.page.keyboard.press("Enter")
    alert = walt.page.get_by_role("alert", name="A change that needs your decision")
    expect(alert).to_contain_text("This was not saved.")
    alert.get_by_role("button", name="Discard it").click()

    walt.sees()


# In the page: while a route is set, Playwright sometimes reports no response to a request with a CORS preflight.
COUNT_401 = """
window.refused = 0;
const send = window.fetch;
window.fetch = async (...request) => {
    const response = await send(...request);
    if (response.status === 401) window.refused += 1;
    return response;
};
"""


def test_a_token_that_ends_is_renewed_unseen(person: MakePerson, site: Site) -> None:
    xena = person("Xena")
    xena.sign_up()
    requests: list[str] = []
    xena.page.on("request", lambda request: requests.append(request.url))
    xena.page.add_init_script(COUNT_401)

    # The first token of the next page is one that the API refuses, as it refuses one whose session has new keys.
    xena.page.route("**/api/auth/token", lambda route: route.fulfill(json={"token": "refused"}), times=1)
    xena.page.reload()
    xena.add("Before the end")
    xena.is_saved()
    assert xena.page.evaluate("window.refused") == 1

    xena.page.clock.install()
    requests.clear()
    xena.page.clock.fast_forward("20:00")  # The token lasts 15 minutes.
    xena.page.clock.resume()
    xena.add("After the end")
    xena.is_saved()

    assert f"{site.url}/api/auth/token" in requests
    assert xena.page.evaluate("window.refused") == 1
    assert site.titles(xena.email) == ["Before the end", "After the end"]


def test_who_signs_out_in_another_tab_is_told_so_and_loses_nothing(person: MakePerson, site: Site) -> None:
    yara = person("Yara")
    yara.sign_up()
    yara.context.clear_cookies()
    yara.page.route("**/api/auth/token", lambda route: route.continue_())
    yara.page.clock.install()
    yara.page.clock.fast_forward("20:00")
    yara.page.clock.resume()

    yara.add("Written signed out")
    expect(yara.page.get_by_role("link", name="Sign in again")).to_be_visible(timeout=20_000)
    yara.sign_in()

    yara.sees("Written signed out")
    assert site.titles(yara.email) == ["Written signed out"]
