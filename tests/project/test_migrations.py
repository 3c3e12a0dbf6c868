"""Migrations run forwards and backwards, can be repeated, and bypass the pooler."""

import threading
import time

import psycopg
import pytest
from django.core.management import CommandError

from tests.support.better_auth_tables import CORE_TABLES, MADE_BY_BETTER_AUTH
from tests.support.checkout import SECRETS, Checkout
from tests.support.schema import BETTER_AUTH_SCHEMA, columns_of, migrate, rows, shape_of_our_tables, url_of


def test_migrations_go_back_and_forth(scratch: str) -> None:
    migrate("tasks")
    there = shape_of_our_tables(scratch)

    migrate("tasks", "zero")
    assert set(shape_of_our_tables(scratch)) == set(BETTER_AUTH_SCHEMA)
    assert rows("SELECT 1 FROM pg_proc WHERE proname = 'lower_case'", using=scratch) == []

    migrate("accounts", "zero")
    assert shape_of_our_tables(scratch) == {}

    migrate("tasks")
    assert shape_of_our_tables(scratch) == there


@pytest.mark.parametrize(
    ("before", "index"),
    [("0005", "task_trash_idx"), ("0009", "task_list_priority_idx"), ("0010", "task_list_due_date_idx")],
)
def test_a_migration_that_was_stopped_at_an_index_is_run_again(scratch: str, before: str, index: str) -> None:
    migrate("tasks", before)
    rows(f"DROP INDEX IF EXISTS {index}; CREATE INDEX {index} ON tasks (id)", using=scratch)

    migrate("tasks")

    definition = "SELECT indexdef FROM pg_indexes WHERE indexname = %s"
    assert rows(definition, [index], using=scratch) == rows(definition, [index])


def test_going_back_never_drops_people(scratch: str) -> None:
    rows(MADE_BY_BETTER_AUTH["1.7"], using=scratch)
    migrate("tasks")

    with pytest.raises(CommandError, match='"verification" holds rows of Better Auth'):
        migrate("accounts", "zero")

    assert rows('SELECT id FROM "user"', using=scratch) == [("alice",)]


TASKS_OF_BEFORE = """
INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('alice', '', 'a', false), ('bob', '', 'b', false);
INSERT INTO tasks (user_id, title, completed) VALUES ('alice', '1', true), ('alice', '2', false), ('bob', '3', false)
"""


def test_tasks_of_before_are_counted_and_go_on_with_triggers(scratch: str) -> None:
    migrate("tasks", "0001")
    migrate("accounts")
    rows(TASKS_OF_BEFORE, using=scratch)

    migrate("tasks")

    lists = "SELECT user_id, live, trashed, revision FROM task_lists ORDER BY user_id"
    assert rows(lists, using=scratch) == [("alice", 2, 0, 0), ("bob", 1, 0, 0)]
    assert rows("SELECT version FROM tasks WHERE completed_at = updated_at", using=scratch) == [(1,)]
    rows("UPDATE tasks SET title = title || '!'", using=scratch)
    assert rows("SELECT DISTINCT version FROM tasks", using=scratch) == [(2,)]
    assert rows(lists, using=scratch) == [("alice", 2, 0, 1), ("bob", 1, 0, 1)]


def test_a_task_made_while_the_triggers_are_put_in_counts(scratch: str) -> None:
    migrate("accounts")
    migrate("tasks", "0004")
    rows(TASKS_OF_BEFORE, using=scratch)
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    with psycopg.connect(url_of(scratch)) as writer, psycopg.connect(url_of(scratch), autocommit=True) as observer:
        writer.execute("INSERT INTO tasks (user_id, title) VALUES ('bob', '4')")

        def commit_once_the_migration_waits() -> None:
            deadline = time.monotonic() + 20
            while observer.execute(waits).fetchone() is None and time.monotonic() < deadline:
                pass
            writer.commit()

        beside = threading.Thread(target=commit_once_the_migration_waits)
        beside.start()
        migrate("tasks")
        beside.join()

    assert rows("SELECT live FROM task_lists WHERE user_id = 'bob'", using=scratch) == [(2,)]


def test_lists_are_counted_anew_after_a_way_back(scratch: str) -> None:
    migrate("tasks", "0001")
    migrate("accounts")
    rows(TASKS_OF_BEFORE, using=scratch)
    migrate("tasks")
    rows("UPDATE tasks SET deleted_at = now() WHERE title = '2'", using=scratch)

    migrate("tasks", "0004")
    rows("DELETE FROM tasks WHERE title = '3'", using=scratch)
    rows("INSERT INTO tasks (user_id, title) VALUES ('alice', '4')", using=scratch)
    migrate("tasks")

    assert rows("SELECT user_id, live, trashed FROM task_lists", using=scratch) == [("alice", 2, 1)]
    assert rows("SELECT * FROM task_changes", using=scratch) == []
    migrate("tasks", "0001")
    assert len(rows("SELECT * FROM tasks", using=scratch)) == 3


def test_migrate_goes_past_the_pooler(scratch: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("migrate"))
    nobody_there = "postgresql://todo:todo@127.0.0.1:9/todo"

    ended = checkout.run(
        "manage.py", "migrate", **SECRETS, DATABASE_URL=nobody_there, DATABASE_URL_UNPOOLED=url_of(scratch)
    )

    assert ended.returncode == 0, ended.stderr
    assert "Applying tasks.0001_initial... OK" in ended.stdout
    assert columns_of("tasks", scratch)


def test_a_refused_migration_is_told_without_a_traceback(
    scratch: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows(CORE_TABLES.replace('"id" text', '"id" uuid').replace('"userId" text', '"userId" uuid'), using=scratch)
    checkout = Checkout(tmp_path_factory.mktemp("refused"))

    ended = checkout.run("manage.py", "migrate", **SECRETS, DATABASE_URL=url_of(scratch))

    assert ended.returncode == 1
    assert "Better Auth's tables have ids that are not text" in ended.stderr
    assert "Traceback" not in ended.stderr
