"""Text of which nothing can be seen is empty."""

import sys

import pytest
from django.test import Client

from tasks.constraints import WHITE_SPACE, is_blank
from tasks.models import Task
from tests.support.people import Person, TaskJSON
from tests.support.routes import VALIDATION_ERROR, Route, every_serializer, write

# What JavaScript's trim() removes: WhiteSpace and LineTerminator of ECMA-262.
JAVASCRIPT = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)
BLANK = {
    "no-break space, zero width": "\ufeff",
    "zero width space": "\u200b",
    "joiners": "\u200c\u200d\u2060",
    "marks of direction": "\u200e\u200f\u202a\u202e\u2066\u2069\u061c",
    "soft hyphen": "\u00ad",
    "Hangul filler": "\u3164",
    "variation selector": "\ufe0f",
    "tags": "\U000e0020",
    "braille without dots": "\u2800",
    "with white space": " \u200b\t\ufeff\u3000",
    "all that JavaScript trims": JAVASCRIPT,
}
VISIBLE = ["\u200bx", "x\ufeff", "\u200b.\u200b", "👩\u200d💻", "❤\ufe0f", "\u0301", "\x01", "·"]


@every_serializer
@pytest.mark.parametrize("title", BLANK.values(), ids=BLANK)
def test_a_title_of_which_nothing_can_be_seen_is_422(
    owner: Person, kept_task: TaskJSON, route: Route, title: str
) -> None:
    answer = owner.send(route.method, route.path("owner", kept_task["id"]), {"title": title})

    assert answer.error == VALIDATION_ERROR
    assert answer.json["errors"] == {"title": ["This field may not be blank."]}


@every_serializer
@pytest.mark.parametrize("title", VISIBLE, ids=ascii)
def test_a_title_of_which_something_can_be_seen_is_kept_as_sent(owner: Person, route: Route, title: str) -> None:
    assert write(owner, route, {"title": title}).json["title"] == title


def test_a_description_may_be_anything(owner: Person) -> None:
    assert owner.has_task(description="\u200b")["description"] == "\u200b"


def test_what_is_trimmed_is_blank() -> None:
    assert is_blank("")
    assert is_blank(WHITE_SPACE)
    assert is_blank(JAVASCRIPT)
    assert sum(is_blank(chr(number)) for number in range(sys.maxunicode + 1)) < 4250


def test_a_form_of_the_admin_refuses_such_a_title(owner: Person, staff: Client) -> None:
    task = Task.objects.get(pk=owner.has_task("Buy milk")["id"])
    url = f"/admin/tasks/task/{task.pk}/change/"
    form = staff.get(url).context["adminform"].form
    sent = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}

    refused = staff.post(url, {**sent, "tags": "[]", "title": "\u200b"})

    assert "A title must not be blank." in refused.content.decode()
    task.refresh_from_db()
    assert task.title == "Buy milk"
