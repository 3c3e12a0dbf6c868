"""Pages of Django admin, as a browser shows them and sends their forms back."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from tasks.models import Task

TASKS = "/admin/tasks/task/"
USERS = "/admin/accounts/user/"


def html_of(client: Client, address: str) -> str:
    """The page at `address`."""
    response = client.get(address)
    assert response.status_code == 200, response.headers.get("Location")
    return response.content.decode()


def listed(client: Client, address: str) -> list[str]:
    """The first column of the list at `address`."""
    return re.findall(r'<th class="field-\w+"><a href="[^"]*">(.*?)</a>', html_of(client, address))


def form_of(staff: Client, address: str) -> dict[str, str]:
    """What a browser would send back of a form's page, unchanged: line breaks become two characters."""
    fields = Form(html_of(staff, address)).fields
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


def save(staff: Client, task: dict[str, Any], form: dict[str, str]) -> Task:
    """Send `form` back, and return the task as it is then."""
    response = staff.post(page_of(task), form)
    assert response.status_code == 302, response.content.decode()
    return Task.objects.get(pk=task["id"])


def page_of(task: dict[str, Any]) -> str:
    """The URL of a task's page."""
    return f"{TASKS}{task['id']}/change/"


def told(client: Client, address: str, form: dict[str, str]) -> str:
    """What a staff user reads after sending `form`: errors of the form, or messages of the page that follows."""
    html = client.post(address, form, follow=True).content.decode()
    return unescape(" ".join(re.findall(r'<ul class="(?:errorlist|messagelist)[^>]*>(.*?)</ul>', html, re.DOTALL)))
