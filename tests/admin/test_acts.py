"""An act on many tasks is bounded, says its true number, asks first, and can be undone."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from tasks.admin import bulk
from tasks.models import Task, TaskChange
from tasks.user_data import erase
from tests.support.admin_pages import TASKS, USERS, Form, html_of, page_of
from tests.support.people import Person, TaskJSON


def asked(staff: Client, action: str, *tasks: TaskJSON, **others: str) -> str:
    """The page that follows after an action of the list."""
    sent = {"action": action, "_selected_action": [str(task["id"]) for task in tasks], **others}
    return unescape(staff.post(TASKS, sent, follow=True).content.decode())


def confirmed(staff: Client, page: str) -> Any:
    fields = Form(page).fields
    return staff.post(f"{TASKS}acts/", {"act": fields["act"], "ids": fields["ids"]}, follow=True)


def test_the_question_says_how_many_tasks_of_how_many_people_would_change(
    staff: Client, owner: Person, stranger: Person
) -> None:
    tasks = [owner.has_task("1"), owner.has_task("2", completed=True), stranger.has_task("3")]

    page = asked(staff, "complete", *tasks)

    assert "Complete 2 tasks of 2 people?" in page
    assert "2 of the 3 selected tasks will change." in page
    assert not Task.objects.filter(id=tasks[0]["id"], completed=True).exists()


def test_all_tasks_of_a_list_are_counted_beyond_the_page(
    staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.admin.tasks.TaskAdmin.list_per_page", 2)
    tasks = [owner.has_task(str(number)) for number in range(5)]

    page = asked(staff, "move_to_trash", tasks[0], select_across="1")
    confirmed(staff, page)

    assert "Move to the trash: 5 tasks of 1 person?" in page
    assert not Task.objects.live().exists()


def test_an_act_on_more_tasks_than_anybody_can_check_is_refused(
    staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_TASKS", 2)
    tasks = [owner.has_task(str(number)) for number in range(3)]

    page = asked(staff, "complete", tasks[0], select_across="1")
    sent = {"act": "complete", "ids": ",".join(str(task["id"]) for task in tasks)}

    assert "More than 2 tasks are selected" in page
    assert staff.post(f"{TASKS}acts/", sent).status_code == 404
    assert not Task.objects.filter(completed=True).exists()


def test_what_was_counted_is_what_changes(staff: Client, owner: Person) -> None:
    page = asked(staff, "complete", owner.has_task("1"), select_across="1")
    owner.has_task("came later")

    confirmed(staff, page)

    assert list(Task.objects.filter(completed=True).values_list("title", flat=True)) == ["1"]


def test_nothing_to_change_is_said_and_not_asked(staff: Client, owner: Person) -> None:
    page = asked(staff, "restore", owner.has_task("1"))

    assert "None of the 1 selected tasks would change." in page
    assert "ids" not in Form(page).fields


@pytest.mark.parametrize(
    "sent", [{}, {"act": "complete"}, {"act": "purge", "ids": "1"}, {"act": "complete", "ids": "x"}]
)
def test_an_act_that_nobody_was_asked_about_is_not_found(staff: Client, sent: dict[str, str]) -> None:
    assert staff.post(f"{TASKS}acts/", sent).status_code == 404
    assert staff.get(f"{TASKS}acts/").status_code == 404
    assert staff.get(f"{TASKS}acts/0123/").status_code == 404


def test_an_act_is_undone_for_everybody_it_was_about(staff: Client, owner: Person, stranger: Person) -> None:
    tasks = [owner.has_task("1"), owner.has_task("2"), stranger.has_task("3")]
    before = list(Task.objects.order_by("id").values_list("id", "title", "completed", "deleted_at"))
    done = confirmed(staff, asked(staff, "move_to_trash", *tasks))
    address = done.redirect_chain[-1][0]
    assert "3 tasks of 2 people changed" in done.content.decode()

    undone = staff.post(address, follow=True)

    assert list(Task.objects.order_by("id").values_list("id", "title", "completed", "deleted_at")) == before
    assert "3 tasks of 2 people changed" in undone.content.decode()
    assert "Undid revision 3: 2 tasks" in undone.content.decode()
    again = staff.post(address, follow=True).content.decode()
    assert "No task was changed" in again
    assert again.count("is undone already") == 3


def test_an_undo_is_refused_for_whom_something_newer_stands_and_done_for_the_others(
    staff: Client, owner: Person, stranger: Person
) -> None:
    tasks = [owner.has_task("1"), stranger.has_task("2")]
    address = confirmed(staff, asked(staff, "complete", *tasks)).redirect_chain[-1][0]
    owner.patch(f"{owner.path(tasks[0])}/complete")
    owner.patch(f"{owner.path(tasks[0])}/complete")

    page = unescape(staff.post(address, follow=True).content.decode())

    assert "Tasks of owner: Nothing was undone." in page
    assert dict(Task.objects.values_list("title", "completed")) == {"1": True, "2": False}


def test_each_act_is_in_the_log_with_the_operator_and_leaves_it_with_the_person(
    staff: Client, owner: Person, stranger: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    confirmed(staff, asked(staff, "complete", owner.has_task("1"), stranger.has_task("2")))

    assert "Operator 'staff', user 'owner': Completed: 1 task" in caplog.text
    assert set(LogEntry.objects.values_list("object_id", flat=True)) == {"owner", "stranger"}
    assert "Completed: 1 task and more: 2 tasks of 2 people" in html_of(staff, "/admin/")
    erase("owner")
    assert LogEntry.objects.get().object_id == "stranger"


def test_a_task_in_the_trash_looks_trashed_and_is_restored_on_its_own_page(staff: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk")
    owner.delete(owner.path(task))
    page = html_of(staff, page_of(task))
    assert "This task is in the trash" in page
    assert '<span class="status deleted">In the trash</span>' in page
    assert '<span class="status deleted">In the trash</span>' in html_of(staff, TASKS)

    confirmed(staff, page)

    assert [row["id"] for row in owner.get(owner.tasks).json] == [task["id"]]
    assert "is in the trash" not in html_of(staff, page_of(task))


# The history


def undo_on(staff: Client, page: str, revision: int) -> str:
    """Press the Undo of a revision on a page of history; what the page says then."""
    assert f'name="revision" value="{revision}"' in html_of(staff, page)
    html = staff.post(page.replace("history", "undo"), {"revision": str(revision)}, follow=True).content.decode()
    return unescape(" ".join(re.findall(r'<ul class="messagelist">(.*?)</ul>', html, re.DOTALL)))


def test_an_act_on_two_hundred_tasks_is_one_line_and_is_undone_as_one(staff: Client, owner: Person) -> None:
    Task.objects.bulk_create(Task(user_id="owner", title=str(number), completed=True) for number in range(200))
    owner.delete(f"{owner.tasks}?status=completed")

    page = html_of(staff, f"{USERS}owner/history/")

    assert page.count('class="act"') == 2
    assert "200 tasks moved to the trash" in page
    assert "and 195 other tasks" in page
    assert "Undid revision 2: 200 tasks." in undo_on(staff, f"{USERS}owner/history/", 2)
    assert Task.objects.live().count() == 200
    assert TaskChange.objects.latest_first()[0].actor == "staff, undo of revision 2"
    assert 'undo of <a href="#revision-2">revision 2</a>' in html_of(staff, f"{USERS}owner/history/")


def test_one_task_of_an_act_is_undone_on_its_own_page(staff: Client, owner: Person) -> None:
    task = owner.has_task("1")
    owner.has_task("2")
    owner.delete(f"{owner.tasks}?status=all")

    told = undo_on(staff, f"{TASKS}{task['id']}/history/", 3)

    assert "Undid revision 3: 1 task." in told
    assert [row["title"] for row in owner.get(owner.tasks).json] == ["1"]


def test_an_undo_that_something_newer_forbids_says_what_and_by_whom(staff: Client, owner: Person) -> None:
    task = owner.has_task("1")
    owner.put(owner.path(task), {"title": "2"})
    owner.put(owner.path(task), {"title": "3"})

    told = undo_on(staff, f"{TASKS}{task['id']}/history/", 2)

    assert "was changed since then, by owner in revision 3" in told
    assert Task.objects.get().title == "3"


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "²"])
def test_an_undo_of_no_revision_is_not_found(staff: Client, owner: Person, revision: str) -> None:
    assert staff.post(f"{USERS}owner/undo/", {"revision": revision}).status_code == 404
    assert staff.get(f"{USERS}owner/undo/").status_code == 404
    assert staff.post(f"{USERS}nobody/undo/", {"revision": "1"}).status_code == 404


def test_times_are_in_the_zone_of_the_browser_and_say_so(staff: Client, owner: Person) -> None:
    task = owner.has_task()
    TaskChange.objects.update(at="2026-07-01T22:30:00Z")
    page = f"{TASKS}{task['id']}/history/"
    assert "1 Jul 2026, 22:30:00" in html_of(staff, page)
    assert "Times are in UTC." in html_of(staff, page)

    staff.cookies["operator_timezone"] = "Europe%2FBerlin"

    assert "2 Jul 2026, 00:30:00" in html_of(staff, page)
    assert "Times are in Europe/Berlin." in html_of(staff, page)
    for odd in ("../etc/passwd", "Mars", "", "\0", "x" * 5000):
        staff.cookies["operator_timezone"] = odd
        assert "Times are in UTC." in html_of(staff, page)


def test_fields_are_in_words(staff: Client, owner: Person) -> None:
    task = owner.has_task("2026-01-01T00:00:00Z", tags=["milk, bread", "home"])
    owner.put(owner.path(task), {"tags": [], "description": "x"})
    owner.put(owner.path(task), {"title": "y", "completed": True})

    words = " ".join(re.sub("<[^>]*>", " ", unescape(html_of(staff, f"{TASKS}{task['id']}/history/"))).split())

    assert "tags from “milk, bread”, “home” → to nothing" in words
    assert "description from nothing → to x" in words
    assert "title from 2026-01-01T00:00:00Z → to y" in words
    assert "completed from no → to yes" in words


def test_older_acts_are_on_further_pages(staff: Client, owner: Person) -> None:
    task = owner.has_task("0")
    for number in range(35):
        owner.put(owner.path(task), {"title": str(number + 1)})

    first = html_of(staff, f"{USERS}owner/history/")
    second = html_of(staff, f"{USERS}owner/history/?before=7")

    assert (first.count('class="act"'), second.count('class="act"')) == (30, 6)
    assert 'href="?before=7"' in first
    assert "Older entries" not in second
    assert html_of(staff, f"{USERS}owner/history/?before=x").count('class="act"') == 30


@pytest.mark.django_db(transaction=True)
def test_an_administrator_who_acts_as_a_person_an_operator_and_the_database_are_told_apart(
    staff: Client, owner: Person
) -> None:
    task = owner.has_task("1")
    TaskChange.objects.update(actor="owner, as by admin1")
    Task.objects.update(title="2")
    html = unescape(html_of(staff, f"{TASKS}{task['id']}/history/"))

    words = " ".join(re.sub("<[^>]*>", " ", html).split())
    assert "by Owner (owner@example.com) in the app" in words
    assert "in the database · revision 2" in words
