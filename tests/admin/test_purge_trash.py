"""`manage.py purge_trash` removes what is old for good, in batches, and leaves no text of it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from tasks import retention
from tasks.models import IdempotencyKey, Task, TaskChange, TaskList
from tests.support.people import Person, TaskJSON


class Terminal(StringIO):
    """Where somebody looks on."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def purge(*options: str, to: StringIO | None = None) -> str:
    """Run the command and return what it says."""
    out = to or StringIO()
    call_command("purge_trash", *options, stdout=out)
    return out.getvalue()


def trashed(person: Person, title: str, *, days: float) -> TaskJSON:
    """A task that has been in the trash for so many days."""
    task = person.has_task(title, description=f"{title} text")
    person.delete(person.path(task))
    Task.objects.filter(pk=task["id"]).update(deleted_at=timezone.now() - timedelta(days=days))
    return task


def titles() -> list[str]:
    """The tasks that there are, in the trash or not."""
    return sorted(Task.objects.values_list("title", flat=True))


def test_what_was_in_the_trash_for_trash_days_leaves_for_good(owner: Person, stranger: Person) -> None:
    trashed(owner, "old", days=30.01)
    trashed(stranger, "old too", days=400)
    trashed(owner, "new", days=29.99)
    owner.has_task("live")

    said = purge()

    assert "Purged 2 tasks." in said
    assert titles() == ["live", "new"]
    lists = TaskList.objects.get(pk="owner")
    assert (lists.live_count, lists.trash_count) == (1, 1)


@pytest.mark.parametrize(("days", "left"), [("1", ["one hour"]), ("0", []), ("9", ["five days", "one hour"])])
def test_days_may_be_given(owner: Person, days: str, left: list[str]) -> None:
    trashed(owner, "five days", days=5)
    trashed(owner, "one hour", days=1 / 24)
    trashed(owner, "ten days", days=10)

    purge(f"--days={days}")

    assert titles() == left


def test_trash_days_is_the_default(owner: Person, settings: Settings) -> None:
    settings.TRASH_DAYS = 3
    trashed(owner, "five days", days=5)

    purge()

    assert titles() == []


@pytest.mark.parametrize("days", ["-1", "x", "1.5", "99999999"])
def test_what_is_not_a_number_of_days_is_refused(owner: Person, days: str) -> None:
    trashed(owner, "old", days=400)

    with pytest.raises(CommandError):
        purge(f"--days={days}")

    assert titles() == ["old"]


def test_a_dry_run_counts_and_purges_nothing(owner: Person) -> None:
    trashed(owner, "old", days=31)
    owner.post(owner.tasks, {"title": "x"}, idempotency_key="k")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    TaskChange.objects.filter(kind="deleted").update(at=timezone.now() - timedelta(days=91))
    before = [list(model.objects.values()) for model in (Task, TaskChange, TaskList, IdempotencyKey)]

    said = purge("--dry-run")

    assert said.splitlines() == ["Would purge 1 tasks.", "Would purge 1 changes.", "Would purge 1 keys."]
    assert before == [list(model.objects.values()) for model in (Task, TaskChange, TaskList, IdempotencyKey)]


def test_it_works_in_batches_an_owner_at_a_time(
    owner: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        trashed(owner, f"o{number}", days=31)
    trashed(stranger, "s", days=31)

    with CaptureQueriesContext(connection) as statements:
        said = purge()

    assert "Purged 6 tasks." in said
    assert titles() == []
    assert sum('DELETE FROM "tasks"' in statement["sql"] for statement in statements) == 4  # 2, 2, 1; 1
    assert TaskChange.objects.filter(kind="purged").count() == 6


def test_progress_is_for_a_terminal_alone(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    for title in "abcd":
        trashed(owner, title, days=31)

    terminal = purge("--days=31", to=Terminal()), purge("--days=30", to=Terminal())
    trashed(owner, "e", days=31)
    trashed(owner, "f", days=31)
    file = purge()

    assert any("\rPurged 3 tasks …" in said for said in terminal)
    assert file.splitlines() == ["Purged 2 tasks.", "Purged 0 changes.", "Purged 0 keys."]


def test_changes_older_than_history_days_leave_and_the_list_knows_how_far(owner: Person, settings: Settings) -> None:
    settings.HISTORY_DAYS = 10
    task = owner.has_task("1")
    for title in "234":
        owner.put(owner.path(task), {"title": title})
    TaskChange.objects.filter(revision__lte=3).update(at=timezone.now() - timedelta(days=11))

    said = purge()

    assert "Purged 3 changes." in said
    assert [change.revision for change in TaskChange.objects.all()] == [4]
    lists = TaskList.objects.get(pk="owner")
    assert (lists.revision, lists.expired_revision, lists.live_count) == (4, 3, 1)
    purge()
    assert TaskList.objects.get(pk="owner").expired_revision == 3


def test_changes_of_many_users_leave_in_batches(
    owner: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for person in (owner, stranger, owner, stranger):
        person.has_task()
    TaskChange.objects.update(at=timezone.now() - timedelta(days=91))

    assert "Purged 4 changes." in purge()
    assert {row.expired_revision for row in TaskList.objects.all()} == {2}


def test_keys_are_remembered_for_24_hours_and_no_longer(owner: Person) -> None:
    for key, hours in (("old", 24.1), ("new", 23.9)):
        owner.post(owner.tasks, {"title": key}, idempotency_key=key)
        IdempotencyKey.objects.filter(key=key).update(created_at=timezone.now() - timedelta(hours=hours))

    assert "Purged 1 keys." in purge()

    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]
    assert titles() == ["new", "old"]


def test_a_purge_leaves_no_text(owner: Person) -> None:
    key = owner.post(owner.tasks, {"title": "Secret plan", "description": "Secret text"}, idempotency_key="k")
    path = key.headers["Location"]
    owner.put(path, {"title": "Secret other", "description": None})
    owner.delete(path)
    Task.objects.update(deleted_at=timezone.now() - timedelta(days=31))

    purge()

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(json_agg(t)::text, '') FROM {json.dumps(table)} t")
            assert "Secret" not in cursor.fetchone()[0], table
    (tombstone,) = TaskChange.objects.all()
    assert (tombstone.kind, tombstone.source, tombstone.before, tombstone.after) == ("purged", "support", None, None)
