"""Somebody who uses the app in a browser of their own."""

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.frontend.site import Site

PASSWORD = "correct horse battery"
SAVED = '.status[data-connection="online"][data-waiting="0"]'


class Person:
    """A browser profile, and the tab that is in front."""

    def __init__(self, context: BrowserContext, site: Site, name: str) -> None:
        self.context = context
        self.site = site
        self.name = name
        self.email = f"{name.lower()}@example.com"
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        return page

    def open(self, path: str = "/") -> None:
        self.page.goto(self.site.url + path)

    # The account

    def sign_up(self) -> None:
        self.open("/sign-in?new")
        self.page.get_by_label("Name").fill(self.name)
        self.submit_credentials("Sign up")

    def sign_in(self) -> None:
        self.open("/sign-in")
        self.submit_credentials("Sign in")

    def submit_credentials(self, button: str) -> None:
        self.page.get_by_label("Email").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_url(self.site.url + "/")
        self.is_saved()

    def be_a_guest(self) -> None:
        self.open("/")
        self.page.get_by_role("button", name="Try it as a guest").click()
        self.page.wait_for_url(self.site.url + "/")
        self.is_saved()

    # The list

    def add(self, *titles: str) -> None:
        for title in titles:
            self.page.get_by_label("New task").fill(title)
            self.page.keyboard.press("Enter")
            expect(self.row(title)).to_be_visible()

    def row(self, title: str) -> Locator:
        return self.page.locator(".task", has=self.page.get_by_text(title, exact=True))

    def edit(self, title: str, new_title: str) -> None:
        self.page.get_by_role("button", name=title, exact=True).click()
        self.page.get_by_label("Title", exact=True).fill(new_title)
        self.page.keyboard.press("Enter")

    def open_details(self, title: str) -> None:
        self.page.get_by_role("button", name=f"Details of {title}", exact=True).click()

    def sees(self, *titles: str) -> None:
        """Exactly these tasks, in this order; waits until it is so."""
        expect(self.page.locator(".task .title")).to_have_text(list(titles), timeout=20_000)

    def is_saved(self) -> None:
        """Everything is sent and answered."""
        expect(self.page.locator(SAVED)).to_be_attached(timeout=20_000)
