"""A write that waited for another one goes by what it finds then, and not by what it saw when it began."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from pytest_django.fixtures import Settings

from accounts.models import User
from tasks import operations
from tasks.models import Task, TaskList
from tasks.sql.writes import CREATE
from tests.support.crowds import until_waiting, while_waiting_for_lock
from tests.support.people import Answer, Person, TaskJSON, again

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = operations.Actor("staff", "admin")


def writes_to(*tasks: TaskJSON, sql: str) -> Callable[[CursorWrapper], None]:
    """Somebody who takes the owner's list and changes `tasks`, as every operation does."""

    def write(cursor: CursorWrapper) -> None:
        cursor.execute("SELECT FROM task_lists WHERE user_id = 'owner' FOR UPDATE")
        cursor.execute(f"UPDATE tasks SET {sql} WHERE id = ANY (%s)", [[task["id"] for task in tasks]])

    return write


RESTORES = "deleted_at = NULL"
SWAPS = "deleted_at = CASE WHEN deleted_at IS NULL THEN now() END"


# The ways in which a user's task comes into the trash.
DELETES: dict[str, Callable[[Person, TaskJSON], Callable[[], Any]]] = {
    "delete": lambda person, task: lambda: again(person).delete(person.path(task)),
    "clear": lambda person, task: lambda: again(person).delete(f"{person.tasks}?status=all"),
    "select": lambda person, task: lambda: operations.change_selected(person.id, STAFF, "trash", [task["id"]]),
}


@pytest.mark.parametrize("how", DELETES)
def test_a_task_restored_meanwhile_is_not_pushed_out_of_a_full_trash(
    owner: Person, settings: Settings, how: str
) -> None:
    restored, trashed, deleted = owner.has_task("restored"), owner.has_task("trashed"), owner.has_task("deleted")
    owner.delete(owner.path(restored))
    settings.TASKS_PER_USER_LIMIT = 1  # The trash is full before and after, but of another task.

    while_waiting_for_lock(writes_to(restored, trashed, sql=SWAPS), DELETES[how](owner, deleted))

    assert Task.objects.live().filter(pk=restored["id"]).exists()
    assert Task.objects.get(pk=deleted["id"]).deleted_at is not None


@pytest.mark.parametrize("how", DELETES)
def test_a_full_trash_stays_within_its_limit_if_another_delete_pushed_the_oldest_out_meanwhile(
    owner: Person, settings: Settings, how: str
) -> None:
    oldest, older, theirs, ours = (owner.has_task(title) for title in ("oldest", "older", "theirs", "ours"))
    owner.delete(owner.path(oldest))
    owner.delete(owner.path(older))
    settings.TASKS_PER_USER_LIMIT = 2

    def deletes_theirs(cursor: CursorWrapper) -> None:
        writes_to(theirs, sql="deleted_at = clock_timestamp()")(cursor)
        cursor.execute("DELETE FROM tasks WHERE id = %s", [oldest["id"]])

    while_waiting_for_lock(deletes_theirs, DELETES[how](owner, ours))

    assert set(Task.objects.of_status("deleted").values_list("id", flat=True)) == {theirs["id"], ours["id"]}


def test_a_task_restored_meanwhile_is_not_purged(owner: Person) -> None:
    trashed = owner.has_task()
    owner.delete(owner.path(trashed))
    Task.objects.update(deleted_at="2020-01-01T00:00:00Z")

    while_waiting_for_lock(writes_to(trashed, sql=RESTORES), lambda: call_command("purge_trash", verbosity=0))

    assert owner.get(owner.path(trashed)).status == 200


def test_a_task_deleted_meanwhile_is_404_for_every_write(owner: Person) -> None:
    task = owner.has_task()
    path = owner.path(task)

    statuses = while_waiting_for_lock(
        writes_to(task, sql="deleted_at = now()"),
        lambda: again(owner).put(path, {"title": "x"}).status,
        lambda: again(owner).patch(f"{path}/complete", if_match='"1"').status,
        lambda: again(owner).delete(path).status,
    )

    assert statuses == [404] * 3


def test_a_version_written_meanwhile_is_412_for_who_names_the_one_before(owner: Person) -> None:
    task = owner.has_task()

    def write(number: int) -> Answer:
        return again(owner).put(owner.path(task), {"title": f"x{number}"}, if_match='"1"')

    answers = while_waiting_for_lock(writes_to(task, sql="title = 'theirs'"), lambda: write(1), lambda: write(2))

    assert [answer.status for answer in answers] == [412, 412]
    assert {answer.headers["ETag"] for answer in answers} == {'"2"'}
    assert owner.get(owner.path(task)).json["title"] == "theirs"


def test_two_who_mark_all_at_once_leave_all_alike(owner: Person) -> None:
    done, todo = owner.has_task("done", completed=True), owner.has_task("to do")

    (updated,) = while_waiting_for_lock(
        writes_to(done, todo, sql="completed = false"),  # which changes but the first
        lambda: again(owner).patch(f"{owner.tasks}?status=all", {"completed": True}).json,
    )

    assert updated == {"updated": 2}
    assert {task["completed"] for task in owner.get(owner.tasks).json} == {True}


def test_two_staff_users_with_one_selection_leave_all_alike(owner: Person) -> None:
    done, todo = owner.has_task("done", completed=True), owner.has_task("to do")

    (changed,) = while_waiting_for_lock(
        writes_to(done, todo, sql="completed = false"),
        lambda: operations.change_selected("owner", STAFF, "complete", [done["id"], todo["id"]]),
    )

    assert changed == 2


def test_clearing_takes_what_was_completed_meanwhile_and_leaves_what_was_reopened(owner: Person) -> None:
    done, todo = owner.has_task("done", completed=True), owner.has_task("to do")

    (deleted,) = while_waiting_for_lock(
        writes_to(done, todo, sql="completed = NOT completed"),
        lambda: again(owner).delete(f"{owner.tasks}?status=completed").json,
    )

    assert deleted == {"deleted": 1}
    assert [task["id"] for task in owner.get(owner.tasks).json] == [done["id"]]


def test_two_creates_with_one_key_and_room_for_one_get_the_same_answer(owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 2
    owner.has_task()

    def create() -> tuple[int, bytes]:
        answer = again(owner).post(owner.tasks, {"title": "x"}, idempotency_key="k")
        return answer.status, answer.content

    first, second = while_waiting_for_lock(writes_to(sql="id = id"), create, create)

    assert first == second
    assert first[0] == 201


def test_two_creates_with_one_key_and_two_bodies_make_one_task(owner: Person) -> None:
    owner.has_task()

    def create(title: str) -> int:
        return again(owner).post(owner.tasks, {"title": title}, idempotency_key="k").status

    statuses = while_waiting_for_lock(writes_to(sql="id = id"), lambda: create("x"), lambda: create("y"))

    assert sorted(statuses) == [201, 422]


def test_a_create_whose_first_answer_is_still_on_its_way_gets_that_answer(owner: Person) -> None:
    owner.has_task()
    body = json.dumps({"title": "x"}).encode()

    def first(cursor: CursorWrapper) -> None:
        digest = hashlib.sha256(body).digest()
        said: dict[str, Any] = {
            "title": "x",
            "description": None,
            "due_date": None,
            "priority": "none",
            "tags": [],
            "key": "k",
            "body_hash": digest,
            "limit": 10,
        }
        cursor.execute(CREATE.full, {**said, "user_id": "owner", "actor": "owner", "source": "api"})

    (answer,) = while_waiting_for_lock(
        first, lambda: again(owner).send("POST", owner.tasks, raw=body, idempotency_key="k")
    )

    assert answer.headers["Idempotency-Replayed"] == "true"
    assert Task.objects.filter(title="x").count() == 1


@pytest.mark.parametrize("restores", [True, False])
def test_the_last_place_is_given_once(owner: Person, settings: Settings, restores: bool) -> None:
    settings.TASKS_PER_USER_LIMIT = 2
    trashed = owner.has_task("trashed")
    owner.delete(owner.path(trashed))
    owner.has_task()

    def take() -> int:
        if restores:
            return again(owner).post(f"{owner.path(trashed)}/restore").status
        return again(owner).post(owner.tasks, {"title": "x"}).status

    def first(cursor: CursorWrapper) -> None:
        cursor.execute("INSERT INTO tasks (user_id, title) VALUES ('owner', 'the last')")

    assert while_waiting_for_lock(first, take, take) == [409, 409]
    assert TaskList.objects.get().live_count == 2


def test_somebody_who_is_deleted_as_often_as_they_are_made_again_is_401(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.all().delete()
    monkeypatch.setattr("tasks.views.tasks.restore_user", lambda caller: None)

    assert owner.post(owner.tasks, {"title": "x"}).status == 401


@pytest.fixture
def slow_inserts(db: None) -> Any:
    """Inserting a task waits for a lock after its list is taken and before its foreign key is looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$"
        )
        # Triggers come in the order of their names, and the foreign key's is called RI_….
        cursor.execute('CREATE TRIGGER "A_wait" AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION wait()')
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION wait() CASCADE")


@pytest.mark.usefixtures("slow_inserts")
def test_deleting_a_user_beside_a_create_does_not_deadlock(owner: Person) -> None:
    def delete() -> int:
        until_waiting(1)  # The create has the list.
        with connection.cursor() as cursor:
            cursor.execute("""DELETE FROM "user" WHERE id = 'owner'""")
            return int(cursor.rowcount)

    def create() -> int:
        return again(owner).post(owner.tasks, {"title": "x"}).status

    def first(cursor: CursorWrapper) -> None:
        cursor.execute("SELECT pg_advisory_xact_lock(7)")

    assert while_waiting_for_lock(first, create, delete) == [201, 1]
    assert not Task.objects.exists()


def test_the_first_task_of_somebody_who_is_being_deleted_is_not_a_fault(owner: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True

    def first(cursor: CursorWrapper) -> None:
        cursor.execute("""DELETE FROM "user" WHERE id = 'owner'""")

    statuses = while_waiting_for_lock(first, lambda: again(owner).post(owner.tasks, {"title": "x"}).status)

    assert Counter(statuses) == {401: 1}
    assert not User.objects.filter(pk="owner").exists()
