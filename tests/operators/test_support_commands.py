"""The commands of support find a person by email or id, do what the API does, and tell by their exit status."""

import json
import os
import re
import stat
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.management.support_command import SupportCommand, operator_name
from accounts.models import Account, User
from tasks.models import Task, TaskChange
from tests.support.api_server import manage
from tests.support.databases import fresh_database, server_url
from tests.support.faults import raiser, written_log
from tests.support.people import Person
from tests.support.tokens import share_database

OWNER = "Owner@Example.com"
COMMANDS = sorted(
    name
    for name, app in get_commands().items()
    if app in {"accounts", "tasks", "todo_project"} and isinstance(load_command_class(str(app), name), SupportCommand)
)


class Terminal(StringIO):
    """Where somebody looks on."""

    def isatty(self) -> bool:
        return True


def run(*arguments: str, **options: Any) -> str:
    """Return what a command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def json_of(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def status_of(*arguments: str) -> tuple[int, str]:
    """Return the exit status of a command that fails, and its message."""
    with pytest.raises(CommandError) as failure:
        run(*arguments)
    return failure.value.returncode, str(failure.value)


# All of them


def test_these_are_the_commands_of_support() -> None:
    assert COMMANDS == [
        "doctor",
        "erase_person",
        "export_person",
        "find_duplicates",
        "move_tasks",
        "person",
        "restore_tasks",
        "seed_demo",
        "stats",
        "task_history",
        "undo",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_an_example_that_the_command_understands_and_the_exit_statuses(name: str) -> None:
    command = load_command_class(str(get_commands()[name]), name)
    parser = command.create_parser("manage.py", name)

    examples = re.findall(rf"^  python manage.py {name}(.*)$", parser.format_help(), re.MULTILINE)

    assert examples
    for example in examples:
        parser.parse_args(example.split())
    assert "3  nobody has this email or id" in parser.format_help()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [
        ("person", "nobody"),
        ("task_history", "nobody@example.com"),
        ("undo", "nobody", "1"),
        ("restore_tasks", "nobody", "--deleted-since", "1h"),
        ("export_person", "nobody"),
        ("erase_person", "nobody", "--dry-run"),
        ("move_tasks", "nobody", "nobody"),
        ("find_duplicates", "nobody"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_nobody_is_exit_status_3(arguments: tuple[str, ...]) -> None:
    status, message = status_of(*arguments)

    assert status == 3
    assert "Nobody has the id or the email 'nobody" in message


def test_the_exit_statuses_of_the_process_are_those_of_the_help_and_there_is_no_traceback() -> None:
    with fresh_database(server_url()) as database:
        assert manage(database, "migrate", "--verbosity=0").returncode == 0
        found = manage(database, "seed_demo", "--users=1", "--tasks=1", "--production")
        nobody = manage(database, "person", "nobody")
        usage = manage(database, "undo", "nobody", "one")
        refused = manage(database, "seed_demo", "--production")

    assert [ended.returncode for ended in (found, nobody, usage, refused)] == [0, 3, 2, 1]
    assert not any("Traceback" in ended.stderr for ended in (found, nobody, usage, refused))
    assert nobody.stderr == "CommandError: Nobody has the id or the email 'nobody'.\n"
    assert found.stderr == ""


def test_a_container_without_an_account_has_an_operator_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", raiser(OSError("no such account")))

    assert operator_name() == f"uid {os.getuid()}"


# person


def test_person_says_who_what_they_have_and_what_was_done(owner: Person) -> None:
    owner.has_task("Buy milk", due_date="2020-01-01")
    task = owner.has_task("Call", completed=True)
    owner.delete(owner.path(owner.has_task("Gone")))
    owner.put(owner.path(task), {"title": "Call\nhome"})
    for number in range(3):
        owner.has_task(f"bulk {number}")
    owner.delete(f"{owner.tasks}?status=completed")

    printed = run("person", OWNER)
    as_json = json_of("person", "owner")

    assert "email      owner@example.com (not verified)" in printed
    assert "state      Active" in printed
    assert "tasks      4 pending (1 overdue), 0 completed; 2 in the trash" in printed
    assert "title 'Call' → 'Call\\nhome'" in printed
    assert as_json["id"] == "owner"
    assert as_json["tasks"] == {"pending": 4, "overdue": 1, "completed": 0, "trash": 2}
    assert as_json["latest"][0]["kind"] == "deleted"
    assert as_json["latest"][0]["actor"] == "owner"
    assert (as_json["sessions"], as_json["providers"]) == (None, None)


def test_person_says_that_there_is_no_history(owner: Person) -> None:
    assert "There is no change history." in run("person", "owner")


@pytest.mark.parametrize("until", [None, "2099-01-01T00:00:00Z"])
def test_person_tells_a_ban_sessions_and_providers_and_no_credential(
    settings: Settings, db: None, until: str | None
) -> None:
    session = share_database(settings)
    ada = User.objects.get(pk="ada")
    Account.objects.create(
        id="a", account_id="1", provider_id="google", user=ada, updated_at=session.updated_at, access_token="hidden"
    )
    User.objects.update(banned=True, ban_reason="Spam", ban_expires=until)

    printed = run("person", "ADA@example.com")

    assert "Spam" in printed
    assert "Banned" in printed
    assert ("2099" in printed) is bool(until)
    assert "1 live sessions" in printed
    assert "providers  google" in printed
    assert session.token not in printed
    assert "hidden" not in printed


# task_history and undo


def test_the_history_has_one_line_for_each_act_and_undo_takes_its_revision(owner: Person) -> None:
    for number in range(3):
        owner.has_task(f"Task {number}")
    task = owner.has_task("Buy milk")
    owner.put(owner.path(task), {"title": "Buy oat milk"})
    owner.delete(f"{owner.tasks}?status=all")

    printed = run("task_history", OWNER).splitlines()
    of_task = json_of("task_history", "owner", str(task["id"]))

    assert re.match(r"6 .* owner \(api\) +4 tasks deleted", printed[1])
    assert f"task {task['id']} changed: title 'Buy milk' → 'Buy oat milk'" in printed[2]
    assert len(printed) == 7
    assert [(act["revision"], act["kind"]) for act in of_task] == [(6, "deleted"), (5, "changed"), (4, "created")]
    assert of_task[1]["before"] == {"title": "Buy milk"}

    assert "Undid revision 6" in run("undo", OWNER, "6")
    assert Task.objects.live().count() == 4
    assert json_of("undo", "owner", "5", "--task", str(task["id"])) == {"user_id": "owner", "revision": 8, "tasks": 1}
    assert Task.objects.get(pk=task["id"]).title == "Buy milk"
    assert TaskChange.objects.get(revision=8).source == "support"


def test_an_undo_is_refused_where_something_newer_stands(owner: Person) -> None:
    task = owner.has_task("Buy milk")
    owner.put(owner.path(task), {"title": "Buy oat milk"})
    owner.put(owner.path(task), {"title": "Buy bread"})

    status, message = status_of("undo", "owner", "2")

    assert (status, Task.objects.get().title) == (1, "Buy bread")
    assert message.startswith("Nothing was undone.")


@pytest.mark.parametrize("arguments", [("undo", "owner", "7"), ("undo", "owner", "1", "--task", "999")])
def test_what_is_not_in_the_history_is_exit_status_3(owner: Person, arguments: tuple[str, ...]) -> None:
    owner.has_task()

    assert status_of(*arguments)[0] == 3
    assert status_of("task_history", "owner", "999")[0] == 3


def test_a_person_without_history_is_exit_status_3(owner: Person) -> None:
    status, message = status_of("task_history", "owner")

    assert (status, "HISTORY_DAYS" in message) == (3, True)


# restore_tasks


def trash_since(person: Person) -> int:
    """Put one task into the trash long ago, and one now. Returns the id of the second."""
    for title in ("old", "new"):
        person.delete(person.path(person.has_task(title)))
    Task.objects.filter(title="old").update(deleted_at="2026-01-01T00:00:00Z")
    return Task.objects.get(title="new").pk


@pytest.mark.parametrize("since", ["90m", "2h", "1d", "2026-01-02", "2026-01-01T00:01", "2026-01-01T02:01+02:00"])
def test_what_was_deleted_since_then_is_restored(owner: Person, since: str) -> None:
    restored = trash_since(owner)

    assert "Would restore 1 tasks" in run("restore_tasks", OWNER, "--deleted-since", since, "--dry-run")
    assert Task.objects.live().count() == 0
    assert "Restored 1 tasks" in run("restore_tasks", OWNER, "--deleted-since", since)
    assert Task.objects.live().get().pk == restored
    assert TaskChange.objects.filter(kind="restored").get().source == "support"
    assert status_of("restore_tasks", OWNER, "--deleted-since", since)[0] == 3


def test_restored_tasks_are_listed_for_programs(owner: Person) -> None:
    restored = trash_since(owner)

    assert json_of("restore_tasks", "owner", "--deleted-since", "1h") == {
        "user_id": "owner",
        "found": [restored],
        "restored": 1,
        "dry_run": False,
    }


@pytest.mark.parametrize("since", ["", "soon", "2h30", "999999d", "2026-13-01"])
def test_a_time_that_cannot_be_read_is_refused_with_an_example(owner: Person, since: str) -> None:
    _, message = status_of("restore_tasks", "owner", "--deleted-since", since)

    assert "neither a span such as 2h nor a time" in message


def test_a_list_that_would_become_too_long_is_left_as_it_is(owner: Person, settings: Settings) -> None:
    trash_since(owner)
    owner.has_task("third")
    settings.TASKS_PER_USER_LIMIT = 1

    assert status_of("restore_tasks", "owner", "--deleted-since", "1h")[0] == 1
    assert Task.objects.live().get().title == "third"


# export_person and erase_person


def test_the_export_is_that_of_the_api_in_a_file_for_the_operator_alone(owner: Person, tmp_path: Path) -> None:
    owner.has_task("Buy milk")
    path = tmp_path / "owner.json"

    with written_log() as log:
        printed = json_of("export_person", OWNER, "--output", str(path))

    assert path.read_bytes() == owner.get("/api/owner/export").content
    assert printed == {"user_id": "owner", "file": str(path), "bytes": path.stat().st_size}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f"exported for support by {operator_name()}" in log.getvalue()


def test_an_export_overwrites_no_file_and_has_a_name_of_its_own(
    owner: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert "to todo-export-owner.json" in run("export_person", "owner")
    status, message = status_of("export_person", "owner")

    assert (status, "--output" in message) == (1, True)


def test_an_erasure_needs_the_id_and_a_dry_run_erases_nothing(owner: Person, stranger: Person) -> None:
    owner.has_task(), stranger.has_task()
    owner.delete(owner.path(owner.has_task()))

    assert json_of("erase_person", OWNER, "--dry-run") == {
        "user_id": "owner",
        "held": {"tasks": 1, "trash": 1, "changes": 3},
        "erased": False,
    }
    assert "Nothing was erased (--dry-run)." in run("erase_person", OWNER, "--dry-run")
    assert status_of("erase_person", OWNER, "--confirm", OWNER)[0] == 1
    assert status_of("erase_person", OWNER)[0] == 2
    assert Task.objects.owned_by("owner").count() == 2

    with written_log() as log:
        assert "Erased." in run("erase_person", OWNER, "--confirm", "owner")

    assert not User.objects.filter(pk="owner").exists()
    assert Task.objects.owned_by("stranger").count() == 1
    assert f"erased by support, {operator_name()}" in log.getvalue()


@pytest.mark.parametrize(("typed", "left"), [("owner", 0), ("x", 1)])
def test_on_a_terminal_the_id_is_asked_for(
    owner: Person, monkeypatch: pytest.MonkeyPatch, typed: str, left: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda prompt: typed)

    if left:
        assert status_of("erase_person", "owner")[0] == 1
    else:
        run("erase_person", "owner")
    assert User.objects.filter(pk="owner").count() == left


def test_an_erasure_in_a_shared_database_says_whose_the_account_is(owner: Person, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True

    assert "Their account is Better Auth's" in run("erase_person", "owner", "--confirm", "owner")


# move_tasks, find_duplicates and stats


def test_tasks_are_moved_between_two_people_who_have_some(owner: Person, stranger: Person) -> None:
    owner.has_task()

    assert status_of("move_tasks", "owner", OWNER)[0] == 2
    assert status_of("move_tasks", "stranger", OWNER)[0] == 3
    assert json_of("move_tasks", OWNER, "stranger") == {"source": "owner", "target": "stranger", "moved": 1}
    assert Task.objects.get().user_id == "stranger"


def test_pending_tasks_with_the_same_title_are_found(owner: Person, stranger: Person) -> None:
    ids = [owner.has_task(title)["id"] for title in ("Buy milk", "buy MILK", "Call")]
    owner.has_task("Call", completed=True), stranger.has_task("Call")

    assert f"{ids[0]}, {ids[1]}" in run("find_duplicates", OWNER)
    (row,) = json_of("find_duplicates", "owner")
    assert (row["number"], row["ids"]) == (2, ids[:2])
    assert status_of("find_duplicates", "stranger")[0] == 3


def test_people_whose_emails_differ_only_in_case_are_found(owner: Person) -> None:
    assert status_of("find_duplicates")[0] == 3
    User.objects.create(id="second", name="", email=OWNER, email_verified=False)

    (row,) = json_of("find_duplicates")

    assert row == {"email": OWNER.lower(), "number": 2, "ids": ["owner", "second"]}


def test_the_numbers_are_those_of_the_dashboard(owner: Person) -> None:
    owner.has_task(due_date="2020-01-01"), owner.has_task(completed=True)
    owner.delete(owner.path(owner.has_task()))

    printed, as_json = run("stats"), json_of("stats")

    assert "tasks      2: 1 open (1 overdue), 1 completed" in printed
    assert [as_json[name] for name in ("people", "open", "overdue", "completed", "trash")] == [1, 1, 1, 1, 1]
    assert len(as_json["days"]) == 30


# seed_demo


def seed(*arguments: str) -> str:
    return run("seed_demo", *arguments, "--production")


def test_demo_data_has_right_counters_versions_and_history(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.demo.BATCH", 40)
    err = Terminal()

    assert "7 people with 150 tasks" in run("seed_demo", "--users=7", "--tasks=150", "--production", stderr=err)

    assert "150 of 150 tasks" in err.getvalue()
    assert sorted(Task.objects.owned_by(user.pk).count() for user in User.objects.all()) == [21] * 4 + [22] * 3
    for user in User.objects.select_related("task_list"):
        tasks = Task.objects.owned_by(user.pk)
        state = user.task_list
        assert (state.live_count, state.trash_count) == (tasks.live().count(), tasks.exclude(deleted_at=None).count())
        for task in tasks:
            assert task.history.count() == task.version
            assert task.completed is (task.completed_at is not None)
    assert set(TaskChange.objects.values_list("kind", "source")) == {
        ("created", "support"),
        ("changed", "support"),
        ("deleted", "support"),
    }


def test_demo_data_is_not_made_twice_and_is_removed_alone(owner: Person) -> None:
    owner.has_task()
    assert status_of("seed_demo", "--remove", "--production")[0] == 3
    assert json.loads(seed("--users=2", "--tasks=3", "--json")) == {
        "users": 2,
        "tasks": 3,
        "first_user": "demo-0000001",
    }

    assert status_of("seed_demo", "--production")[0] == 1
    err = Terminal()
    assert "Deleted 2 people" in run("seed_demo", "--remove", "--production", stderr=err)
    assert "2 of 2 people" in err.getvalue()
    assert Task.objects.get().user_id == "owner"
    seed("--users=1", "--tasks=0")
    assert json.loads(seed("--remove", "--json")) == {"removed": 1}


def test_the_space_of_demo_tasks_is_free_before_their_people_are_deleted(transactional_db: None) -> None:
    """Each deleted person costs a look through the table of tasks: of a million dead ones it took an hour."""
    seed("--users=3", "--tasks=30")
    sizes: list[int] = []

    def delete(execute: Callable[..., Any], statement: str, *details: Any) -> Any:
        if statement.startswith('DELETE FROM "user"'):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_relation_size('tasks')")
                sizes.extend(cursor.fetchone() or ())
        return execute(statement, *details)

    with connection.execute_wrapper(delete):
        seed("--remove")

    assert sizes == [0]
    assert not User.objects.exists()
    assert not TaskChange.objects.exists()


@pytest.mark.parametrize("arguments", [["--users=0"], ["--users=1", "--tasks=-1"], ["--users=1", "--tasks=100000"]])
def test_more_demo_tasks_than_a_list_holds_are_refused(db: None, arguments: list[str]) -> None:
    assert status_of("seed_demo", *arguments, "--production")[0] == 2


def test_a_production_database_gets_demo_data_only_if_it_is_meant(db: None, settings: Settings) -> None:
    settings.IS_DEVELOPMENT = False

    status, message = status_of("seed_demo")

    assert (status, "--production" in message) == (1, True)
    assert not User.objects.exists()


# Tables of text


@pytest.mark.parametrize(
    ("make", "printed"),
    [
        (lambda cell: cell("a\nb\x1b[2J\u2028c"), "a b [2J c"),
        (lambda cell: cell("x" * 100), "x" * 39 + "…"),
        (lambda cell: cell(None), ""),
        (lambda cell: cell(False), "no"),
        (lambda cell: cell(["a", "b"]), "a, b"),
    ],
)
def test_a_value_is_one_line_whoever_wrote_it(make: Callable[[Any], str], printed: str) -> None:
    from accounts.text_table import cell

    assert make(cell) == printed


def test_wide_letters_do_not_move_the_columns() -> None:
    from accounts.text_table import text_table

    assert text_table(("a", "b"), [("東京", 1), ("e\u0301", 2)]).splitlines() == ["a     b", "東京  1", "e\u0301     2"]
