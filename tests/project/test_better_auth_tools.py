"""Tables of Drizzle and Prisma are used as they are; what is not supported is refused before anything is changed."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connections
from pytest_django.fixtures import Settings

from accounts.better_auth_tables import schemas_of, tables_in
from accounts.schema_names import SCHEMAS
from tests.support.api_server import manage
from tests.support.better_auth_tables import CORE_TABLES, MADE_BY_TOOLS, ROWS
from tests.support.schema import migrate, rows, url_of

SETTINGS = {
    "Drizzle": "snake_case",
    "Drizzle without plugins": "snake_case",
    "Drizzle, users": "snake_case-users",
    "Drizzle, plural": "snake_case-plural",
    "Prisma": "camelCase",
}
# Everything that Drizzle and Prisma compare with their schema. Foreign keys are compared by the table that has them.
CATALOG = """
SELECT relname, 'column', attname, format_type(atttypid, atttypmod) || ' ' || attnotnull::text
    || coalesce(pg_get_expr(adbin, adrelid), '')
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
UNION ALL SELECT tablename, 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text, 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""
USER = "INSERT INTO {users} (id, name, email, {updated}) VALUES ('{id}', '{id}', '{id}@example.com', now());"
# What staff users and the command line see, in one process: each takes seconds to start.
VISIT = """
import json
from django.contrib.auth.models import User as StaffUser
from django.core.management import call_command
from django.test import Client
from accounts.models import Session, User
from accounts.tokens.jwks import from_table
from accounts.users import has_api_key
from tasks.moves import move_tasks
from tasks.operations import Actor
from tasks.user_data import export

call_command("makemigrations", "--check", "--dry-run", verbosity=0)
call_command("check", databases=["default"])
client = Client(headers={"host": "localhost"})
client.force_login(StaffUser.objects.create(username="staff", is_staff=True, is_superuser=True))
pages = ["", "?state=banned", "?q=ada", *(f"{user.id}/change/" for user in User.objects.all())]
print(json.dumps({
    "pages": [client.get(f"/admin/accounts/user/{page}").status_code for page in pages],
    "export": json.load(export("ada", may_be_gone=True))["user"],
    "banned": list(User.objects.filter(banned=True).values_list("id", flat=True)),
    "impersonated": Session.objects.filter(impersonated_by="ada").count(),
    "keys": len(from_table()),
    "moved": User.objects.exists() and move_tasks("nobody", "ada", Actor("staff")),
    "api key": has_api_key("key1"),
}))
"""


def slow(names: Iterable[str], fast: str = "") -> list[Any]:
    """The cases that start too many processes for a fast run."""
    return [pytest.param(name, marks=pytest.mark.slow) for name in names if name != fast]


def catalog(using: str) -> list[tuple[Any, ...]]:
    return rows(CATALOG, using=using)


def of(tables: set[str], found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for row in found if row[0].strip('"') in tables]


@pytest.mark.parametrize("made", ["Drizzle, plural", *slow(SETTINGS, "Drizzle, plural")])
def test_tables_of_another_tool_are_used_as_they_are(scratch: str, made: str) -> None:
    setting = {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_SCHEMA": SETTINGS[made]}
    users = '"users"' if "users" in made or "plural" in made else '"user"'
    user = USER.replace("{users}", users).replace("{updated}", '"updatedAt"' if made == "Prisma" else "updated_at")
    rows(MADE_BY_TOOLS[made], using=scratch)
    rows(user.format(id="ada"), using=scratch)
    before = catalog(scratch)
    theirs = {row[0].strip('"') for row in before}

    migrated = manage(url_of(scratch), "migrate", "--verbosity=0", **setting)

    assert migrated.returncode == 0, migrated.stderr
    assert of(theirs, catalog(scratch)) == before
    rows(user.format(id="bob"), using=scratch)  # As their server does, which knows nothing of our triggers.
    rows("INSERT INTO tasks (user_id, title) VALUES ('ada', 'Buy milk'), ('bob', 'Buy milk')", using=scratch)
    rows(f"DELETE FROM {users} WHERE id = 'bob'", using=scratch)
    assert rows("SELECT user_id, live_count FROM task_lists", using=scratch) == [("ada", 1)]
    with pytest.raises(Exception, match="foreign key"):
        rows("INSERT INTO tasks (user_id, title) VALUES ('eve', 'Buy milk')", using=scratch)

    visited = manage(url_of(scratch), "shell", "--no-imports", "-c", VISIT, **setting)

    assert visited.returncode == 0, visited.stderr
    seen = json.loads(visited.stdout)
    assert seen["pages"] == [200, 200, 200, 200]
    banned = None if "without" in made else False
    assert (seen["export"]["email"], seen["export"]["banned"]) == ("ada@example.com", banned)
    assert seen["export"]["created_at"].endswith("Z")
    assert (seen["banned"], seen["impersonated"], seen["keys"], seen["moved"], seen["api key"]) == ([], 0, 0, 0, False)

    back = manage(url_of(scratch), "migrate", "accounts", "zero", "--verbosity=0", **setting)
    assert back.returncode == 0, back.stderr
    assert of(theirs, catalog(scratch)) == before
    assert rows(f"SELECT id FROM {users}", using=scratch) == [("ada",)]


@pytest.mark.parametrize("setting", slow(SCHEMAS))
def test_where_better_auth_has_no_tables_yet_they_are_created_in_the_configured_schema(
    scratch: str, setting: str
) -> None:
    settings = {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_SCHEMA": setting}
    migrated = manage(url_of(scratch), "migrate", "--verbosity=0", **settings)
    assert migrated.returncode == 0, migrated.stderr

    visited = manage(url_of(scratch), "shell", "--no-imports", "-c", VISIT, **settings)

    assert visited.returncode == 0, visited.stderr
    assert schemas_of(tables_in(connections[scratch])) == [setting]


@pytest.mark.slow
def test_a_database_that_was_migrated_for_other_tables_is_put_right_as_the_check_says(scratch: str) -> None:
    """An earlier release created empty tables beside Drizzle's, and every token was refused."""
    wrong = {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_SCHEMA": "camelCase"}
    right = {**wrong, "BETTER_AUTH_SCHEMA": "snake_case-plural"}
    url = url_of(scratch)
    assert manage(url, "migrate", "--verbosity=0", **wrong).returncode == 0
    rows(MADE_BY_TOOLS["Drizzle, plural"] + USER.format(users="users", id="ada", updated="updated_at"), using=scratch)
    assert "Set BETTER_AUTH_SCHEMA=snake_case-plural." in manage(url, "check", "--database=default", **wrong).stderr

    checked = manage(url, "check", "--database=default", **right)
    assert 'tasks were migrated to refer to "user"' in checked.stderr
    assert "`migrate tasks zero` and `migrate accounts zero`, and then `migrate` with the new one" in checked.stderr
    for app in ("tasks", "accounts"):
        assert manage(url, "migrate", app, "zero", "--verbosity=0", **wrong).returncode == 0
    assert manage(url, "migrate", "--verbosity=0", **right).returncode == 0

    assert manage(url, "check", "--database=default", **right).returncode == 0
    assert rows("SELECT user_id FROM task_lists", using=scratch) == [("ada",)]


REFUSED = {
    "Drizzle": (MADE_BY_TOOLS["Drizzle"], "camelCase", True, "Set BETTER_AUTH_SCHEMA=snake_case."),
    "Drizzle, users": (MADE_BY_TOOLS["Drizzle, users"], "camelCase", True, "Set BETTER_AUTH_SCHEMA=snake_case-users."),
    "Drizzle, plural": (MADE_BY_TOOLS["Drizzle, plural"], "camelCase", True, "BETTER_AUTH_SCHEMA=snake_case-plural."),
    "its own migration": (CORE_TABLES, "snake_case", True, "Set BETTER_AUTH_SCHEMA=camelCase."),
    "Prisma": (MADE_BY_TOOLS["Prisma"], "camelCase-users", True, "Set BETTER_AUTH_SCHEMA=camelCase."),
    "two sets of tables": (
        CORE_TABLES + MADE_BY_TOOLS["Drizzle, plural"] + USER.format(users="users", id="ada", updated="updated_at"),
        "camelCase",
        True,
        "Set BETTER_AUTH_SCHEMA=snake_case-plural.",
    ),
    "both spellings": (
        CORE_TABLES + 'ALTER TABLE "user" ADD email_verified boolean',
        "camelCase",
        True,
        'The table "user" has both "emailVerified" and "email_verified"',
    ),
    "uuid": (
        MADE_BY_TOOLS["Drizzle"].replace('"id" text', '"id" uuid').replace('_id" text', '_id" uuid'),
        "snake_case",
        True,
        '"user".id is uuid, "session".id is uuid',
    ),
    "other names": (
        "CREATE TABLE users (id text PRIMARY KEY, email text, name text, created_at timestamp)",
        "camelCase",
        True,
        "no tables of Better Auth with names that this API knows",
    ),
    "not shared, empty": (CORE_TABLES, "camelCase", False, 'a table "user" that this API did not create'),
    "not shared, with rows": (CORE_TABLES + ROWS, "camelCase", False, "Set BETTER_AUTH_SHARED_DATABASE=true"),
    "not shared, plural": (
        MADE_BY_TOOLS["Drizzle, plural"],
        "camelCase",
        False,
        'a table "users" that this API did not create',
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_is_refused_before_anything_is_changed(
    scratch: str, settings: Settings, name: str
) -> None:
    made, settings.BETTER_AUTH_SCHEMA, settings.BETTER_AUTH_SHARED_DATABASE, sentence = REFUSED[name]
    rows(made, using=scratch)
    before = catalog(scratch)

    with pytest.raises(CommandError) as refusal:
        migrate()

    assert sentence in str(refusal.value)
    assert "Nothing was changed." in str(refusal.value)
    assert catalog(scratch) == before


def test_in_an_empty_database_that_is_shared_the_tables_are_created(scratch: str, settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True

    migrate()

    assert rows('SELECT * FROM "user"', using=scratch) == []


def test_a_table_of_users_that_is_not_better_auths_does_not_disturb_a_database_of_our_own(scratch: str) -> None:
    rows("CREATE TABLE users (id int PRIMARY KEY, login text)", using=scratch)

    migrate()

    assert rows('SELECT * FROM "user"', using=scratch) == []
