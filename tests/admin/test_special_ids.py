"""A person's id may hold what the admin spells in a way of its own: each link leads to that person."""

import re
from html import unescape

import pytest
from django.test import Client

from tasks.models import TaskChange
from tests.support.admin_pages import TASKS, USERS, html_of
from tests.support.people import signed_in

IDS = ("user_2abc", "user_40ab", "org_5F:a+b@x")
OF_A_PERSON = re.compile(rf'href="({USERS}[^"]+/(?:change|history|errands/\w+)/)[?"]')


def links_of(client: Client, address: str) -> set[str]:
    """The links of a page to pages of people."""
    return {unescape(link) for link in OF_A_PERSON.findall(html_of(client, address))}


@pytest.mark.parametrize("user_id", IDS)
def test_every_link_leads_to_the_person(staff: Client, user_id: str) -> None:
    person = signed_in(user_id)
    task = person.has_task()
    asked = staff.post(TASKS, {"action": "complete", "_selected_action": [task["id"]]})
    done = staff.post(f"{TASKS}acts/", {"act": "complete", "ids": str(task["id"])}).headers["Location"]
    [page] = links_of(staff, TASKS)
    of_the_page = links_of(staff, page)
    [history] = (link for link in of_the_page if link.endswith("/history/"))
    [errand] = (link for link in of_the_page if link.endswith("/errands/block/"))

    assert OF_A_PERSON.findall(asked.content.decode()) == [page]
    for address in ("/admin/", USERS, history, errand, f"{TASKS}{task['id']}/history/"):
        assert page in links_of(staff, address) <= of_the_page | {page}
    assert links_of(staff, done) == {page, history}
    for link in of_the_page | {page}:
        html = unescape(html_of(staff, link))
        assert user_id in html or user_id.title() in html

    blocked = staff.post(errand, {"reason": "x"})
    assert blocked.headers["Location"] == page
    undone = staff.post(
        history.replace("/history/", "/undo/"), {"revision": TaskChange.objects.latest("revision").revision}
    )
    assert undone.headers["Location"] == history
