"""The changes feed tells each task that changed, once and as it is now: whoever applies it has the list."""

from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from tasks import operations
from tasks.models import Task
from tests.support.copies import Copy, told
from tests.support.crowds import while_waiting_for_lock
from tests.support.people import Person, TaskJSON


def purge(*tasks: TaskJSON) -> None:
    """Remove tasks for good."""
    Task.objects.filter(pk__in=[task["id"] for task in tasks]).delete()


def trash(person: Person, task: TaskJSON) -> None:
    """Move a task to the trash."""
    assert person.delete(person.path(task)).status == 204


def test_without_since_the_live_tasks_come_as_they_are_answered_alone(owner: Person, copy: Copy) -> None:
    tasks = [
        owner.has_task('Молоко \u2028 \\ "quoted"', description="x\ny", tags=["a, b"], due_date="2026-11-24"),
        owner.has_task("done", completed=True, priority="high"),
    ]
    trash(owner, owner.has_task("trashed"))

    answer = copy.ask()

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Vary"] == owner.get(owner.tasks + "/0").headers["Vary"]
    assert list(answer.json) == ["changes", "revision", "more"]
    assert answer.json["changes"] == [{"op": "upsert", "task": task} for task in tasks]
    assert answer.json["more"] is False
    assert list(answer.json["changes"][0]["task"]) == list(tasks[0])


def test_with_since_come_the_changes_since(owner: Person, copy: Copy) -> None:
    kept, edited, trashed, purged = (owner.has_task(title) for title in ["kept", "edited", "trashed", "purged"])
    copy.follow()
    owner.put(owner.path(edited), {"title": "edited anew"})
    trash(owner, trashed)
    purge(purged)
    created = owner.has_task("created", completed=True)

    changes = copy.ask().json["changes"]

    assert changes == [
        {"op": "upsert", "task": owner.get(owner.path(edited)).json},
        {"op": "delete", "id": trashed["id"]},
        {"op": "delete", "id": purged["id"]},
        {"op": "upsert", "task": created},
    ]
    assert copy.follow().is_the_list()
    assert kept["id"] in copy.tasks


def test_a_restored_task_is_an_upsert_and_a_purged_one_a_delete(owner: Person, copy: Copy) -> None:
    task, other = owner.has_task("task"), owner.has_task("other")
    trash(owner, task)
    trash(owner, other)
    copy.follow()

    owner.post(f"{owner.path(task)}/restore")
    purge(other)

    assert told(copy) == ["+task", f"-{other['id']}"]
    assert copy.follow().is_the_list()


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x"},
        {"description": "x"},
        {"completed": True},
        {"due_date": "2026-11-24"},
        {"priority": "low"},
        {"tags": ["x"]},
    ],
    ids=str,
)
def test_a_change_of_any_field_is_told(owner: Person, copy: Copy, body: dict[str, Any]) -> None:
    task = owner.has_task("task")
    copy.follow()

    changed = owner.put(owner.path(task), body).json

    assert copy.ask().json["changes"] == [{"op": "upsert", "task": changed}]


def test_a_write_that_changes_nothing_is_not_told(owner: Person, copy: Copy) -> None:
    task = owner.has_task("task")
    copy.follow()

    owner.put(owner.path(task), {"title": "task"})
    owner.post(f"{owner.path(task)}/restore")

    assert told(copy) == []


def test_a_task_that_changed_often_is_reported_once_at_its_latest_change(owner: Person, copy: Copy) -> None:
    first, second = owner.has_task("first"), owner.has_task("second")
    copy.follow()
    for title in "abc":
        owner.put(owner.path(first), {"title": title})
        owner.put(owner.path(second), {"title": title * 2})
    owner.put(owner.path(first), {"title": "last"})

    assert told(copy) == ["+cc", "+last"]


def test_changes_from_every_source_are_in_the_feed(owner: Person, copy: Copy) -> None:
    tasks = [owner.has_task(str(number)) for number in range(4)]
    copy.follow()

    owner.patch(f"{owner.tasks}?status=all", {"completed": True})
    operations.change_selected("owner", operations.Actor("anna", "admin"), "reopen", [tasks[0]["id"]])
    Task.objects.filter(pk=tasks[1]["id"]).update(title="shell")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks SET title = 'psql' WHERE id = %s", [tasks[2]["id"]])
        cursor.execute("INSERT INTO tasks (user_id, title) VALUES ('owner', 'inserted')")
        cursor.execute("DELETE FROM tasks WHERE id = %s", [tasks[3]["id"]])

    assert told(copy) == ["+0", "+shell", "+psql", "+inserted", f"-{tasks[3]['id']}"]
    assert copy.follow().is_the_list()


def test_what_has_not_changed_is_an_empty_page_and_the_same_revision(owner: Person, copy: Copy) -> None:
    owner.has_task()
    copy.follow()

    assert copy.ask().json == {"changes": [], "revision": copy.revision, "more": False}


def test_a_revision_may_be_asked_for_again(owner: Person, copy: Copy) -> None:
    task = owner.has_task("task")
    copy.follow()
    owner.patch(f"{owner.path(task)}/complete")

    assert copy.ask().json["changes"] == copy.ask().json["changes"] != []


def test_a_user_without_tasks_has_an_empty_snapshot_and_misses_nothing_after_it(owner: Person, copy: Copy) -> None:
    answer = copy.ask()
    assert (answer.json["changes"], answer.json["more"]) == ([], False)
    copy.take(answer)
    assert copy.ask().json == answer.json

    owner.has_task("first")
    owner.has_task("second")

    assert told(copy) == ["+first", "+second"]
    assert copy.follow(limit=1).is_the_list()


def test_anothers_changes_are_never_told(owner: Person, stranger: Person, copy: Copy) -> None:
    task = stranger.has_task("theirs")
    copy.follow()
    stranger.put(stranger.path(task), {"title": "theirs anew"})
    trash(stranger, task)
    owner.has_task("mine")
    Task.objects.update(description="for all")  # one statement

    assert told(copy) == ["+mine"]
    assert told(Copy(owner)) == ["+mine"]
    assert told(Copy(stranger)) == []


@pytest.mark.django_db(transaction=True)
def test_what_a_long_transaction_wrote_is_reported_after_its_commit_and_nothing_is_passed_over(owner: Person) -> None:
    tasks = [owner.has_task(str(number)) for number in range(3)]
    before = Copy(owner).follow()
    meanwhile = Copy(Person(owner.id, owner.token)).follow()

    def long(cursor: CursorWrapper) -> None:
        for task in tasks:  # three revisions, which nobody sees yet
            cursor.execute("UPDATE tasks SET title = 'long' WHERE id = %s", [task["id"]])

    def short() -> int:
        me = Person(owner.id, owner.token)
        return me.put(me.path(tasks[0]), {"description": "short"}).status

    statuses = while_waiting_for_lock(long, short, short, at_last=meanwhile.follow)

    assert statuses == [200, 200]
    assert meanwhile.tasks == before.tasks
    for copy in (before, meanwhile):
        assert copy.follow(limit=1).is_the_list()
    assert {task["title"] for task in before.tasks.values()} == {"long"}
