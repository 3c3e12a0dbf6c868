"""Migrations run forwards and backwards, can be repeated, and bypass the pooler."""

import ast
import re
import secrets
import threading
import time

import psycopg
import pytest
from django.core.management import CommandError
from django.db import IntegrityError, OperationalError
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


ALICE = """INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('alice', '', 'a', false)"""


@pytest.mark.parametrize("origin", ["zero", TASKS_MIGRATIONS[-1]])
@pytest.mark.parametrize("migration", TASKS_MIGRATIONS)
def test_at_each_migration_tasks_can_be_written(scratch: str, migration: str, origin: str) -> None:
    migrate("accounts")
    rows(ALICE, using=scratch)

    migrate("tasks", origin)
    migrate("tasks", migration)

    rows(WRITES, using=scratch)
    assert rows(STATE, using=scratch) == [("alice", 2, 1, 0, 2, True), ("bob", 3, 0, 1, 3, False)]
    rows('DELETE FROM "user"', using=scratch)
    assert rows("SELECT * FROM task_lists", using=scratch) == rows("SELECT * FROM tasks", using=scratch) == []


# What tasks are made of: types of columns, indexes and whether they are valid, constraints, and code of triggers.
DEFINITION = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'tasks'::regclass AND attnum > 0
UNION ALL
SELECT pg_get_indexdef(indexrelid), indisvalid::text FROM pg_index WHERE indrelid = 'tasks'::regclass
UNION ALL
SELECT conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '') FROM pg_constraint
    WHERE conrelid = 'tasks'::regclass AND contype <> 'n'
UNION ALL
SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'task_after_%'
UNION ALL
SELECT typname, pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint JOIN pg_type ON contypid = pg_type.oid
    WHERE typname LIKE 'task_%'
"""


def definition(scratch: str) -> dict[str, str]:
    """Return DEFINITION by name, in one spelling: PostgreSQL writes a cast that it added itself in two ways."""
    plain = {name: re.sub(r"[()\s]|::[a-z ]+(\[\])?", "", text) for name, text in rows(DEFINITION, using=scratch)}
    assert len(plain) > len(EDITABLE_FIELDS)
    return plain


@pytest.mark.parametrize("migration", TASKS_MIGRATIONS[:-1])
def test_going_back_to_a_migration_makes_what_that_migration_made(scratch: str, migration: str) -> None:
    migrate("tasks", migration)
    there = definition(scratch)
    migrate("tasks")

    migrate("tasks", migration)

    assert definition(scratch) == there


def test_no_migration_writes_the_table_again_with_everybody_waiting_and_the_way_back_keeps_its_rows(
    scratch: str,
) -> None:
    migrate("tasks", TASKS_MIGRATIONS[0])
    rows(f"{ALICE}; INSERT INTO tasks (user_id, title, tags) VALUES ('alice', 'Buy milk', '{{a}}')", using=scratch)
    file = "SELECT pg_relation_filenode('tasks')"
    there = rows(file, using=scratch)
    task = rows("SELECT * FROM tasks", using=scratch)

    for migration in TASKS_MIGRATIONS[1:]:
        migrate("tasks", migration)
        assert rows(file, using=scratch) == there, migration
    for migration in TASKS_MIGRATIONS[-2::-1]:
        migrate("tasks", migration)
        assert rows("SELECT * FROM tasks", using=scratch) == task, migration


@pytest.mark.parametrize(
    ("origin", "target", "index"),
    [
        (start, target, index)
        for start, target, of in (
            ("0003", "0004", ("task_live_idx", "task_trashed_idx")),
            ("0004", "0003", ("task_list_created_idx", "task_list_due_date_idx", "task_trash_idx")),
            ("0002", "0001", ("task_list_title_idx", "task_list_priority_idx")),
        )
        for index in of
    ],
)
def test_a_migration_that_was_interrupted_while_it_built_an_index_can_be_run_again(
    scratch: str, origin: str, target: str, index: str
) -> None:
    migrate("tasks", target)
    there = definition(scratch)
    migrate("tasks", origin)
    rows(f"{ALICE}; INSERT INTO tasks (user_id, title) VALUES ('alice', '1'), ('alice', '2')", using=scratch)
    with pytest.raises(IntegrityError, match="could not create unique index"):  # An interruption leaves the same.
        rows(f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON tasks (user_id)", using=scratch)
    assert "false" in definition(scratch).values()

    migrate("tasks", target)

    assert definition(scratch) == there


def test_a_migration_that_waits_for_a_long_transaction_gives_up_and_can_be_run_again(scratch: str) -> None:
    migrate("tasks", "0002")
    there = definition(scratch)

    with psycopg.connect(url_of(scratch)) as reader:
        reader.execute("SELECT FROM tasks")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate("tasks", "0003")
        assert definition(scratch) == there

    migrate("tasks", "0003")
    assert definition(scratch) != there


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

    recorded = {*EDITABLE_FIELDS, "deleted_at"}
    assert set(re.findall(r"\('(\w+)', to_jsonb", source)) == recorded, "of several tasks in a statement"
    assert set(re.findall(r"jsonb_build_object\('(\w+)', task\.", source)) == recorded, "of one task"


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
