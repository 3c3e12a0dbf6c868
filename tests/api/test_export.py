"""The export is all that is held about a user and nothing of anybody else, of one time, whole or not at all."""

import json
import re
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from tasks import operations, user_data
from tasks.models import Task, TaskChange
from tests.support.api_server import Api, manage
from tests.support.crowds import all_at_once
from tests.support.databases import fresh_database, server_url
from tests.support.faults import written_log
from tests.support.people import Person, token_of
from tests.support.server import SERVERS, until
from tests.support.tables import rows_by_table

STAFF = operations.Actor("anna", "admin")
ODD = 'Milk, "bread" \\ </script>\n\u2028 \U0001f600 ],"trash":[ \'x\''


def export_of(person: Person) -> dict[str, Any]:
    """What a user takes home."""
    answer = person.get(f"/api/{person.id}/export")
    assert answer.status == 200, answer.content
    held: dict[str, Any] = answer.json
    return held


def by_id(person: Person, query: str = "") -> list[dict[str, Any]]:
    """A list of the user's, the oldest task first."""
    return sorted(person.get(person.tasks + query).json, key=lambda task: task["id"])


def live_through(person: Person) -> None:
    """Tasks of all kinds, one in the trash, one that was purged, and changes by several hands."""
    for title in (ODD, "changed", "trashed", "purged", "done"):
        person.has_task(title, description=ODD, tags=[ODD[:20], "b"], due_date="2026-11-24", completed=title == "done")
    ids = {task["title"]: task["id"] for task in person.get(person.tasks).json}
    person.put(f"{person.tasks}/{ids['changed']}", {"title": "Changed", "due_date": None, "tags": []})
    operations.change(person.id, ids["changed"], STAFF, {"priority": "high"})
    person.delete(f"{person.tasks}/{ids['purged']}")
    Task.objects.filter(pk=ids["purged"]).update(deleted_at="2020-01-01T00:00:00Z")
    call_command("purge_trash", verbosity=0)
    person.delete(f"{person.tasks}/{ids['trashed']}")


def many_tasks(user_id: str, count: int, changes: int) -> None:
    """Give a user so many tasks, and say that each was changed so many times."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks (user_id, title, description, deleted_at)"
            " SELECT %s, 'task ' || n, repeat('x', 200), CASE WHEN n %% 10 = 0 THEN now() END"
            " FROM generate_series(1, %s) n",
            [user_id, count],
        )
        cursor.execute(
            "INSERT INTO task_changes (user_id, revision, task_id, kind, before, after, at, actor, source)"
            """ SELECT user_id, 1 + n, id, 'changed', '{"title": "x"}', '{"title": "y"}', now(), user_id, 'api'"""
            " FROM tasks, generate_series(1, %s) n WHERE user_id = %s",
            [changes, user_id],
        )


# What is in it


def test_all_that_is_held_is_in_it(owner: Person, stranger: Person) -> None:
    live_through(owner)
    live_through(stranger)

    held = export_of(owner)

    assert list(held) == ["user", "tasks", "trash", "history"]
    assert held["tasks"] == by_id(owner)
    assert held["trash"] == by_id(owner, "?status=deleted")
    assert [len(held[part]) for part in ("tasks", "trash", "history")] == [3, 1, 9]
    changes = TaskChange.objects.of_user("owner").order_by("revision", "task_id")
    assert [
        [entry[name] for name in ("revision", "task_id", "kind", "actor", "door")] for entry in held["history"]
    ] == [list(row) for row in changes.values_list("revision", "task_id", "kind", "actor", "source")]
    assert {entry["actor"] for entry in held["history"]} >= {"owner", "anna"}
    assert [entry["kind"] for entry in held["history"]].count("purged") == 1


def test_an_entry_of_the_history_says_from_what_to_what_and_when(owner: Person) -> None:
    task = owner.has_task("Buy milk", tags=["a"])
    renamed = owner.put(owner.path(task), {"title": ODD, "tags": ["b", "c"]}).json
    owner.delete(owner.path(task))

    created, changed, deleted = export_of(owner)["history"]

    assert (created["before"], created["after"]) == (None, None)
    assert list(changed) == ["revision", "task_id", "kind", "before", "after", "at", "actor", "door"]
    assert (changed["before"], changed["after"]) == (
        {"title": "Buy milk", "tags": ["a"]},
        {"title": ODD, "tags": ["b", "c"]},
    )
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", changed["at"])
    assert changed["at"] >= renamed["updated_at"]
    (trashed,) = export_of(owner)["trash"]
    assert (deleted["before"], deleted["after"]) == ({"deleted_at": None}, {"deleted_at": trashed["deleted_at"]})


def test_the_time_of_a_deletion_is_in_utc_whoever_recorded_it(owner: Person) -> None:
    task = owner.has_task()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kolkata'")
        cursor.execute("UPDATE tasks SET deleted_at = '2026-11-20T12:00:00Z'")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    owner.post(f"{owner.path(task)}/restore")

    _, deleted, restored = export_of(owner)["history"]

    assert deleted["after"] == restored["before"] == {"deleted_at": "2026-11-20T12:00:00.000000Z"}
    assert deleted["before"] == restored["after"] == {"deleted_at": None}


def test_the_users_row_is_in_it_with_all_its_columns(owner: Person) -> None:
    User.objects.update(name=ODD, role="admin", banned=False, ban_reason="none", ban_expires="2026-11-20T12:00:00Z")
    (row,) = (json.loads(row) for row in rows_by_table()["user"])

    user = export_of(owner)["user"]

    assert len(user) == len(row) == 11
    for ours, theirs in (("id", "id"), ("name", "name"), ("email", "email"), ("email_verified", "emailVerified")):
        assert user[ours] == row[theirs]
    assert (user["image"], user["role"], user["banned"], user["ban_reason"]) == (None, "admin", False, "none")
    assert user["ban_expires"] == "2026-11-20T12:00:00.000000Z"
    assert user["created_at"][:20] == row["createdAt"][:20]
    assert all(user[name].endswith("Z") for name in ("created_at", "updated_at", "ban_expires"))


def test_nothing_of_anybody_else_is_in_it(owner: Person, stranger: Person) -> None:
    owner.has_task("mine")
    stranger.has_task("theirs")
    Task.objects.owned_by("stranger").update(deleted_at="2026-11-20T12:00:00Z")
    stranger.has_task("theirs too")

    content = owner.get("/api/owner/export").content.decode()

    assert "stranger" not in content.lower()
    assert "theirs" not in content


def test_the_export_of_a_user_without_tasks_contains_the_user(owner: Person) -> None:
    held = export_of(owner)

    assert held.pop("user")["email"] == "owner@example.com"
    assert held == {"tasks": [], "trash": [], "history": []}


def test_if_nothing_is_held_any_more_it_says_so_and_makes_no_row(owner: Person) -> None:
    User.objects.all().delete()

    assert export_of(owner) == {"user": None, "tasks": [], "trash": [], "history": []}
    assert not User.objects.exists()


@pytest.mark.django_db
def test_whoever_adds_a_table_about_users_thinks_of_the_export() -> None:
    exported = {"user", "tasks", "task_changes"}
    # The counter of the list says nothing but how many there are. A retry's key repeats a task for a day.
    not_exported = {"task_lists", "task_idempotency_keys"}
    better_auths_own = {"session", "account"}
    refers = """
        SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
        WHERE contype = 'f' AND confrelid IN ('"user"'::regclass, 'tasks'::regclass, 'task_lists'::regclass)
    """
    with connection.cursor() as cursor:
        cursor.execute(refers)
        about_people = {table for (table,) in cursor.fetchall()}

    assert about_people | {"user"} == exported | not_exported | better_auths_own


# How it comes


def test_it_is_a_file_for_the_caller_alone(owner: Person) -> None:
    owner.has_task()

    answer = owner.get("/api/owner/export", x_request_id="the-request")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="todo-export.json"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.headers["X-Request-ID"] == "the-request"


def test_one_line_in_the_log_says_who_and_nothing_else(owner: Person) -> None:
    owner.has_task("Buy milk")
    with written_log() as log:
        owner.get("/api/owner/export", x_request_id="the-request")
        Person("stranger", token_of("stranger")).get("/api/owner/export")

    (line,) = log.getvalue().splitlines()
    assert line.endswith("INFO the-request tasks.user_data: Exported the data of user 'owner'.")


def test_support_takes_the_same_from_a_shell(owner: Person) -> None:
    live_through(owner)

    with user_data.export("owner") as file:
        assert file.read() == owner.get("/api/owner/export").content


def peak_of_an_export(user_id: str) -> int:
    """The most memory that Python took at once, in bytes, to hand out an export and drop it."""
    client = Client(headers={"authorization": f"Bearer {token_of(user_id)}"})
    assert client.get(f"/api/{user_id}/tasks?limit=1").status_code == 200
    tracemalloc.start()
    try:
        response: Any = client.get(f"/api/{user_id}/export")
        assert response.streaming
        assert sum(len(part) for part in response.streaming_content) == int(response.headers["Content-Length"])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.django_db
def test_an_export_of_10_000_tasks_takes_the_memory_of_one_of_1_000() -> None:
    for user_id, count in (("few", 1_000), ("many", 10_000)):
        User.objects.create(id=user_id, name="", email=f"{user_id}@example.com", email_verified=False)
        many_tasks(user_id, count, changes=2)
    peak_of_an_export("few")  # What is imported and compiled at the first time does not count.

    few, many = peak_of_an_export("few"), peak_of_an_export("many")

    assert many < few * 1.3
    assert many < 2_000_000


@pytest.mark.django_db
def test_an_export_of_10_000_tasks_and_100_000_changes_is_whole() -> None:
    person = Person("many", token_of("many"))
    assert person.get("/api/me").status == 200
    many_tasks("many", 10_000, changes=9)

    held = export_of(person)

    assert [len(held[part]) for part in ("tasks", "trash", "history")] == [9_000, 1_000, 100_000]
    assert len({task["id"] for task in held["tasks"] + held["trash"]}) == 10_000
    places = [(entry["revision"], entry["task_id"]) for entry in held["history"]]
    assert places == sorted(set(places))


# At the same time, and whole or not at all


def meddling_file(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[], Any]) -> list[Any]:
    """The files that exports are written to; `meddle` is called once, after the first piece of the first of them."""
    files: list[Any] = []

    def make() -> Any:
        file = TemporaryFile()  # noqa: SIM115  the export closes it
        files.append(file)
        once = iter([meddle])

        class Meddling:
            def __enter__(self) -> "Meddling":
                return self

            def __exit__(self, *error: object) -> None:
                file.close()

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def writelines(self, pieces: Iterator[bytes]) -> None:
                for piece in pieces:
                    file.write(piece)
                    for act in once:
                        act()

        return Meddling()

    monkeypatch.setattr(user_data, "TemporaryFile", make)
    return files


@pytest.mark.django_db(transaction=True)
def test_it_is_of_one_time_for_every_writer_meanwhile(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_data, "BATCH", 1)
    tasks = [owner.has_task(str(number)) for number in range(5)]
    owner.delete(owner.path(tasks[0]))
    before = export_of(owner)

    def write() -> None:
        me = Person("owner", owner.token)
        me.has_task("new")
        me.put(owner.path(tasks[1]), {"title": "changed"})
        me.delete(owner.path(tasks[4]))
        me.post(f"{owner.path(tasks[0])}/restore")
        user_data.erase("owner")

    meddling_file(monkeypatch, lambda: all_at_once(write))

    assert export_of(owner) == before
    assert export_of(owner) == {"user": None, "tasks": [], "trash": [], "history": []}


def kill_the_reader() -> None:
    """End the database's process that reads the export."""
    with psycopg.connect(direct(), autocommit=True) as other:
        killed = other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
        ).fetchall()
    assert killed == [(True,)]


def direct() -> str:
    """The database of this test, past Django."""
    return psycopg.conninfo.make_conninfo(server_url(), dbname=connection.settings_dict["NAME"])


def fill_the_disk() -> None:
    """No space is left on the device."""
    raise OSError(28, "No space left on device")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("accident", "status"),
    [(kill_the_reader, (503, "SERVICE_UNAVAILABLE")), (fill_the_disk, (500, "INTERNAL_ERROR"))],
)
def test_after_an_accident_half_way_there_is_an_error_and_no_half_a_file(
    owner: Person, monkeypatch: pytest.MonkeyPatch, accident: Callable[[], None], status: tuple[int, str]
) -> None:
    monkeypatch.setattr(user_data, "BATCH", 1)
    owner.has_task(), owner.has_task()
    before = export_of(owner)
    files = meddling_file(monkeypatch, accident)

    with written_log() as log:
        answer = owner.get("/api/owner/export")

    assert answer.error == status
    assert "Content-Disposition" not in answer.headers
    assert [file.closed for file in files] == [True]
    assert "Exported" not in log.getvalue()
    connection.close()
    monkeypatch.undo()
    assert export_of(owner) == before


# Connections


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("to_the_end", [True, False])
def test_the_database_is_left_before_the_first_byte_is_sent_and_the_file_is_closed_after_the_last(
    owner: Person, monkeypatch: pytest.MonkeyPatch, to_the_end: bool
) -> None:
    files = meddling_file(monkeypatch, lambda: None)

    response: Any = owner.client.get("/api/owner/export", headers={"authorization": f"Bearer {owner.token}"})

    assert connection.connection is None
    assert files[0].closed is False
    if to_the_end:
        assert json.loads(response.getvalue())["user"]["id"] == "owner"
    else:  # What a server does when its client hangs up.
        response.close()
    assert files[0].closed is True


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Api, dict[str, str]]]:
    """The API as it is deployed, with one connection to a database in which Ada has an export of 40 MB; her headers."""
    with fresh_database(server_url()) as database:
        migrated = manage(database, "migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr
        with Api(database, request.param, DATABASE_POOL_SIZE="1") as api:
            ada = {"Authorization": f"Bearer {token_of('ada', secret=api.secret)}"}
            assert api.send("GET", "/api/me", **ada).status == 200
            with psycopg.connect(database) as other:
                other.execute(
                    "INSERT INTO tasks (user_id, title, description)"
                    " SELECT 'ada', 'x', repeat('\U0001f600', 1000) FROM generate_series(1, 10000)"
                )
            yield api, ada


def test_readers_who_dawdle_or_hang_up_keep_nobody_waiting(server: tuple[Api, dict[str, str]]) -> None:
    api, ada = server
    readers = [socket.create_connection(("127.0.0.1", api.port)) for _ in range(4)]
    for reader in readers:
        asked = f"GET /api/ada/export HTTP/1.1\r\nHost: localhost\r\nAuthorization: {ada['Authorization']}\r\n\r\n"
        reader.sendall(asked.encode())
        assert reader.recv(100).startswith(b"HTTP/1.1 200")  # And no more: the rest does not fit in between.

    assert api.send("GET", "/api/ada/tasks?limit=1", **ada).status == 200

    for reader in readers:
        reader.close()
    with psycopg.connect(api.database) as other:
        other.autocommit = True
        held = "SELECT FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        until(lambda: other.execute(held).fetchall() == [])
    whole = api.send("GET", "/api/ada/export", **ada)
    assert len(whole.json["tasks"]) == 10_000
    assert int(whole.headers["Content-Length"]) == len(whole.body) > 40_000_000
    assert api.send("HEAD", "/api/ada/export", **ada).body == b""
