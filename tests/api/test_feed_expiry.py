"""A revision that cannot be followed up is 410, so that no copy is ever wrong: it is dropped, and starts again."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from tasks.models import Task, TaskChange, TaskList
from tests.support.backups import Backup
from tests.support.copies import EXPIRED, Copy
from tests.support.people import Person, TaskJSON

pytestmark = pytest.mark.django_db


def again(copy: Copy) -> Copy:
    """Another copy that has come as far."""
    another = Copy(copy.person)
    another.tasks, another.revision = dict(copy.tasks), copy.revision
    return another


def partly(copy: Copy, limit: int = 1) -> Copy:
    """The copy one page further, with more to come."""
    another = again(copy)
    assert another.take(another.ask(limit=limit))
    return another


def edit(person: Person, task: TaskJSON, *titles: str) -> None:
    """A change for each title."""
    for title in titles:
        assert person.put(person.path(task), {"title": title}).status == 200


def assert_expired(copy: Copy) -> None:
    """The answer is 410 and says what to do; who does it has the list."""
    answer = copy.ask()
    assert answer.error == EXPIRED
    assert "sync again" in answer.json["detail"]
    assert "without `since`" in answer.json["detail"]
    assert copy.follow(limit=2).is_the_list()


def prune(revision: int) -> None:
    """Forget the changes up to that revision, as those older than HISTORY_DAYS are."""
    TaskChange.objects.filter(revision__lte=revision).update(at=timezone.now() - timedelta(days=91))
    call_command("purge_trash", verbosity=0, stdout=StringIO())
    assert TaskList.objects.get().expired_revision == revision


def test_a_revision_older_than_the_history_is_410_and_one_at_its_edge_is_not(owner: Person, copy: Copy) -> None:
    task = owner.has_task("1")
    copy.follow()
    edit(owner, task, "2")
    at_the_edge = again(copy).follow()
    edit(owner, task, "3")

    prune(2)

    assert at_the_edge.follow().is_the_list()
    assert_expired(copy)


def test_if_everything_was_expired_an_unchanged_copy_is_still_right(owner: Person, copy: Copy) -> None:
    task = owner.has_task("1")
    copy.follow()

    prune(1)

    assert copy.ask().json == {"changes": [], "revision": copy.revision, "more": False}
    edit(owner, task, "2")
    assert copy.follow().is_the_list()


def test_a_page_within_an_expired_revision_is_410_and_one_after_it_is_not(owner: Person, copy: Copy) -> None:
    for title in "abc":
        owner.has_task(title)
    copy.follow()
    owner.patch(f"{owner.tasks}?status=all", {"completed": True})  # the fourth revision
    within, at_its_end = partly(copy, limit=2), again(copy).follow()
    owner.patch(f"{owner.tasks}?status=all", {"completed": False})

    prune(4)

    assert at_its_end.follow().is_the_list()
    assert_expired(within)


def test_the_copy_of_nothing_is_410_once_the_beginning_has_expired(owner: Person, copy: Copy) -> None:
    copy.follow()
    task = owner.has_task("1")
    assert again(copy).follow().is_the_list()
    edit(owner, task, "2")

    prune(1)

    assert_expired(copy)


def test_a_snapshot_goes_on_whatever_is_purged_and_expired(owner: Person, copy: Copy) -> None:
    tasks = [owner.has_task(str(number)) for number in range(6)]
    owner.delete(owner.path(tasks[0]))
    begun = partly(copy, limit=2)
    Task.objects.filter(deleted_at__isnull=False).update(deleted_at=timezone.now() - timedelta(days=31))

    prune(6)  # what is left of the changes before the snapshot began, and the old trash
    for task in (tasks[1], tasks[4]):  # told already, and not yet
        owner.delete(owner.path(task))
        Task.objects.filter(pk=task["id"]).delete()

    while begun.take(begun.ask(limit=1)):
        pass
    assert begun.is_the_list()
    assert sorted(task["title"] for task in begun.tasks.values()) == ["2", "3", "5"]


def test_a_snapshot_continues_after_its_changes_expired_and_then_the_feed_is_410(owner: Person, copy: Copy) -> None:
    tasks = [owner.has_task(str(number)) for number in range(4)]
    begun = partly(copy)
    edit(owner, tasks[0], "0 anew", "0 once more")

    prune(6)

    for number in (1, 2, 3):
        answer = begun.ask(limit=1)
        assert [change["task"]["title"] for change in answer.json["changes"]] == [str(number)]
        assert begun.take(answer)
    assert_expired(begun)


def erase(person: Person) -> None:
    """Better Auth, a staff user or the user deletes the user."""
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM "user" WHERE id = %s', [person.id])


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("begins_again", [False, True])
def test_the_revisions_of_an_erased_list_are_410(
    owner: Person, copy: Copy, settings: Settings, shared: bool, begins_again: bool
) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = shared
    tasks = [owner.has_task(title) for title in "abc"]
    copies = [again(copy).follow(), partly(copy)]
    edit(owner, tasks[0], "d", "e")

    erase(owner)
    User.objects.bulk_create([User(id="owner", name="", email="owner@example.com", email_verified=False)] * shared)
    for title in "fghij" * begins_again:
        owner.has_task(title)

    for old in copies:
        assert_expired(old)


def test_the_revisions_of_an_erased_list_are_410_though_the_new_one_has_lost_its_first_changes(
    owner: Person, copy: Copy
) -> None:
    owner.has_task("erased")
    copy.follow()

    erase(owner)
    Task.objects.filter(pk=owner.has_task("1")["id"]).delete()
    owner.has_task("2")

    assert_expired(copy)


def test_the_copy_of_an_empty_list_that_was_erased_is_410(owner: Person, copy: Copy) -> None:
    copy.follow()
    erase(owner)
    owner.has_task()

    assert_expired(copy)


@pytest.mark.parametrize("since", range(7))
def test_after_a_restored_backup_what_it_undid_is_410_however_far_the_list_has_come_again(
    owner: Person, copy: Copy, since: int
) -> None:
    task = owner.has_task("1")
    edit(owner, task, "2")
    kept = again(copy).follow()
    backup = Backup()
    edit(owner, task, "3", "4", "5")
    owner.has_task("lost")
    lost = again(copy).follow()

    backup.put_back()
    edit(owner, task, *(f"{number} anew" for number in range(since)))

    assert kept.follow().is_the_list()
    assert_expired(lost)


def test_a_copy_that_is_as_old_as_a_restored_backup_goes_on(owner: Person, copy: Copy) -> None:
    owner.has_task("1")
    owner.has_task("2")
    begun = partly(copy)
    copy.follow()
    backup = Backup()
    owner.has_task("lost")

    backup.put_back()

    assert copy.ask().json == {"changes": [], "revision": copy.revision, "more": False}
    assert begun.follow().is_the_list()


@pytest.mark.parametrize("since", range(4))
def test_a_snapshot_that_has_seen_what_a_restored_backup_undid_is_410(owner: Person, copy: Copy, since: int) -> None:
    first, second = owner.has_task("first"), owner.has_task("second")
    begun = partly(copy)
    edit(owner, first, "kept")
    backup = Backup()
    edit(owner, second, "undone")
    owner.has_task("third")
    begun.take(begun.ask(limit=1))
    assert begun.tasks[second["id"]]["title"] == "undone"

    backup.put_back()
    edit(owner, first, *map(str, range(since)))

    assert_expired(begun)


@pytest.mark.parametrize("since", range(4))
def test_pages_that_left_out_what_a_restored_backup_undid_are_410(owner: Person, copy: Copy, since: int) -> None:
    first, second = owner.has_task("first"), owner.has_task("second")
    copy.follow()
    edit(owner, first, "first anew")
    edit(owner, second, "second anew")
    backup = Backup()
    edit(owner, first, "undone")  # The page leaves the first task for later because of this.
    copy.take(copy.ask(limit=1))
    assert copy.tasks[first["id"]]["title"] == "first"

    backup.put_back()
    edit(owner, second, *map(str, range(since)))

    assert_expired(copy)


def test_a_backup_from_before_the_list_began_makes_its_revisions_410(owner: Person, copy: Copy) -> None:
    copy.follow()
    before = again(copy)
    backup = Backup()
    owner.has_task("lost")
    copy.follow()

    backup.put_back()

    assert before.follow().is_the_list()
    assert_expired(copy)
