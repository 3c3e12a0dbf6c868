"""Migrations run forwards and backwards, can be repeated, and bypass the pooler."""

import ast
import re
import secrets
import threading
import time

import psycopg
import pytest
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from tasks.models import EDITABLE_FIELDS
from tests.support.better_auth_tables import CORE_TABLES, MADE_BY_BETTER_AUTH
from tests.support.checkout import PROJECT, SECRETS, Checkout
from tests.support.schema import BETTER_AUTH_SCHEMA, columns_of, migrate, rows, shape_of_our_tables, url_of

TASKS_MIGRATIONS = sorted(path.stem for path in (PROJECT / "tasks" / "migrations").glob("0*.py"))


def test_migrations_go_back_and_forth(scratch: str) -> None:
    migrate("tasks")
    there = shape_of_our_tables(scratch)

    migrate("tasks", "zero")
    assert set(shape_of_our_tables(scratch)) == set(BETTER_AUTH_SCHEMA)
    assert rows("SELECT 1 FROM pg_proc WHERE proname IN ('lower_case', 'fold')", using=scratch) == []

    migrate("accounts", "zero")
    assert shape_of_our_tables(scratch) == {}

    migrate("tasks")
    assert shape_of_our_tables(scratch) == there


def test_going_back_never_drops_people(scratch: str, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    rows(MADE_BY_BETTER_AUTH["1.7"], using=scratch)
    migrate("tasks")

    with pytest.raises(CommandError, match='"verification" holds rows of Better Auth'):
        migrate("accounts", "zero")

    assert rows('SELECT id FROM "user"', using=scratch) == [("alice",)]


WRITES = """
INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('bob', '', 'b', false);
INSERT INTO tasks (user_id, title) VALUES ('alice', '1'), ('bob', '2');
UPDATE tasks SET title = title || '!', completed = true;
UPDATE tasks SET deleted_at = now() WHERE user_id = 'bob';
"""
STATE = """
SELECT user_id, revision, live_count, trash_count, version, completed_at = updated_at
FROM task_lists JOIN tasks USING (user_id) ORDER BY user_id
"""


@pytest.mark.parametrize("migration", TASKS_MIGRATIONS)
def test_at_each_migration_tasks_can_be_written(scratch: str, migration: str) -> None:
    migrate("accounts")
    rows("""INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('alice', '', 'a', false)""", using=scratch)

    migrate("tasks", migration)

    rows(WRITES, using=scratch)
    assert rows(STATE, using=scratch) == [("alice", 2, 1, 0, 2, True), ("bob", 3, 0, 1, 3, False)]
    rows('DELETE FROM "user"', using=scratch)
    assert rows("SELECT * FROM task_lists", using=scratch) == rows("SELECT * FROM tasks", using=scratch) == []


@pytest.mark.parametrize("app", ["tasks", "accounts"])
def test_migrations_import_nothing_of_the_app(app: str) -> None:
    for path in (PROJECT / app / "migrations").glob("*.py"):
        names = [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        imported = {alias.name for node in names for alias in node.names}
        imported |= {str(node.module) for node in names if isinstance(node, ast.ImportFrom)}
        own = {name for name in imported if name.split(".")[0] in {"tasks", "accounts", "todo_project"}}
        assert all(name.startswith(f"{app}.migrations.") for name in own), path.name


def test_a_user_who_signs_up_during_the_migration_has_a_list(scratch: str) -> None:
    migrate("accounts")
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    with psycopg.connect(url_of(scratch)) as writer, psycopg.connect(url_of(scratch), autocommit=True) as observer:
        writer.execute("""INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('bob', '', 'b', false)""")

        def commit_once_the_migration_waits() -> None:
            deadline = time.monotonic() + 20
            while observer.execute(waits).fetchone() is None and time.monotonic() < deadline:
                pass
            writer.commit()

        thread = threading.Thread(target=commit_once_the_migration_waits)
        thread.start()
        migrate("tasks")
        thread.join()

    assert rows("SELECT user_id FROM task_lists", using=scratch) == [("bob",)]


def test_better_auths_role_needs_no_rights_on_our_tables(scratch: str) -> None:
    migrate("tasks")
    role = f"better_auth_{secrets.token_hex(4)}"
    tables = ", ".join(f'"{table}"' for table in BETTER_AUTH_SCHEMA)
    rows(f"CREATE ROLE {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}", using=scratch)
    try:
        sign_up = """INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('ada', '', 'a', false)"""
        rows(f"SET ROLE {role}; {sign_up}; RESET ROLE", using=scratch)
        rows("INSERT INTO tasks (user_id, title) VALUES ('ada', 'Buy milk')", using=scratch)
        assert rows("SELECT user_id, live_count FROM task_lists", using=scratch) == [("ada", 1)]

        rows(f'SET ROLE {role}; DELETE FROM "user"; RESET ROLE', using=scratch)

        assert rows("SELECT * FROM tasks", using=scratch) == rows("SELECT * FROM task_lists", using=scratch) == []
    finally:
        rows(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}", using=scratch)


def test_the_change_history_records_every_field_that_users_may_change(scratch: str) -> None:
    migrate("tasks")

    ((source,),) = rows("SELECT prosrc FROM pg_proc WHERE proname = 'task_after_update'", using=scratch)

    assert set(re.findall(r"\('(\w+)', to_jsonb", source)) == {*EDITABLE_FIELDS, "deleted_at"}


def test_migrate_goes_past_the_pooler(scratch: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("migrate"))
    nobody_there = "postgresql://todo:todo@127.0.0.1:9/todo"

    ended = checkout.run(
        "manage.py", "migrate", **SECRETS, DATABASE_URL=nobody_there, DATABASE_URL_UNPOOLED=url_of(scratch)
    )

    assert ended.returncode == 0, ended.stderr
    assert "Applying tasks.0001_initial... OK" in ended.stdout
    assert columns_of("tasks", scratch)


def test_a_refused_migration_is_reported_without_a_traceback(
    scratch: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows(CORE_TABLES.replace('"id" text', '"id" uuid').replace('"userId" text', '"userId" uuid'), using=scratch)
    checkout = Checkout(tmp_path_factory.mktemp("refused"))

    ended = checkout.run(
        "manage.py", "migrate", **SECRETS, DATABASE_URL=url_of(scratch), BETTER_AUTH_SHARED_DATABASE="true"
    )

    assert ended.returncode == 1
    assert "Better Auth's tables have ids that are not text" in ended.stderr
    assert "Traceback" not in ended.stderr
