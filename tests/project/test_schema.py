"""The database holds what the API promises, whoever writes; and its tables are those that Better Auth expects."""

import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, IntegrityError, connection, connections, transaction
from pytest_django import DjangoDbBlocker

from accounts.models import Account, Jwk, Session, User, Verification
from tasks.text import WHITE_SPACE, trimmed
from tests.support.checkout import SECRETS, Checkout

NOW = "CURRENT_TIMESTAMP"

# Better Auth 1.7 with its jwt and admin plugins: column, type, nullable, default in the database.
BETTER_AUTH_SCHEMA: dict[str, set[tuple[str, str, str, str | None]]] = {
    "user": {
        ("id", "text", "NO", None),
        ("name", "text", "NO", None),
        ("email", "text", "NO", None),
        ("emailVerified", "boolean", "NO", None),
        ("image", "text", "YES", None),
        ("createdAt", "timestamp with time zone", "NO", NOW),
        ("updatedAt", "timestamp with time zone", "NO", NOW),
        ("role", "text", "YES", None),
        ("banned", "boolean", "YES", None),
        ("banReason", "text", "YES", None),
        ("banExpires", "timestamp with time zone", "YES", None),
    },
    "session": {
        ("id", "text", "NO", None),
        ("expiresAt", "timestamp with time zone", "NO", None),
        ("token", "text", "NO", None),
        ("createdAt", "timestamp with time zone", "NO", NOW),
        ("updatedAt", "timestamp with time zone", "NO", None),
        ("ipAddress", "text", "YES", None),
        ("userAgent", "text", "YES", None),
        ("userId", "text", "NO", None),
        ("impersonatedBy", "text", "YES", None),
    },
    "account": {
        ("id", "text", "NO", None),
        ("accountId", "text", "NO", None),
        ("providerId", "text", "NO", None),
        ("userId", "text", "NO", None),
        ("accessToken", "text", "YES", None),
        ("refreshToken", "text", "YES", None),
        ("idToken", "text", "YES", None),
        ("accessTokenExpiresAt", "timestamp with time zone", "YES", None),
        ("refreshTokenExpiresAt", "timestamp with time zone", "YES", None),
        ("scope", "text", "YES", None),
        ("password", "text", "YES", None),
        ("createdAt", "timestamp with time zone", "NO", NOW),
        ("updatedAt", "timestamp with time zone", "NO", None),
    },
    "verification": {
        ("id", "text", "NO", None),
        ("identifier", "text", "NO", None),
        ("value", "text", "NO", None),
        ("expiresAt", "timestamp with time zone", "NO", None),
        ("createdAt", "timestamp with time zone", "NO", NOW),
        ("updatedAt", "timestamp with time zone", "NO", NOW),
    },
    "jwks": {
        ("id", "text", "NO", None),
        ("publicKey", "text", "NO", None),
        ("privateKey", "text", "NO", None),
        ("createdAt", "timestamp with time zone", "NO", None),
        ("expiresAt", "timestamp with time zone", "YES", None),
        ("alg", "text", "YES", None),
        ("crv", "text", "YES", None),
    },
}
PRIMARY_KEYS = {f"{table}_pkey" for table in BETTER_AUTH_SCHEMA}
OUR_FOREIGN_KEYS = {(table, "user_id", '"user"', "c") for table in ("tasks", "task_lists", "task_idempotency_keys")}
BETTER_AUTH_INDEXES = PRIMARY_KEYS | {
    "user_email_key",
    "session_token_key",
    "session_userId_idx",
    "account_userId_idx",
    "verification_identifier_idx",
}

# What Better Auth's own migration wrote, by its version and plugins.
CORE_TABLES = """
create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique,
    "emailVerified" boolean not null, "image" text,
    "createdAt" timestamptz default CURRENT_TIMESTAMP not null,
    "updatedAt" timestamptz default CURRENT_TIMESTAMP not null);
create table "session" ("id" text not null primary key, "expiresAt" timestamptz not null,
    "token" text not null unique, "createdAt" timestamptz default CURRENT_TIMESTAMP not null,
    "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text,
    "userId" text not null references "user" ("id") on delete cascade);
create table "account" ("id" text not null primary key, "accountId" text not null, "providerId" text not null,
    "userId" text not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text,
    "idToken" text, "accessTokenExpiresAt" timestamptz, "refreshTokenExpiresAt" timestamptz, "scope" text,
    "password" text, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz not null);
create table "verification" ("id" text not null primary key, "identifier" text not null, "value" text not null,
    "expiresAt" timestamptz not null, "createdAt" timestamptz default CURRENT_TIMESTAMP not null,
    "updatedAt" timestamptz default CURRENT_TIMESTAMP not null);
"""
INDEXES = """
create index "session_userId_idx" on "session" ("userId");
create index "account_userId_idx" on "account" ("userId");
create index "verification_identifier_idx" on "verification" ("identifier");
"""
ADMIN_COLUMNS = """
alter table "user" add column "role" text, add column "banned" boolean, add column "banReason" text,
    add column "banExpires" timestamptz;
alter table "session" add column "impersonatedBy" text;
"""
JWKS_OF_1_4 = """
create table "jwks" ("id" text not null primary key, "publicKey" text not null, "privateKey" text not null,
    "createdAt" timestamptz not null, "expiresAt" timestamptz);
"""
JWKS_COLUMNS_OF_1_7 = 'alter table "jwks" add column "alg" text, add column "crv" text;'
ROWS = """
insert into "user" ("id", "name", "email", "emailVerified") values ('alice', 'Alice', 'alice@example.com', true);
insert into "session" ("id", "expiresAt", "token", "updatedAt", "userId")
    values ('s1', now() + interval '7 days', 'token-of-alice', now(), 'alice');
insert into "account" ("id", "accountId", "providerId", "userId", "password", "updatedAt")
    values ('a1', 'alice', 'credential', 'alice', 'hash-of-alice', now());
insert into "verification" ("id", "identifier", "value", "expiresAt") values ('v1', 'alice@example.com', 'x', now());
"""
JWKS_ROW = """insert into "jwks" ("id", "publicKey", "privateKey", "createdAt") values ('k1', '{}', '{}', now());"""

MADE_BY_BETTER_AUTH = {
    "1.7": CORE_TABLES + INDEXES + ROWS,
    "1.7 with jwt": CORE_TABLES + INDEXES + JWKS_OF_1_4 + JWKS_COLUMNS_OF_1_7 + ROWS + JWKS_ROW,
    "1.7 with admin": CORE_TABLES + INDEXES + ADMIN_COLUMNS + ROWS,
    "1.7 with jwt and admin": CORE_TABLES
    + INDEXES
    + ADMIN_COLUMNS
    + JWKS_OF_1_4
    + JWKS_COLUMNS_OF_1_7
    + ROWS
    + JWKS_ROW,
    "1.4 with jwt": CORE_TABLES + INDEXES + JWKS_OF_1_4 + ROWS + JWKS_ROW,
    "before it made indexes": CORE_TABLES + ROWS,
    "with varchar ids": CORE_TABLES.replace('"id" text', '"id" varchar(36)') + ROWS,
}


def rows(sql: str, parameters: list[Any] | None = None, *, using: str = "default") -> list[tuple[Any, ...]]:
    """Run `sql` as it is and return its rows; none where it has none."""
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The alias of an empty database that is dropped at the end."""
    name = f"{connection.settings_dict['NAME']}_scratch"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        connections.databases["scratch"] = {**connection.settings_dict, "NAME": name}
        try:
            yield "scratch"
        finally:
            connections["scratch"].close()
            connections["scratch"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
            del connections["scratch"]
            del connections.databases["scratch"]
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(*target: str) -> None:
    """Migrate the scratch database, without a word."""
    call_command("migrate", *target, database="scratch", verbosity=0)


def columns_of(table: str, using: str = "default") -> set[tuple[Any, ...]]:
    """Name, type, nullability and default of each column."""
    found = rows(
        "SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s",
        [table],
        using=using,
    )
    # Django's Now() is the beginning of the statement, Better Auth's that of the transaction: both are now.
    return {(*column, NOW if default == "statement_timestamp()" else default) for *column, default in found}


def indexes_of(table: str, using: str = "default") -> set[str]:
    """The names of the table's indexes, those of its keys among them."""
    return {name for (name,) in rows("SELECT indexname FROM pg_indexes WHERE tablename = %s", [table], using=using)}


def foreign_keys(using: str = "default") -> set[tuple[Any, ...]]:
    """Each foreign key between our tables: from, column, to, and what deleting does (c: cascade)."""
    return set(
        rows(
            """
            SELECT conrelid::regclass::text, attname, confrelid::regclass::text, confdeltype
            FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'f' AND confrelid = '"user"'::regclass
            """,
            using=using,
        )
    )


def shape_of_our_tables(using: str) -> dict[str, tuple[set[tuple[Any, ...]], set[str]]]:
    """Columns and indexes of every table of ours that is there."""
    tables = (*BETTER_AUTH_SCHEMA, "tasks")
    return {table: (columns_of(table, using), indexes_of(table, using)) for table in tables if columns_of(table, using)}


# What a task may hold


@pytest.fixture
def alice(db: None) -> str:
    """A person, as Better Auth inserts one: every column without a default in the database, and no other."""
    rows(
        'INSERT INTO "user" (id, name, email, "emailVerified") VALUES (%s, %s, %s, %s)',
        ["alice", "Alice", "alice@example.com", True],
    )
    return "alice"


def insert_task(title: str, description: str | None = None) -> None:
    """Insert a task of Alice's without asking Python what it may hold."""
    with transaction.atomic():
        rows("INSERT INTO tasks (user_id, title, description) VALUES ('alice', %s, %s)", [title, description])


def test_the_database_fills_in_what_an_insert_leaves_out(alice: str) -> None:
    rows("INSERT INTO tasks (user_id, title) VALUES ('alice', 'Buy milk')")

    ((task_id, description, completed, created_at, updated_at),) = rows(
        "SELECT id, description, completed, created_at, updated_at FROM tasks"
    )

    assert task_id > 0
    assert description is None
    assert completed is False
    assert created_at == updated_at
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)


@pytest.mark.parametrize("title", ["x", "x" * 200, "🛒" * 200, "a  b", "\u200bx", "\ufeffx", "a\nb"])
def test_the_database_takes_the_titles_that_the_api_takes(alice: str, title: str) -> None:
    insert_task(title)

    assert rows("SELECT title FROM tasks") == [(title,)]


@pytest.mark.parametrize("title", ["", " ", " x", "x ", "\tx", "x\n", "\u3000", "x" * 201])
def test_the_database_refuses_the_titles_that_the_api_refuses(alice: str, title: str) -> None:
    with pytest.raises((IntegrityError, DataError), match=r"task_title_is_trimmed|character varying\(200\)"):
        insert_task(title)


@pytest.mark.parametrize("space", [f"{ord(character):#06x}" for character in WHITE_SPACE])
def test_the_database_knows_each_white_space_around_a_title(alice: str, space: str) -> None:
    character = chr(int(space, 0))
    for title in (f"{character}x", f"x{character}", character):
        with pytest.raises(IntegrityError, match="task_title_is_trimmed"):
            insert_task(title)


def test_the_list_of_white_space_is_pythons() -> None:
    characters = [chr(number) for number in range(sys.maxunicode + 1)]

    assert [character for character in characters if character.isspace()] == list(WHITE_SPACE)
    assert [character for character in characters if not character.strip()] == list(WHITE_SPACE)
    assert trimmed(f"{WHITE_SPACE}a{WHITE_SPACE}b{WHITE_SPACE}") == f"a{WHITE_SPACE}b"


def test_the_database_holds_a_description_to_its_length(alice: str) -> None:
    insert_task("x", "🛒" * 1000)
    insert_task("x", "")
    with pytest.raises(IntegrityError, match="task_description_length"):
        insert_task("x", "x" * 1001)


def test_deleting_a_person_deletes_their_tasks_and_sign_ins_in_the_database(alice: str) -> None:
    rows("INSERT INTO \"user\" (id, name, email, \"emailVerified\") VALUES ('bob', 'Bob', 'bob@example.com', true)")
    rows("INSERT INTO tasks (user_id, title) VALUES ('alice', 'x'), ('alice', 'y'), ('bob', 'z')")
    rows("""INSERT INTO session (id, "expiresAt", token, "updatedAt", "userId")
            VALUES ('s', now(), 't', now(), 'alice');
            INSERT INTO account (id, "accountId", "providerId", "userId", "updatedAt")
            VALUES ('a', 'alice', 'credential', 'alice', now())""")

    rows("DELETE FROM \"user\" WHERE id = 'alice'")

    assert rows("SELECT user_id FROM tasks") == [("bob",)]
    assert rows("SELECT * FROM session") == rows("SELECT * FROM account") == []


def test_a_task_of_nobody_is_refused(db: None) -> None:
    with pytest.raises(IntegrityError, match="foreign key"):
        rows("SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO tasks (user_id, title) VALUES ('nobody', 'x')")


# Lower case for sorting


def test_lower_case_in_the_database_is_pythons_for_every_letter_of_unicode_3_2(db: None) -> None:
    letters = [
        character
        for character in map(chr, range(1, sys.maxunicode + 1))
        if unicodedata.ucd_3_2_0.category(character) in {"Lu", "Lt", "Ll", "Lo", "Lm"}
    ]
    # Letters that became capital ones after 3.2, as Cherokee's did, stay as they are; so does the one letter whose
    # lower case is two characters, the dotted capital I of Turkish.
    capital = {"Lu", "Lt"}
    expected = [
        character.lower()
        if unicodedata.ucd_3_2_0.category(character) in capital and len(character.lower()) == 1
        else character
        for character in letters
    ]

    lowered = rows(
        "SELECT lower_case(letter) FROM unnest(%s::text[]) WITH ORDINALITY AS t(letter, n) ORDER BY n", [letters]
    )

    assert len(letters) > 80_000
    assert [value for (value,) in lowered] == expected


def test_lower_case_is_the_same_within_a_word_and_in_plain_ascii(db: None) -> None:
    words = ["BUY MILK", "ÉCOLE", "ΟΔΟΣ", "Straße", "İstanbul", "ÄÖÜ 123 🛒", "", None]

    lowered = rows("SELECT lower_case(word) FROM unnest(%s::text[]) WITH ORDINALITY AS t(word, n) ORDER BY n", [words])

    assert [value for (value,) in lowered] == [
        "buy milk",
        "école",
        "οδοσ",
        "straße",
        "İstanbul",
        "äöü 123 🛒",
        "",
        None,
    ]


def test_lower_case_never_asks_a_locale(db: None) -> None:
    ((definition,),) = rows("SELECT pg_get_functiondef('lower_case(text)'::regprocedure)")

    calls = definition.replace("lower_case(", "").split("lower(")[1:]

    assert len(calls) == 2
    assert all('COLLATE "C"' in call.partition(")")[0] + ")" for call in calls)
    for (collation,) in rows("SELECT collname FROM pg_collation WHERE collname IN ('tr-x-icu', 'tr_TR', 'und-x-icu')"):
        assert rows(f"SELECT lower_case('TITLE I' COLLATE \"{collation}\")") == [("title i",)]


# Better Auth's tables


@pytest.mark.parametrize("table", BETTER_AUTH_SCHEMA)
def test_better_auth_finds_its_columns_as_it_makes_them(db: None, table: str) -> None:
    assert columns_of(table) == BETTER_AUTH_SCHEMA[table]


def test_better_auth_finds_its_indexes_and_foreign_keys(db: None) -> None:
    indexes: set[str] = {name for table in BETTER_AUTH_SCHEMA for name in indexes_of(table)}

    assert indexes >= BETTER_AUTH_INDEXES
    assert indexes - BETTER_AUTH_INDEXES == {"user_created_idx", "user_email_prefix_idx"}
    assert foreign_keys() == {
        ("session", "userId", '"user"', "c"),
        ("account", "userId", '"user"', "c"),
        *OUR_FOREIGN_KEYS,
    }


@pytest.mark.parametrize("made", MADE_BY_BETTER_AUTH)
def test_tables_that_better_auth_made_are_adopted_with_their_rows(scratch: str, made: str) -> None:
    rows(MADE_BY_BETTER_AUTH[made], using=scratch)
    before = {table: rows(f'SELECT * FROM "{table}"', using=scratch) for table in ("session", "account")}
    ids = "character varying" if "varchar" in made else "text"

    migrate("tasks")

    for table, columns in BETTER_AUTH_SCHEMA.items():
        assert columns_of(table, scratch) == columns - {("id", "text", "NO", None)} | {
            ("id", ids if table != "jwks" else "text", "NO", None)
        }
    assert {name for table in BETTER_AUTH_SCHEMA for name in indexes_of(table, scratch)} >= BETTER_AUTH_INDEXES
    assert foreign_keys(scratch) == {
        ("session", "userId", '"user"', "c"),
        ("account", "userId", '"user"', "c"),
        *OUR_FOREIGN_KEYS,
    }
    assert rows('SELECT id, email FROM "user"', using=scratch) == [("alice", "alice@example.com")]
    for table, kept in before.items():
        assert [row[: len(kept[0])] for row in rows(f'SELECT * FROM "{table}"', using=scratch)] == kept
    rows("INSERT INTO tasks (user_id, title) VALUES ('alice', 'Buy milk')", using=scratch)
    rows('DELETE FROM "user"', using=scratch)
    assert rows("SELECT * FROM tasks", using=scratch) == []


@pytest.mark.parametrize(
    ("ids", "named"),
    [
        ("uuid not null default gen_random_uuid()", "uuid"),
        ("integer not null generated by default as identity", "integer"),
    ],
)
def test_uuid_and_serial_ids_are_refused_by_name_and_nothing_is_changed(scratch: str, ids: str, named: str) -> None:
    kind = ids.split(maxsplit=1)[0]
    made = CORE_TABLES.replace('"id" text not null', f'"id" {ids}').replace('"userId" text', f'"userId" {kind}')
    rows(made, using=scratch)
    before = shape_of_our_tables(scratch)

    with pytest.raises(CommandError) as refusal:
        migrate("tasks")

    for table in ("user", "session", "account", "verification"):
        assert f'"{table}".id is {named}' in str(refusal.value)
    assert "generateId" in str(refusal.value)
    assert shape_of_our_tables(scratch) == before
    assert ("jwks" in shape_of_our_tables(scratch)) is False


# Migrations


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


def url_of(alias: str) -> str:
    """The URL of the database that Django reaches as `alias`."""
    parameters = connections[alias].get_connection_params()
    query = urlencode({"host": parameters["host"], "port": parameters.get("port", 5432)})
    login = quote(parameters["user"]) + (f":{quote(parameters['password'])}" if "password" in parameters else "")
    return f"postgresql://{login}@/{quote(parameters['dbname'])}?{query}"


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


def test_a_row_names_itself_without_what_somebody_could_sign_in_with() -> None:
    rows = [
        Session(user_id="ada", token="secret"),
        Account(user_id="ada", provider_id="credential", password="secret", access_token="secret"),
        Verification(identifier="ada@example.com", value="secret"),
        Jwk(id="k1", public_key="{}", private_key="secret"),
        User(id="ada", name="", email="ada@example.com"),
    ]

    names = [str(row) for row in rows]

    assert names == ["session of ada", "credential of ada", "ada@example.com", "k1", "ada@example.com"]
