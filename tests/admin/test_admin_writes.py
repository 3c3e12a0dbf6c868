"""Operators change tasks beside the users whose they are: nothing is overwritten, doubled, or past the limit."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client
from psycopg import errors
from pytest_django.fixtures import Settings

from tasks import admin as tasks_admin
from tasks.exceptions import OwnerNotFound
from tasks.models import Task, TaskChange, TaskList
from tests.support.admin_pages import TASKS, USERS, Form, form_of, html_of, page_of, told
from tests.support.faults import fails_once, raiser
from tests.support.people import Person, TaskJSON


def choose(client: Client, action: str, *tasks: TaskJSON) -> str:
    """Do `action` to the tasks, ticked in the list, and confirm it; what the page that follows says."""
    chosen = [str(task["id"]) for task in tasks]
    response = client.post(TASKS, {"action": action, "_selected_action": chosen}, follow=True)
    assert response.status_code == 200
    form = Form(response.content.decode()).fields
    if "ids" in form:
        response = client.post(f"{TASKS}acts/", {"act": form["act"], "ids": form["ids"]}, follow=True)
        assert response.status_code == 200
    html = response.content.decode()
    said = re.findall(r'<ul class="messagelist">(.*?)</ul>|<h1>(.*?)</h1>', html, re.DOTALL)
    return unescape(" ".join(message or title for message, title in said))


# Forms


def test_a_form_over_a_newer_version_is_refused_and_shows_the_other_change(staff: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk", description="Two litres")
    form = form_of(staff, page_of(task))
    owner.patch(f"{owner.path(task)}/complete")
    now = owner.put(owner.path(task), {"description": "Three litres"}).json

    message = told(staff, page_of(task), {**form, "title": "Buy oat milk"})

    assert "has changed since you opened this page" in message
    assert "changed by owner (api) description: Two litres → Three litres" in message
    assert "completed by owner (api) completed: no → yes" in message
    assert "created" not in message
    assert owner.get(owner.path(task)).json == now


@pytest.mark.parametrize("seen", ["", "x", "2", "-1", "0", "9" * 5000])
def test_a_form_that_does_not_say_what_it_saw_is_refused(staff: Client, owner: Person, seen: str) -> None:
    task = owner.has_task()

    message = told(staff, page_of(task), {**form_of(staff, page_of(task)), "title": "x", "seen_version": seen})

    assert "created by owner (api)" in message or "whole number" in message
    assert owner.get(owner.path(task)).json == task


def test_a_form_overtaken_between_its_check_and_its_write_is_refused_too(
    staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = owner.has_task("Buy milk")
    form = form_of(staff, page_of(task))
    save_model = tasks_admin.TaskAdmin.save_model

    def overtaken(*args: Any) -> None:
        owner.put(owner.path(task), {"title": "Buy bread"})
        save_model(*args)

    monkeypatch.setattr(tasks_admin.TaskAdmin, "save_model", overtaken)

    message = told(staff, page_of(task), {**form, "title": "Buy oat milk"})

    assert "has changed since you opened this page" in message
    assert "Buy milk → Buy bread" in message
    assert not LogEntry.objects.exists()


def test_a_task_in_the_trash_is_shown_and_not_changed(staff: Client, owner: Person) -> None:
    task = owner.has_task("Buy milk")
    form = form_of(staff, page_of(task))
    owner.delete(owner.path(task))

    assert staff.post(page_of(task), {**form, "title": "x"}).status_code == 403

    page = html_of(staff, page_of(task))
    assert "Buy milk" in page
    assert 'name="title"' not in page
    assert owner.get(f"{owner.tasks}?status=deleted").json[0]["title"] == "Buy milk"


def test_a_task_that_a_staff_user_adds_obeys_the_limit(staff: Client, owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 1
    form = {**form_of(staff, f"{TASKS}add/"), "user": "owner", "title": "x", "description": ""}

    assert "added successfully" in told(staff, f"{TASKS}add/", form)
    assert "reached the limit of tasks" in told(staff, f"{TASKS}add/", form)

    (task,) = owner.get(owner.tasks).json
    assert str(TaskChange.objects.get(task_id=task["id"])).endswith("created by staff (admin)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [1, 2])
def test_a_deadlock_under_a_form_is_tried_again_once(staff: Client, owner: Person, times: int) -> None:
    task = owner.has_task()
    form = form_of(staff, page_of(task))

    with fails_once(errors.DeadlockDetected, "UPDATE tasks", times=times):
        response = staff.post(page_of(task), {**form, "title": "y"}, follow=True)

    assert response.status_code == 200
    assert (Task.objects.get().title == "y") is (times == 1)
    assert Task.objects.get().version == (2 if times == 1 else 1)
    assert ("busy" in response.content.decode()) is (times == 2)


def test_a_task_for_somebody_who_was_just_deleted_is_refused(
    staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {**form_of(staff, f"{TASKS}add/"), "user": "owner", "title": "x", "description": ""}
    monkeypatch.setattr("tasks.operations.create", raiser(OwnerNotFound()))

    assert "The user does not exist any more." in told(staff, f"{TASKS}add/", form)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_not_reported_as_a_deadlock(staff: Client, owner: Person) -> None:
    task = owner.has_task()
    form = form_of(staff, page_of(task))
    staff.raise_request_exception = False

    for address, sent in (
        (page_of(task), {**form, "title": "y"}),
        (f"{TASKS}acts/", {"act": "complete", "ids": str(task["id"])}),
    ):
        with fails_once(errors.AdminShutdown, "UPDATE tasks"):
            assert staff.post(address, sent).status_code == 500
    assert owner.get(owner.path(task)).json == task


# Actions


def test_there_is_no_way_to_delete_for_good(staff: Client, owner: Person) -> None:
    task = owner.has_task()

    assert staff.post(f"{TASKS}{task['id']}/delete/", {"post": "yes"}).status_code == 403
    choose(staff, "delete_selected", task)

    assert "delete_selected" not in html_of(staff, TASKS)
    assert owner.get(owner.path(task)).json == task


@pytest.mark.parametrize(
    ("action", "title"),
    [
        ("complete", {"pending": "changed", "completed": None, "trashed": None}),
        ("reopen", {"pending": None, "completed": "changed", "trashed": None}),
        ("move_to_trash", {"pending": "deleted", "completed": "deleted", "trashed": None}),
        ("restore", {"pending": None, "completed": None, "trashed": "restored"}),
    ],
)
def test_an_action_changes_what_it_is_about_and_records_the_operator(
    staff: Client, owner: Person, stranger: Person, action: str, title: dict[str, str | None]
) -> None:
    tasks = [person.has_task(name, completed=name == "completed") for person in (owner, stranger) for name in title]
    for person, task in ((owner, tasks[2]), (stranger, tasks[5])):
        person.delete(person.path(task))
    last = TaskChange.objects.latest("id").pk

    message = choose(staff, action, *tasks)

    done = TaskChange.objects.filter(pk__gt=last)
    assert f"{len(done)} tasks of 2 people changed" in message
    assert {change.actor for change in done} == {"staff"}
    assert {change.source for change in done} == {"admin"}
    names = {task["id"]: task["title"] for task in tasks}
    expected = [(name, kind) for name, kind in title.items() if kind] * 2
    assert sorted((names[change.task_id], change.kind) for change in done) == sorted(expected)
    assert TaskList.objects.get(pk="owner").live_count == Task.objects.owned_by("owner").live().count()


def test_restoring_past_somebodys_limit_restores_none_of_theirs_and_all_of_the_others(
    staff: Client, owner: Person, stranger: Person, settings: Settings
) -> None:
    tasks = [owner.has_task("1"), owner.has_task("2"), stranger.has_task("3")]
    for person, task in zip((owner, owner, stranger), tasks, strict=True):
        person.delete(person.path(task))
    settings.TASKS_PER_USER_LIMIT = 1

    message = choose(staff, "restore", *tasks)

    assert "Tasks of owner: You have reached the limit of tasks." in message
    assert "1 task of 1 person changed" in message
    assert [task.title for task in Task.objects.live()] == ["3"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [1, 2])
def test_a_deadlock_under_an_action_is_tried_again_once(staff: Client, owner: Person, times: int) -> None:
    task = owner.has_task()

    with fails_once(errors.DeadlockDetected, "UPDATE tasks", times=times):
        message = choose(staff, "complete", task)

    assert ("1 task of 1 person changed" in message) is (times == 1)
    assert ("busy" in message) is (times == 2)
    assert Task.objects.get().completed is (times == 1)


# History


def test_the_history_of_a_task_and_of_a_person_is_in_words(staff: Client, owner: Person, stranger: Person) -> None:
    task, other = owner.has_task("Buy <b>milk</b>"), owner.has_task("Other")
    stranger.has_task("Theirs")
    owner.put(owner.path(task), {"title": "Buy oat milk"})

    of_task = html_of(staff, f"{TASKS}{task['id']}/history/")
    of_person = html_of(staff, f"{USERS}owner/history/")

    for page in (of_task, of_person):
        assert "<b>milk" not in page
        words = " ".join(re.sub("<[^>]*>", " ", unescape(page)).split())
        assert "title from Buy milk → to Buy oat milk" in re.sub("</?b>", "", words)
        assert "by Owner (owner@example.com) in the app · revision 3" in words
    assert f"Task {other['id']}" not in of_task
    assert f"Task {other['id']}" in of_person
    assert "Stranger" not in of_person
    assert "1 task changed in the app" in unescape(html_of(staff, f"{USERS}owner/change/"))


@pytest.mark.django_db(transaction=True)
def test_djangos_own_log_has_no_title(staff: Client, owner: Person) -> None:
    form = form_of(staff, f"{TASKS}add/")
    staff.post(f"{TASKS}add/", {**form, "user": "owner", "title": "Secret plan", "description": ""})
    (task,) = owner.get(owner.tasks).json
    staff.post(page_of(task), {**form_of(staff, page_of(task)), "title": "Secret too"})
    choose(staff, "move_to_trash", task)
    call_command("purge_trash", "--days=0", verbosity=0)

    assert not Task.objects.exists()
    assert [entry.object_repr for entry in LogEntry.objects.all()] == ["Person owner", *[f"Task {task['id']}"] * 2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(entry::text, '') FROM django_admin_log entry")
        assert "Secret" not in cursor.fetchone()[0]
