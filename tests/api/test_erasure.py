"""Erasure leaves nothing of the user in any table but what is Better Auth's own, and is done whole or not at all."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from psycopg import errors
from pytest_django.fixtures import Settings

from accounts.models import Session, User
from accounts.people import PersonNotFoundError
from tasks import operations, user_data
from tasks.models import IdempotencyKey, Task, TaskChange, TaskList
from tests.support.admin_pages import form_of, page_of
from tests.support.crowds import all_at_once, until_waiting, while_waiting_for_lock
from tests.support.faults import fails_once, written_log
from tests.support.people import Person, again, token_of
from tests.support.tables import rows_by_table, tables_that_say
from tests.support.tokens import by_secret, minted, share_database

ADA = "ada-4711"
WORDS = (ADA, "Ada Lovelace", "countess@", "Secret")  # her id, name and email, and what stands in her tasks


def erase(person: Person, query: str | None = None) -> Any:
    """Leave; with the right confirmation unless another query is given."""
    return person.delete(f"/api/{quote(person.id)}" + (f"?confirm={quote(person.id)}" if query is None else query))


@pytest.fixture(params=["apart", "shared"])
def ada(request: pytest.FixtureRequest, db: None, settings: Settings) -> Person:
    """Somebody with words that nobody else has; and Better Auth's rows of her lie here, or do not."""
    if request.param == "shared":
        share_database(settings)
        User.objects.create(id=ADA, name="Ada Lovelace", email="countess@example.com", email_verified=True)
        Session.objects.create(
            id="s2", token="x", user_id=ADA, expires_at="2036-01-01T00:00:00Z", updated_at="2026-01-01T00:00:00Z"
        )
    token = by_secret(minted(sub=ADA, name="Ada Lovelace", email="countess@example.com"))
    person = Person(ADA, token)
    assert person.get("/api/me").status == 200
    return person


def live_through(person: Person, staff: Client, word: str) -> None:
    """Tasks of all kinds, retries, changes by a staff user, one in the trash and one that was purged."""
    for title in ("live", "trashed", "purged"):
        task = {"title": f"{word} {title}", "description": word, "tags": [f"{word} tag"], "priority": "high"}
        created = person.post(person.tasks, task, idempotency_key=f"{word} key {title}").json
        form = form_of(staff, page_of(created))
        assert staff.post(page_of(created), {**form, "title": f"{word} by a staff user"}).status_code == 302
        if title != "live":
            person.delete(person.path(created))
        if title == "purged":
            Task.objects.filter(pk=created["id"]).update(deleted_at="2020-01-01T00:00:00Z")
            call_command("purge_trash", verbosity=0)
    LogEntry.objects.create(  # as Django would log a form of a user's page
        user_id=LogEntry.objects.latest("pk").user_id,
        content_type=ContentType.objects.get_for_model(User),
        object_id=person.id,
        object_repr=str(User.objects.get(pk=person.id)),
        action_flag=CHANGE,
    )


# Nothing is left


def without_lists(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows without the state of ADA's list, which starts again."""
    return {**rows, "task_lists": [row for row in rows["task_lists"] if ADA not in row]}


def test_nothing_of_the_user_is_left_and_everything_of_the_others(
    stranger: Person, ada: Person, staff: Client, settings: Settings
) -> None:
    live_through(stranger, staff, "other")
    before = rows_by_table()
    live_through(ada, staff, "Secret")
    held = {"user", "tasks", "task_lists", "task_changes", "task_idempotency_keys", "django_admin_log"}
    assert tables_that_say(*WORDS) >= held

    answer = erase(ada)

    assert (answer.status, answer.content) == (204, b"")
    if settings.BETTER_AUTH_SHARED_DATABASE:
        assert tables_that_say(*WORDS) == {"user", "session", "task_lists"}
        empty = TaskList.objects.get(pk=ADA)
        assert (empty.revision, empty.live_count, empty.trash_count, empty.expired_revision) == (0, 0, 0, 0)
        assert without_lists(rows_by_table()) == without_lists(before)
    else:
        assert tables_that_say(*WORDS) == set()
        assert rows_by_table() == {
            **before,
            **{table: [row for row in before[table] if ADA not in row] for table in ("user", "task_lists")},
        }


def test_a_user_without_tasks_can_be_erased(ada: Person, settings: Settings) -> None:
    assert erase(ada).status == 204
    assert TaskList.objects.filter(pk=ADA).exists() is settings.BETTER_AUTH_SHARED_DATABASE
    assert User.objects.filter(pk=ADA).exists() is settings.BETTER_AUTH_SHARED_DATABASE


def test_erasing_again_is_204_again(ada: Person) -> None:
    ada.has_task()

    assert [erase(ada).status for _ in range(3)] == [204] * 3


# Life goes on


def test_the_same_token_goes_on_with_an_empty_list_and_begins_a_new_one(ada: Person) -> None:
    ada.has_task("old")
    first = TaskList.objects.get(pk=ADA).epoch
    tag = ada.get(ada.tasks).headers["ETag"]
    task = ada.has_task("old too")
    erase(ada)

    assert ada.get(ada.tasks).json == []
    assert ada.get(ada.path(task)).status == ada.put(ada.path(task), {"title": "x"}).status == 404
    assert ada.get("/api/me").json["id"] == ADA
    new = ada.has_task("new")
    assert TaskList.objects.get(pk=ADA).epoch != first
    assert ada.get(ada.tasks, if_none_match=tag).json == [new]
    held = ada.get(f"/api/{ADA}/export").json
    assert [entry["revision"] for entry in held["history"]] == [1]
    assert (held["user"]["id"], held["tasks"]) == (ADA, [new])


def test_a_key_that_was_used_before_makes_a_new_task(ada: Person) -> None:
    ada.post(ada.tasks, {"title": "old"}, idempotency_key="k")
    erase(ada)

    answer = ada.post(ada.tasks, {"title": "new"}, idempotency_key="k")

    assert (answer.status, answer.json["title"]) == (201, "new")
    assert "Idempotency-Replayed" not in answer.headers


def test_a_create_beside_an_erasure_is_not_refused(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    erasures = iter([user_data.erase])
    run = operations.run

    def erased_first(statement: str, user_id: str, actor: operations.Actor, **params: Any) -> tuple[Any, ...] | None:
        for erase in erasures:
            erase(user_id)
        return run(statement, user_id, actor, **params)

    monkeypatch.setattr(operations, "run", erased_first)

    assert ada.post(ada.tasks, {"title": "x"}).status == 201


# Confirmed


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?confirm",
        "?confirm=",
        "?confirm=true",
        "?confirm=Ada-4711",
        "?confirm=ada-4711%20",
        "?confirm=%20ada-4711",
        "?confirm=ada-4711%00",
        "?confirm=stranger",
        "?Confirm=ada-4711",
        "?confirm=ada-4711&confirm=",
        "?confirm=ada-4711&confirm=stranger",
        "?confirm[]=ada-4711",
        "?user_id=ada-4711",
    ],
)
def test_without_the_id_once_more_it_is_422_and_nothing_is_erased(ada: Person, query: str) -> None:
    ada.has_task()
    before = rows_by_table()

    answer = erase(ada, query)

    assert answer.error == (422, "VALIDATION_ERROR")
    assert list(answer.json["errors"]) == ["confirm"]
    assert rows_by_table() == before


def test_of_a_repeated_confirmation_the_last_counts(ada: Person) -> None:
    assert erase(ada, "?confirm=stranger&confirm=ada-4711&x=y").status == 204


@pytest.mark.django_db
@pytest.mark.parametrize("user_id", ["jos\u00e9", "a b", "a+b", "a&b=c", "a%2Fb", "auth", "export", "..."])
def test_a_user_with_any_id_can_be_erased(user_id: str) -> None:
    person = Person(user_id, token_of(user_id))
    person.tasks = f"/api/{quote(user_id)}/tasks"
    person.has_task()

    assert person.get(f"/api/{quote(user_id)}/export").json["user"]["id"] == user_id
    assert erase(person).status == 204
    assert not User.objects.exists()


# The log


def test_one_line_in_the_log_says_who_and_nothing_else(stranger: Person, ada: Person, staff: Client) -> None:
    live_through(ada, staff, "Secret")
    with written_log() as log:
        erase(ada, "")
        stranger.delete(f"/api/{ADA}?confirm={ADA}")
        ada.delete(f"/api/{ADA}?confirm={ADA}", x_request_id="the-request")

    (line,) = log.getvalue().splitlines()
    assert line.endswith(f"INFO the-request tasks.user_data: Erased the data of user '{ADA}'.")


@pytest.mark.django_db
def test_an_id_that_nobody_has_is_not_said_to_be_erased() -> None:
    with written_log() as log:
        user_data.erase("nobody", may_be_gone=True)

    assert log.getvalue().endswith("There is no data of user 'nobody'.\n")


@pytest.mark.parametrize("do", [user_data.export, user_data.erase])
def test_support_that_means_nobody_or_gives_an_email_is_refused(ada: Person, do: Callable[[str], object]) -> None:
    ada.has_task()

    with written_log() as log:
        with pytest.raises(PersonNotFoundError, match=re.escape("Nobody has the id 'nobody'.")):
            do("nobody")
        with pytest.raises(PersonNotFoundError, match=r"It is the email of countess@example.com \(ada-4711\)"):
            do("Countess@example.com")

    assert log.getvalue() == ""
    assert Task.objects.owned_by(ADA).count() == 1


@pytest.mark.django_db
def test_an_id_with_line_breaks_makes_one_line_too() -> None:
    with written_log() as log:
        user_data.erase("a\nERROR forged\u2028x", may_be_gone=True)

    assert len(log.getvalue().splitlines()) == 1


# At once, or not at all


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", ["django_admin_log", 'FROM "task_lists"', 'FROM "tasks"', 'FROM "user"'])
def test_after_an_error_half_way_everything_is_there(ada: Person, staff: Client, part: str) -> None:
    live_through(ada, staff, "Secret")
    before = rows_by_table()

    with written_log() as log, fails_once(errors.AdminShutdown, part):
        assert erase(ada).error == (503, "SERVICE_UNAVAILABLE")

    assert rows_by_table() == before
    assert "Erased" not in log.getvalue()
    assert erase(ada).status == 204


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("times", "status"), [(1, 204), (2, 503)])
def test_a_deadlock_is_tried_again_once(ada: Person, times: int, status: int) -> None:
    ada.has_task()

    with fails_once(errors.DeadlockDetected, 'FROM "task_lists"', times=times):
        assert erase(ada).status == status

    assert Task.objects.exists() is (status == 503)


# Beside users at work


@pytest.mark.django_db(transaction=True)
def test_a_task_that_was_being_written_goes_too(ada: Person) -> None:
    ada.has_task()

    def create(cursor: CursorWrapper) -> None:
        cursor.execute("""SELECT FROM "user" WHERE id = %s FOR KEY SHARE""", [ADA])
        cursor.execute("SELECT FROM task_lists FOR UPDATE")
        cursor.execute("INSERT INTO tasks (user_id, title) VALUES (%s, 'new')", [ADA])

    (status,) = while_waiting_for_lock(create, lambda: erase(again(ada)).status)

    assert status == 204
    assert not Task.objects.exists()
    assert not TaskList.objects.exclude(live_count=0).exists()


@pytest.mark.django_db(transaction=True)
def test_the_first_task_of_all_comes_before_an_erasure_or_after_it(ada: Person) -> None:
    me = again(ada)
    statuses: list[int] = []
    creator = threading.Thread(target=lambda: statuses.extend(all_at_once(create)))

    def create() -> int:
        return me.post(me.tasks, {"title": "new"}).status

    def run(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if 'FROM "task_changes"' in sql and creator.ident is None:  # Everything is locked by then.
            creator.start()
            all_at_once(lambda: until_waiting(1))  # A transaction sees who waits as it has seen it first.
        return execute(sql, *args)

    with connection.execute_wrapper(run):
        assert erase(ada).status == 204
    creator.join(30)

    assert statuses == [201]
    assert [task["title"] for task in ada.get(ada.tasks).json] == ["new"]
    assert [change.kind for change in TaskChange.objects.all()] == ["created"]


@pytest.mark.django_db(transaction=True)
def test_creates_and_changes_and_erasures_at_once_are_all_done_and_never_deadlock(ada: Person) -> None:
    def work() -> list[int]:
        me = again(ada)
        statuses = []
        for turn in range(15):
            created = me.post(me.tasks, {"title": "x"}, idempotency_key=f"k{turn}")
            statuses.append(created.status)
            assert created.status == 201, created.content
            statuses.append(me.patch(f"{me.path(created.json)}/complete").status)
            statuses.append(me.delete(f"{me.tasks}?status=all").status)
        return statuses

    def leave() -> list[int]:
        me = again(ada)
        return [erase(me).status for _ in range(15)]

    statuses = Counter(chain.from_iterable(all_at_once(work, work, leave, work, leave, work)))

    assert set(statuses) <= {200, 201, 204, 404}
    assert statuses[201] == 4 * 15
    assert statuses[204] == 2 * 15
    for list_ in TaskList.objects.filter(pk=ADA):
        tasks = Task.objects.owned_by(ADA)
        assert (list_.live_count, list_.trash_count) == (tasks.live().count(), tasks.exclude(deleted_at=None).count())
        latest = TaskChange.objects.of_user(ADA).latest_first().first()
        assert (latest.revision if latest else 0) == list_.revision
    erase(ada)
    for model in (Task, TaskChange, IdempotencyKey):
        assert not model.objects.exists()
