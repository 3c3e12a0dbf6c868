"""The front page of the admin counts everything, shows it as pictures and as tables, and makes nobody wait."""

import fcntl
import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User as StaffUser
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tasks import statistics
from tasks.admin import dashboard
from tasks.models import TaskChange
from tests.support.admin_pages import form_of, html_of, page_of, save
from tests.support.people import Person
from todo_project import refusals


@pytest.fixture(autouse=True)
def nothing_is_counted_yet() -> Iterator[None]:
    dashboard.numbers.clear()
    refusals.counts.clear()
    yield
    dashboard.numbers.clear()


def shown(html: str) -> dict[str, str]:
    """The numbers of the front page, by name."""
    return dict(re.findall(r'<dt>([^<]*)</dt><dd><a href="[^"]*">([^<]*)</a>', html))


def test_the_numbers_are_those_of_the_tables(staff: Client, owner: Person, stranger: Person) -> None:
    owner.has_task("late", due_date="2020-01-01"), owner.has_task("done", completed=True), stranger.has_task("open")
    owner.delete(owner.path(owner.has_task("trashed")))

    html = html_of(staff, "/admin/")

    numbers = {"People": "2", "Tasks": "3", "Open": "2", "Overdue": "1", "Completed": "1", "In the trash": "1"}
    assert shown(html) == numbers
    assert "owner@example.com" in html


def test_each_day_has_its_numbers_as_a_bar_and_in_a_table(staff: Client, owner: Person) -> None:
    owner.has_task("1", completed=True), owner.has_task("2")
    User.objects.filter(pk="owner").update(created_at=timezone.now() - timedelta(days=3))
    TaskChange.objects.filter(kind="changed").update(at=timezone.now() - timedelta(days=29))
    owner.has_task("older")
    TaskChange.objects.filter(pk=TaskChange.objects.latest("pk").pk).update(at=timezone.now() - timedelta(days=31))

    days = statistics.count_everything().days
    html = html_of(staff, "/admin/")

    assert len(days) == 30
    assert [(day.sign_ups, day.created, day.completed) for day in (days[0], days[26], days[29])] == [
        (0, 0, 1),
        (1, 0, 0),
        (0, 2, 0),
    ]
    assert html.count("<rect") == 90
    assert html.count('<svg role="img" aria-labelledby="chart-') == 3
    row = rf'<th scope="row">{days[29].date:%-d %b %Y}</th><td>0</td><td>2</td><td>0</td>'
    assert re.search(row, html)
    assert "Tasks created in 30 days: 2, at most 2 a day" in html


def test_numbers_are_counted_once_a_minute(staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    html_of(staff, "/admin/")
    owner.has_task()

    assert shown(html_of(staff, "/admin/"))["Tasks"] == "0"
    assert "Counted at" in html_of(staff, "/admin/")

    monkeypatch.setattr(dashboard, "FRESH_SECONDS", 0)
    assert shown(html_of(staff, "/admin/"))["Tasks"] == "1"


def test_refused_requests_are_counted_by_reason(staff: Client, owner: Person) -> None:
    for _ in range(3):
        owner.get(owner.tasks, authorization="Bearer x.y.z")
    owner.get("/api/stranger/tasks")

    html = " ".join(html_of(staff, "/admin/").split())

    assert "<td>403</td><td>Cannot access another user&#x27;s tasks</td><td>1</td>" in html
    assert re.search(r"<td>401</td><td>[^<]+</td><td>3</td>", html)


def test_what_operators_did_is_listed_whoever_wrote_the_entry(staff: Client, owner: Person) -> None:
    task = owner.has_task("Secret plan")
    save(staff, task, {**form_of(staff, page_of(task)), "priority": "high"})
    kind = ContentType.objects.get_for_model(User)
    for message in ("[]", "not JSON", '{"unknown": 1}'):
        LogEntry.objects.create(
            user=StaffUser.objects.get(), content_type=kind, object_id="owner", action_flag=2, change_message=message
        )

    html_of(staff, "/admin/")  # With the message about the form.
    html = html_of(staff, "/admin/")

    assert f"Edited task {task['id']}" in html
    assert "Secret plan" not in html


def test_reasons_do_not_fill_the_memory() -> None:
    for number in range(refusals.MAX_REASONS + 10):
        refusals.count(401, f"reason {number}" + " and so on" * 100)
    for status in range(400, 450):
        refusals.count(status, "is not in use")

    counted = refusals.most_common(1000)

    assert (401, "other reasons", 11) in counted
    assert len(counted) == refusals.MAX_REASONS + refusals.STATUSES
    assert max(len(reason) for _, reason, _ in counted) == refusals.LENGTH


def test_refusals_of_all_processes_are_counted_together() -> None:
    for number in range(3):
        refusals.count(401, f"Because {number}.")
        if (child := os.fork()) == 0:  # pragma: no cover  Another process, as a worker is.
            refusals.count(403, f"Because of that {number}.")
            refusals.count(401, "Because 0.")
            os._exit(0)
        os.waitpid(child, 0)

    assert refusals.most_common(1) == [(401, "Because 0.", 4)]
    assert sorted(refusals.most_common(9))[1:] == [
        *((401, f"Because {number}.", 1) for number in (1, 2)),
        *((403, f"Because of that {number}.", 1) for number in range(3)),
    ]


def test_a_stopped_process_that_holds_the_lock_stops_nobody() -> None:
    read, write = os.pipe()
    if (child := os.fork()) == 0:  # pragma: no cover  Another process.
        fcntl.lockf(refusals.counts.memory.file, fcntl.LOCK_EX)
        os.write(write, b".")
        signal.pause()
    os.read(read, 1)

    refusals.count(401, "Because.")  # It is answered as always, and not counted.
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    refusals.count(401, "Because.")

    assert refusals.most_common() == [(401, "Because.", 1)]


@pytest.mark.django_db(transaction=True)
def test_a_count_that_takes_long_is_not_waited_for(
    staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_count, count = Event(), statistics.count_everything

    def slowly() -> Any:
        may_count.wait()
        return count()

    monkeypatch.setattr(dashboard, "COUNTED_AT_ONCE", -1)
    monkeypatch.setattr(dashboard, "count_everything", slowly)

    first = staff.get("/admin/")
    assert "take a moment to count" in first.content.decode()
    assert first.headers["Refresh"] == "2"
    assert staff.get("/admin/").headers["Refresh"] == "2"
    may_count.set()
    assert dashboard.numbers.thread is not None
    dashboard.numbers.thread.join()

    second = staff.get("/admin/")
    assert shown(second.content.decode())["People"] == "1"
    assert "Refresh" not in second.headers


@pytest.mark.django_db(transaction=True)
def test_a_count_that_fails_is_logged_and_fails_no_page(
    staff: Client, owner: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> Any:
        raise RuntimeError("no numbers")

    monkeypatch.setattr(dashboard, "COUNTED_AT_ONCE", -1)
    monkeypatch.setattr(dashboard, "count_everything", fails)

    assert staff.get("/admin/").status_code == 200
    assert dashboard.numbers.thread is not None
    dashboard.numbers.thread.join()

    assert "could not be counted" in caplog.text


def test_the_days_are_found_by_the_index_of_time(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'task_change_at_idx'")
        assert "USING brin (at)" in cursor.fetchone()[0]


def test_people_and_tasks_come_before_operators_and_roles(staff: Client) -> None:
    html = html_of(staff, "/admin/")

    places = [
        html.index(f'id="{app}-') if f'id="{app}-' in html else html.index(f"/admin/{app}/")
        for app in ("accounts", "tasks", "auth")
    ]
    assert places == sorted(places)
    assert "Roles" in html
    assert "Groups" not in html
