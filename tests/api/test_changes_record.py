"""Whoever writes a task, and through whichever source, its version, timestamps, counters and record are right."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from tasks.models import Task, TaskChange, TaskList
from tests.support.people import Person


def sql(statement: str, *params: Any) -> None:
    """Run a statement as psql would: past Django's models."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def by_request(owner: Person, task: dict[str, Any]) -> None:
    owner.put(owner.path(task), {"title": "New", "completed": True})


def by_update(owner: Person, task: dict[str, Any]) -> None:
    Task.objects.owned_by("owner").filter(pk=task["id"]).update(title="New", completed=True)


def by_save(owner: Person, task: dict[str, Any]) -> None:
    row = Task.objects.get(pk=task["id"])
    row.title, row.completed = "New", True
    row.save()


def by_psql(owner: Person, task: dict[str, Any]) -> None:
    sql(
        "UPDATE tasks SET title = 'New', completed = true, version = 99, updated_at = '1999-01-01' WHERE id = %s",
        task["id"],
    )


@pytest.mark.parametrize("write", [by_request, by_update, by_save, by_psql])
def test_a_change_is_recorded_once_and_counts_one(owner: Person, write: Callable[..., None]) -> None:
    task = owner.has_task("Old")
    revision = TaskList.objects.get(pk="owner").revision

    write(owner, task)

    row = Task.objects.get(pk=task["id"])
    assert row.version == 2
    assert row.completed_at == row.updated_at > row.created_at
    assert TaskList.objects.get(pk="owner").revision == revision + 1
    change = TaskChange.objects.of_user("owner").latest_first()[0]
    assert (change.revision, change.task_id, change.kind) == (revision + 1, task["id"], "changed")
    assert change.before == {"title": "Old", "completed": False}
    assert change.after == {"title": "New", "completed": True}


@pytest.mark.parametrize("write", [by_request, by_update, by_save, by_psql])
def test_a_change_to_what_is_there_already_is_not_a_change(owner: Person, write: Callable[..., None]) -> None:
    task = owner.has_task("Old")
    write(owner, task)
    before = (Task.objects.values().get(pk=task["id"]), TaskList.objects.values().get(), TaskChange.objects.count())

    write(owner, task)

    assert before == (
        Task.objects.values().get(pk=task["id"]),
        TaskList.objects.values().get(),
        TaskChange.objects.count(),
    )


ASSIGNMENTS = [
    "title = 'New'",
    "description = NULL",
    "description = ''",
    "completed = true",
    "due_date = '2030-01-01'",
    "due_date = NULL",
    "priority = 'high'",
    "tags = '{a,b}'",
    "deleted_at = '2030-01-01'",
    "deleted_at = NULL",
    "title = 'New', completed = false, tags = '{}', deleted_at = '2030-01-01'",
    "created_at = '1999-01-01'",
    "title = title",
]


@pytest.mark.parametrize("trashed_at", [None, "2029-01-01T00:00:00Z"])
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_one_task_in_a_statement_is_recorded_as_several_are(
    owner: Person, assignment: str, trashed_at: str | None
) -> None:
    tasks = [owner.has_task("Old", description="x", due_date="2029-01-01")["id"] for _ in range(3)]
    sql("UPDATE tasks SET deleted_at = %s", trashed_at)
    revision = TaskList.objects.get().revision

    sql(f"UPDATE tasks SET {assignment} WHERE id = %s", tasks[0])
    alone = list(TaskChange.objects.filter(revision__gt=revision).values("task_id", "kind", "before", "after"))
    sql(f"UPDATE tasks SET {assignment} WHERE id = ANY (%s)", tasks[1:])

    together = TaskChange.objects.filter(revision__gt=revision).exclude(task_id=tasks[0])
    assert list(together.order_by("task_id").values("task_id", "kind", "before", "after")) == [
        {**change, "task_id": task} for change in alone for task in tasks[1:]
    ]
    state = TaskList.objects.get()
    assert state.revision == revision + 2 * len(alone)
    assert (state.live_count, state.trash_count) == (
        Task.objects.live().count(),
        Task.objects.exclude(deleted_at=None).count(),
    )


@pytest.mark.parametrize("state", ["never counted", "counted when all had left"])
def test_10_000_tasks_in_a_statement_are_written_in_time_if_the_statement_before_had_one(
    owner: Person, state: str
) -> None:
    """A plan that was kept from one task compared each old row with each new one, which took 20 s.

    And one for a table that seemed to be empty read the whole list for each task: 35 s.
    """
    if state == "counted when all had left":
        sql("INSERT INTO tasks (user_id, title) SELECT 'owner', n::text FROM generate_series(1, 3000) n")
        sql("DELETE FROM tasks; ANALYZE tasks, task_changes, task_lists")
    task = owner.has_task()
    sql("UPDATE tasks SET title = 'x'")
    sql("INSERT INTO tasks (user_id, title) SELECT 'owner', n::text FROM generate_series(2, 10000) n")

    sql("SET LOCAL statement_timeout = '10s'")
    assert owner.patch(f"{owner.tasks}?status=all", {"completed": True}).json == {"updated": 10_000}

    assert owner.get(owner.path(task)).json["version"] == 3
    assert TaskChange.objects.filter(kind="changed").count() == 10_001


@pytest.mark.django_db(transaction=True)  # Who writes is said once a transaction.
def test_who_wrote_and_from_which_source_is_recorded(owner: Person, admin_client: Any) -> None:
    task = owner.has_task("1")
    page = reverse("admin:tasks_task_change", args=[task["id"]])
    answer = admin_client.post(page, {"title": "2", "description": "", "priority": "none", "seen_version": 1})
    assert answer.status_code == 302, answer.content
    sql("UPDATE tasks SET title = '3'")

    writers = [(change.actor, change.source) for change in TaskChange.objects.of_task("owner", task["id"])]

    assert writers[:2] == [("owner", "api"), ("admin", "admin")]
    assert writers[2][1] == "database"


def test_bulk_create_and_psql_inserts_count_too(owner: Person) -> None:
    Task.objects.bulk_create([Task(user_id="owner", title="a", completed=True), Task(user_id="owner", title="b")])
    sql("INSERT INTO tasks (user_id, title, deleted_at) VALUES ('owner', 'c', now())")

    lists = TaskList.objects.get(pk="owner")
    assert (lists.live_count, lists.trash_count, lists.revision) == (2, 1, 2)
    assert [change.kind for change in TaskChange.objects.of_user("owner")] == ["created"] * 3
    assert Task.objects.get(title="a").completed_at is not None


def test_a_purged_task_leaves_a_tombstone_and_no_text(owner: Person) -> None:
    task = owner.has_task("Secret plan", description="Secret text")
    owner.put(owner.path(task), {"title": "Other secret"})
    key = owner.post(owner.tasks, {"title": "Secret too"}, idempotency_key="k").json

    sql("DELETE FROM tasks WHERE id = ANY (%s)", [task["id"], key["id"]])

    with connection.cursor() as cursor:
        for table in ("task_changes", "task_idempotency_keys", "task_lists", "tasks"):
            cursor.execute(f"SELECT coalesce(string_agg({table}::text, ''), '') FROM {table}")
            assert "ecret" not in cursor.fetchone()[0]
    assert [change.kind for change in TaskChange.objects.of_user("owner")] == ["purged", "purged"]
    assert TaskList.objects.get(pk="owner").live_count == 0


def test_a_task_keeps_its_owner(owner: Person, stranger: Person) -> None:
    task = owner.has_task()

    with pytest.raises(DatabaseError, match="The id and the owner of a task cannot be changed"), transaction.atomic():
        sql("UPDATE tasks SET user_id = 'stranger'")
    assert owner.get(owner.path(task)).json == task


def test_a_deleted_user_leaves_nothing(owner: Person) -> None:
    kept, trashed = owner.has_task("kept"), owner.has_task("trashed")
    owner.post(owner.tasks, {"title": "x"}, idempotency_key="k")
    owner.patch(f"{owner.path(kept)}/complete")
    owner.delete(owner.path(trashed))

    sql("""DELETE FROM "user" WHERE id = 'owner'""")

    for table in ("tasks", "task_changes", "task_lists", "task_idempotency_keys"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)


def test_a_history_reads_well_in_a_shell(owner: Person) -> None:
    task = owner.has_task("Buy milk")
    owner.put(owner.path(task), {"title": "Buy oat milk"})

    lines = [str(change) for change in Task.objects.owned_by("owner").get().history]

    assert lines[0].endswith(f"task {task['id']} created by owner (api)")
    assert lines[1].endswith(f"task {task['id']} changed by owner (api) title: 'Buy milk' → 'Buy oat milk'")
    assert [str(change) for change in TaskChange.objects.of_user("owner").latest_first()[:1]] == [lines[1]]
