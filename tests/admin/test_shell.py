"""Support writes tasks in a shell: what Django's own methods do there is counted, recorded, and overwrites nobody."""

from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Value
from django.db.models.functions import Concat
from pytest_django.fixtures import Settings

from accounts.models import Block, FailedSignIn
from tasks import operations
from tasks.exceptions import OwnerNotFound
from tasks.models import IdempotencyKey, StaleTaskError, Task, TaskChange, TaskList
from tests.support.crowds import while_waiting_for_lock
from tests.support.people import Person


def agree(user_id: str) -> None:
    """The counters of the list are those of its tasks."""
    tasks = Task.objects.owned_by(user_id)
    lists = TaskList.objects.get(pk=user_id)
    assert (lists.live_count, lists.trash_count) == (tasks.live().count(), tasks.exclude(deleted_at=None).count())
    assert TaskChange.objects.of_user(user_id).latest_first()[0].revision == lists.revision


def test_an_update_through_a_join_counts_for_each_owner(owner: Person, stranger: Person) -> None:
    owner.has_task("1"), stranger.has_task("2"), stranger.has_task("3")

    assert Task.objects.filter(user__email="stranger@example.com").update(title=Concat(F("title"), Value("!"))) == 2

    assert sorted(Task.objects.values_list("title", "version")) == [("1", 1), ("2!", 2), ("3!", 2)]
    assert [TaskList.objects.get(pk=name).revision for name in ("owner", "stranger")] == [1, 3]


def test_an_update_of_a_slice_is_refused_as_django_does(owner: Person) -> None:
    owner.has_task()

    with pytest.raises(TypeError):
        Task.objects.all()[:1].update(title="x")
    with pytest.raises(TypeError):
        Task.objects.all()[:1].delete()
    ids = Task.objects.all()[:1].values("pk")
    assert Task.objects.filter(pk__in=ids).update(title="x") == 1


def test_an_update_of_an_annotated_or_distinct_queryset_is_as_django_does(owner: Person) -> None:
    owner.has_task("1")

    assert Task.objects.annotate(other=F("title")).filter(other="1").update(title="2") == 1
    assert Task.objects.order_by("-title").exclude(title="x").update(title="3") == 1
    assert Task.objects.none().update(title="4") == 0


def test_a_bulk_update_counts_and_is_recorded(owner: Person, stranger: Person) -> None:
    owner.has_task("1"), owner.has_task("2"), stranger.has_task("3")
    tasks = list(Task.objects.order_by("id"))
    for task in tasks:
        task.title += "!"
        task.completed = True

    assert Task.objects.bulk_update(tasks, ["title", "completed"]) == 3

    assert set(Task.objects.values_list("version", flat=True)) == {2}
    assert all(task.completed_at == task.updated_at for task in Task.objects.all())
    agree("owner")
    agree("stranger")


def test_saving_a_task_that_changed_since_is_refused_and_writes_nothing(owner: Person) -> None:
    task = owner.has_task("Buy milk")
    stale = Task.objects.get()
    now = owner.put(owner.path(task), {"title": "Buy bread"}).json

    for options in ({}, {"update_fields": ["completed"]}):
        stale.completed = True
        with pytest.raises(StaleTaskError, match="has changed since it was read"):
            stale.save(**options)

    assert owner.get(owner.path(task)).json == now


def test_a_saved_task_knows_its_version_and_may_be_saved_again(owner: Person) -> None:
    owner.has_task("1")
    task = Task.objects.get()

    for title in ("2", "2", "3"):
        task.title = title
        task.save()
    task.completed = True
    task.save(update_fields=["completed"])

    fresh = Task.objects.get()
    assert (task.version, task.updated_at, task.completed_at) == (4, fresh.updated_at, fresh.completed_at)
    assert [change.kind for change in task.history] == ["created", "changed", "changed", "changed"]


def test_the_version_and_the_timestamps_are_nobodys_to_set(owner: Person) -> None:
    task = owner.has_task(completed=True)
    Task.objects.update(version=99, updated_at="1999-01-01T00:00:00Z", completed_at=None)

    assert owner.get(owner.path(task)).json == task


def test_an_action_for_somebody_without_a_list_changes_nothing(owner: Person) -> None:
    assert operations.change_selected("owner", operations.Actor("staff", "admin"), "trash", [1]) == 0


def test_restoring_nothing_is_not_an_excess_of_a_list_over_its_limit(owner: Person, settings: Settings) -> None:
    tasks = [owner.has_task()["id"], owner.has_task()["id"]]
    settings.TASKS_PER_USER_LIMIT = 1

    assert operations.change_selected("owner", operations.Actor("staff", "admin"), "restore", tasks) == 0


def test_rows_tell_whose_they_are(owner: Person) -> None:
    owner.post(owner.tasks, {"title": "x"}, idempotency_key="k")

    assert str(TaskList.objects.get()) == "list of owner at revision 1"
    assert str(IdempotencyKey.objects.get()) == "k of owner"
    assert str(Block(user_id="owner")) == "block of owner"
    assert str(FailedSignIn(username="anna", address="203.0.113.7")) == "anna from 203.0.113.7"


def test_deleting_in_a_shell_counts_and_leaves_tombstones(owner: Person, stranger: Person) -> None:
    owner.has_task("1"), owner.has_task("2"), stranger.has_task("3")

    Task.objects.get(title="1").delete()
    assert Task.objects.filter(title__in="23").delete()[0] == 2

    assert TaskChange.objects.values_list("kind", flat=True).distinct().get() == "purged"
    assert [TaskList.objects.get(pk=name).live_count for name in ("owner", "stranger")] == [0, 0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["save", "delete", "update", "delete all", "bulk_update"])
def test_a_shell_takes_the_list_before_the_task(owner: Person, how: str) -> None:
    owner.has_task("1")
    task = Task.objects.get()
    writes: dict[str, Any] = {
        "save": task.save,
        "delete": task.delete,
        "update": lambda: Task.objects.update(title="x"),
        "delete all": Task.objects.all().delete,
        "bulk_update": lambda: Task.objects.bulk_update([task], ["title"]),
    }

    def as_a_request_does(cursor: CursorWrapper) -> None:
        cursor.execute("SELECT FROM task_lists FOR UPDATE")

    def then_the_task() -> None:
        """What a request goes on to do: the shell waits for the list and has not taken the task."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM tasks FOR UPDATE NOWAIT")

    def work() -> None:
        writes[how]()

    while_waiting_for_lock(as_a_request_does, work, at_last=then_the_task)


def test_a_task_for_a_user_who_does_not_exist_is_refused(db: None) -> None:
    with pytest.raises(OwnerNotFound):
        operations.create("nobody", operations.Actor("support", "support"), {"title": "x"})
