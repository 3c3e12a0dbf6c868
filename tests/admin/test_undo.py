"""An undo gives tasks exactly the values that they had, is recorded, and never overwrites something newer."""

from typing import Any

import pytest
from django.db import connection
from psycopg import errors
from pytest_django.fixtures import Settings

from tasks import operations
from tasks.models import Task, TaskChange, TaskList
from tasks.operations import Actor
from tasks.undo import Undone, UndoRefusedError, undo, undo_change, undo_revision, undone_revision
from tests.support.faults import fails_once
from tests.support.people import Person, TaskJSON

OPERATOR = Actor("anna", "admin")
VALUES = (
    "id",
    "user_id",
    "title",
    "description",
    "completed",
    "due_date",
    "priority",
    "tags",
    "created_at",
    "deleted_at",
)


def values(user_id: str = "owner") -> list[dict[str, Any]]:
    """What users see of their tasks, trash included."""
    return list(Task.objects.owned_by(user_id).order_by("id").values(*VALUES))


def revision_of(user_id: str = "owner") -> int:
    return TaskList.objects.get(pk=user_id).revision


CHANGES: list[dict[str, Any]] = [
    {"title": "Buy oat milk"},
    {"description": None},
    {"completed": True},
    {"due_date": None, "priority": "none", "tags": []},
    {"title": "\u00c4 \U0001f600 'quoted' \"", "description": "a\n\tb \\ {}", "tags": ["milk, bread", "\\", "{}"]},
    {"due_date": "0001-01-01", "tags": ["z", "a", "z "]},
]


@pytest.mark.parametrize("change", CHANGES, ids=ascii)
def test_a_change_is_undone_exactly_and_its_undo_too(owner: Person, change: dict[str, Any]) -> None:
    task = owner.has_task(description=" Two\nlitres ", due_date="2026-11-24", priority="high", tags=["b, c", "a", '"'])
    before = values()
    owner.put(owner.path(task), change)
    after = values()
    assert after != before

    first = undo_change("owner", 2, task["id"], OPERATOR)
    assert values() == before
    second = undo_change("owner", first.revision, task["id"], OPERATOR)

    assert values() == after
    assert [first, second] == [Undone(3, 1), Undone(4, 1)]
    assert Task.objects.get().version == 4


def test_an_undo_is_recorded_with_its_actor_and_what_it_undid(owner: Person) -> None:
    task = owner.has_task("Buy milk")
    owner.put(owner.path(task), {"title": "Buy bread"})

    undo_change("owner", 2, task["id"], OPERATOR)

    change = TaskChange.objects.of_user("owner").latest_first()[0]
    assert (change.kind, change.source) == ("changed", "admin")
    assert (change.before, change.after) == ({"title": "Buy bread"}, {"title": "Buy milk"})
    assert change.actor == "anna, undo of revision 2"
    assert undone_revision(change) == 2


def test_a_user_cannot_pretend_that_a_change_is_an_undo(owner: Person) -> None:
    owner.has_task()
    TaskChange.objects.update(actor="owner, undo of revision 1")

    assert undone_revision(TaskChange.objects.get()) is None


def test_a_revision_is_undone_in_one_revision(owner: Person) -> None:
    for number in range(5):
        owner.has_task(str(number), completed=number % 2 == 0)
    owner.delete(f"{owner.tasks}/{Task.objects.order_by('id')[0].pk}")
    before, revision = values(), revision_of()
    assert owner.delete(f"{owner.tasks}?status=all").json == {"deleted": 4}

    undone = undo_revision("owner", revision + 1, OPERATOR)

    assert values() == before
    assert undone == Undone(revision + 2, 4)
    lists = TaskList.objects.get(pk="owner")
    assert (lists.revision, lists.live_count, lists.trash_count) == (revision + 2, 4, 1)
    assert set(TaskChange.objects.filter(revision=revision + 2).values_list("kind", flat=True)) == {"restored"}


def test_one_task_of_a_revision_is_undone_alone(owner: Person) -> None:
    first, second = owner.has_task("1"), owner.has_task("2")
    owner.patch(f"{owner.tasks}?status=all", {"completed": True})

    assert undo_change("owner", 3, first["id"], OPERATOR).tasks == 1

    assert dict(Task.objects.values_list("id", "completed")) == {first["id"]: False, second["id"]: True}


def test_a_task_back_in_the_trash_keeps_the_age_that_it_had_there(owner: Person) -> None:
    task = owner.has_task()
    owner.delete(owner.path(task))
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'Asia/Kathmandu'")  # The zone of psql; records have its offset.
        cursor.execute("UPDATE tasks SET deleted_at = NULL")
        cursor.execute("SET TIME ZONE 'UTC'")
    deleted_at = TaskChange.objects.get(revision=3).before["deleted_at"]  # type: ignore[index]  # It has one.
    assert "+05:45" in deleted_at

    undo_change("owner", 3, task["id"], OPERATOR)

    change = TaskChange.objects.get(revision=2)
    assert Task.objects.get().deleted_at is not None
    assert TaskChange.objects.get(revision=4).after == change.after


def test_the_undo_of_a_creation_moves_the_task_to_the_trash(owner: Person) -> None:
    task = owner.has_task()

    undo_revision("owner", 1, OPERATOR)

    assert owner.get(owner.tasks).json == []
    assert [row["id"] for row in owner.get(f"{owner.tasks}?status=deleted").json] == [task["id"]]
    undo_revision("owner", 2, OPERATOR)
    assert [row["id"] for row in owner.get(owner.tasks).json] == [task["id"]]


# Something newer


def refused(revision: int, *, task: TaskJSON | None = None) -> str:
    """Why the undo of the owner's revision is refused; it has written nothing then."""
    rows, changes = list(Task.objects.values()), TaskChange.objects.count()
    with pytest.raises(UndoRefusedError) as refusal:
        undo("owner", revision, OPERATOR, task and [task["id"]])
    assert (list(Task.objects.values()), TaskChange.objects.count()) == (rows, changes)
    return str(refusal.value)


def test_a_change_under_a_newer_one_of_the_same_field_is_not_undone(owner: Person) -> None:
    task = owner.has_task("1")
    owner.put(owner.path(task), {"title": "2"})
    owner.put(owner.path(task), {"title": "3"})

    assert f"Task {task['id']} was changed since then, by owner in revision 3." in refused(2, task=task)


def test_a_newer_change_stands_even_if_it_wrote_the_same_value_again(owner: Person) -> None:
    task = owner.has_task("1")
    for title in ("2", "3", "2"):
        owner.put(owner.path(task), {"title": title})

    assert "in revision 4" in refused(2, task=task)


def test_a_newer_change_of_another_field_is_kept(owner: Person) -> None:
    task = owner.has_task("1")
    owner.put(owner.path(task), {"title": "2"})
    owner.put(owner.path(task), {"priority": "high"})

    undo_change("owner", 2, task["id"], OPERATOR)

    (row,) = Task.objects.values_list("title", "priority")
    assert row == ("1", "high")


def test_changes_are_undone_one_after_the_other(owner: Person) -> None:
    task = owner.has_task("1")
    for title in ("2", "3", "4"):
        owner.put(owner.path(task), {"title": title})

    for revision, title in ((4, "3"), (3, "2"), (2, "1")):
        undo_change("owner", revision, task["id"], OPERATOR)
        assert Task.objects.get().title == title

    assert "was changed since then, by anna, undo of revision 2 in revision 7" in refused(3, task=task)


def test_an_undo_that_was_undone_no_longer_counts(owner: Person) -> None:
    task = owner.has_task("1")
    owner.put(owner.path(task), {"title": "2"})
    owner.put(owner.path(task), {"title": "3"})
    undone = undo_change("owner", 3, task["id"], OPERATOR)
    undo_change("owner", undone.revision, task["id"], OPERATOR)

    assert "in revision 3" in refused(2, task=task)


def test_nothing_is_undone_twice(owner: Person) -> None:
    task = owner.has_task()
    owner.patch(f"{owner.path(task)}/complete")
    undo_revision("owner", 2, OPERATOR)

    assert f"Task {task['id']}: this is undone already, by revision 3." in refused(2)


def test_a_revision_is_undone_as_a_whole_or_not_at_all(owner: Person) -> None:
    tasks = [owner.has_task(str(number)) for number in range(8)]
    owner.patch(f"{owner.tasks}?status=all", {"completed": True})
    for task in tasks[:7]:
        owner.patch(f"{owner.path(task)}/complete")

    message = refused(9)

    assert message.startswith(f"Nothing was undone. Task {tasks[0]['id']} was changed since then")
    assert message.endswith("And 2 other tasks.")
    assert message.count("since then") == 5


def test_a_task_in_the_trash_is_not_changed_by_an_undo(owner: Person) -> None:
    task = owner.has_task("1")
    owner.put(owner.path(task), {"title": "2"})
    owner.delete(owner.path(task))

    assert "is in the trash: restore it first" in refused(2, task=task)
    assert "was deleted since then, by owner in revision 3" in refused(1, task=task)


def test_a_purge_cannot_be_undone(owner: Person) -> None:
    owner.has_task()
    Task.objects.all().delete()

    assert "'purged' cannot be undone" in refused(2)


def test_a_value_that_nobody_recorded_is_not_overwritten(owner: Person) -> None:
    task = owner.has_task("1")
    owner.put(owner.path(task), {"title": "2"})
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # As a restored dump: without triggers.
        cursor.execute("UPDATE tasks SET title = '3'")
        cursor.execute("SET session_replication_role = origin")

    assert "no longer have the values" in refused(2)


def test_the_limit_of_tasks_holds_for_an_undo(owner: Person, settings: Settings) -> None:
    task = owner.has_task("1")
    owner.delete(owner.path(task))
    owner.has_task("2")
    settings.TASKS_PER_USER_LIMIT = 1

    assert "would exceed the limit of 1 tasks" in refused(2)


def test_what_is_not_in_the_history_is_not_undone(owner: Person, stranger: Person) -> None:
    task = owner.has_task()

    assert "Revision 9 is not in the history of user 'owner'" in refused(9)
    assert "Revision 1 is not in the history" in refused(1, task={"id": task["id"] + 1})
    for user_id in ("nobody", "stranger"):
        with pytest.raises(UndoRefusedError):
            undo_change(user_id, 1, task["id"], OPERATOR)


@pytest.mark.django_db(transaction=True)
def test_an_undo_is_tried_again_after_a_deadlock(owner: Person) -> None:
    task = owner.has_task("1")
    operations.change("owner", task["id"], Actor("owner"), {"title": "2"})

    with fails_once(errors.DeadlockDetected, "jsonb_populate_record"):
        undo_revision("owner", 2, OPERATOR)

    assert Task.objects.get().title == "1"
