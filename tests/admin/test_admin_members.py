"""Operators see and change a task's due date, priority and tags, and no tag is cut, joined or lost in their form."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from tasks.models import TaskChange
from tests.support.admin_pages import TASKS, form_of, html_of, listed, page_of, save, told
from tests.support.people import Person

GIVEN: dict[str, Any] = {"due_date": "2026-11-24", "priority": "high", "tags": ["milk, bread", "home"]}
ODD_TAGS = ["milk, bread", '"', "'", "\\", "a\nb", "a\r\nb", "[]", "</textarea>", "&amp;", "\U0001f600", "null"]


def test_a_staff_user_makes_a_task_with_them(staff: Client, owner: Person) -> None:
    form = {**form_of(staff, f"{TASKS}add/"), "user": "owner", "title": "x", **GIVEN}

    response = staff.post(f"{TASKS}add/", {**form, "tags": json.dumps(GIVEN["tags"])})

    assert response.status_code == 302, response.content.decode()
    (task,) = owner.get(owner.tasks).json
    assert {name: task[name] for name in GIVEN} == GIVEN
    assert task["version"] == 1


def test_a_new_task_needs_none_of_them(staff: Client, owner: Person) -> None:
    form = form_of(staff, f"{TASKS}add/")
    assert (form["due_date"], form["priority"], form["tags"]) == ("", "none", "[]")

    staff.post(f"{TASKS}add/", {**form, "user": "owner", "title": "x", "tags": ""})

    (task,) = owner.get(owner.tasks).json
    assert (task["due_date"], task["priority"], task["tags"]) == (None, "none", [])


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", None])
def test_a_form_that_nobody_touched_writes_nothing(staff: Client, owner: Person, day: str | None) -> None:
    task = owner.has_task(due_date=day, priority="low", tags=ODD_TAGS)

    save(staff, task, form_of(staff, page_of(task)))

    assert owner.get(owner.path(task)).json == task
    assert LogEntry.objects.get().change_message == "[]"


def test_a_tag_keeps_its_commas_quotes_and_line_breaks_beside_a_new_one(staff: Client, owner: Person) -> None:
    task = owner.has_task(tags=ODD_TAGS)
    form = form_of(staff, page_of(task))

    save(staff, task, {**form, "tags": json.dumps([*json.loads(form["tags"]), " new "])})

    assert owner.get(owner.path(task)).json["tags"] == [*ODD_TAGS, "new"]
    assert TaskChange.objects.latest_first()[0].after == {"tags": [*ODD_TAGS, "new"]}


def test_tags_are_shown_as_they_are_and_not_as_escapes(staff: Client, owner: Person) -> None:
    task = owner.has_task(tags=["Caf\u00e9 \U0001f600"])

    assert form_of(staff, page_of(task))["tags"] == '["Caf\u00e9 \U0001f600"]'


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("due_date", "2027-01-31", "2027-01-31"),
        ("due_date", "", None),
        ("priority", "none", "none"),
        ("tags", "", []),
        ("tags", "  ", []),
        ("tags", '["b", "a", " b "]', ["b", "a"]),
        ("tags", '\r\n[\r\n  "home"\r\n]\r\n', ["home"]),
    ],
)
def test_what_a_staff_user_changes_is_written_and_nothing_else(
    staff: Client, owner: Person, name: str, typed: str, value: Any
) -> None:
    task = owner.has_task(**GIVEN)
    form = form_of(staff, page_of(task))

    save(staff, task, {**form, name: typed})

    now = owner.get(owner.path(task)).json
    assert {member: now[member] for member in GIVEN} == {**GIVEN, name: value}
    assert TaskChange.objects.latest_first()[0].after == {name: value}


@pytest.mark.parametrize(
    "change",
    [
        {"due_date": "2026-02-30"},
        {"due_date": "2026-11-20T10:00"},
        {"priority": "urgent"},
        {"priority": ""},
        *(
            {"tags": tags}
            for tags in (
                "home",
                "home, garden",
                "null",
                '"home"',
                "5",
                "NaN",
                "{}",
                "[5]",
                "[null]",
                '[["home"]]',
                '[""]',
                '["a\\u0000b"]',
                '["\\ud800"]',
                "[" * 60_000,
                json.dumps(["x" * 51]),
                json.dumps([f"tag {n}" for n in range(21)]),
            )
        ),
    ],
    ids=lambda change: ascii(change)[:40],
)
def test_a_staff_user_sees_what_the_api_would_refuse(staff: Client, owner: Person, change: dict[str, str]) -> None:
    task = owner.has_task(**GIVEN)
    form = {**form_of(staff, page_of(task)), **change}

    response = staff.post(page_of(task), form)

    assert response.status_code == 200
    assert 'class="errorlist' in response.content.decode()
    assert owner.get(owner.path(task)).json == task


def test_what_was_refused_stays_in_the_form_as_it_was_typed(staff: Client, owner: Person) -> None:
    task = owner.has_task()
    form = form_of(staff, page_of(task))

    response = staff.post(page_of(task), {**form, "tags": "home, garden"})

    assert "home, garden</textarea>" in response.content.decode()
    assert "Must be a list in JSON" in told(staff, page_of(task), {**form, "tags": "home, garden"})


def test_a_task_in_the_trash_shows_them(staff: Client, owner: Person) -> None:
    task = owner.has_task(**GIVEN)
    owner.delete(owner.path(task))

    page = html_of(staff, page_of(task))

    assert all(text in page for text in ("24 Nov 2026", "High", "milk, bread"))


def test_tasks_are_filtered_by_priority_beside_the_owner(staff: Client, owner: Person, stranger: Person) -> None:
    owner.has_task("low", priority="low"), owner.has_task("high", priority="high")
    stranger.has_task("theirs", priority="high")

    assert "?priority__exact=high" in html_of(staff, TASKS)
    assert listed(staff, f"{TASKS}?priority__exact=high") == ["theirs", "high"]
    assert listed(staff, f"{TASKS}?q=owner&priority__exact=high") == ["high"]
    assert "24 Nov 2026" not in html_of(staff, TASKS)
    owner.has_task("due", due_date="2026-11-24")
    assert "24 Nov 2026" in html_of(staff, TASKS)
