"""`manage.py check --database default` reports problems of the tables, and a contradicting setting stops the start."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import checks
from accounts.models import Account, Session, User
from tasks.triggers import TRIGGERS
from tests.support.api_server import manage
from tests.support.better_auth_tables import MADE_BY_TOOLS
from tests.support.databases import fresh_database, server_url

A_USER = "INSERT INTO users (id, name, email) VALUES ('ada', 'Ada', 'ada@example.com')"


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def check() -> None:
    call_command("check", databases=["default"])


def assert_refused(code: str, sentences: list[str]) -> None:
    """`check` and the server's start both say it."""
    with pytest.raises(SystemCheckError) as failure:
        check()
    with pytest.raises(ImproperlyConfigured) as stopped:
        checks.stop_if_misconfigured()
    assert code in str(failure.value)
    for sentence in sentences:
        assert sentence in str(failure.value)
        assert sentence in str(stopped.value)


def test_tables_of_our_migrations_have_no_problem(db: None) -> None:
    check()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ('ALTER TABLE "user" DROP COLUMN "banReason"', '"user"."banReason" is missing'),
        ('ALTER TABLE session DROP COLUMN "impersonatedBy"', '"session"."impersonatedBy" is missing'),
        ("ALTER TABLE jwks DROP COLUMN alg", '"jwks"."alg" is missing'),
        ('ALTER TABLE jwks DROP COLUMN "publicKey"', '"jwks"."publicKey" is missing'),
        (
            'ALTER TABLE "user" ADD COLUMN is_active boolean NOT NULL',
            '"user"."is_active" is NOT NULL without a default',
        ),
        ('CREATE TABLE pets (owner text REFERENCES "user" (id))', "of pets prevents Better Auth from deleting a user"),
    ],
)
def test_each_problem_of_the_tables_is_named(db: None, statement: str, sentence: str) -> None:
    sql(statement)

    with pytest.raises(SystemCheckError) as failure:
        check()
    assert sentence in str(failure.value)


WITHOUT_ADMIN = """
ALTER TABLE "user" DROP COLUMN role, DROP COLUMN banned, DROP COLUMN "banReason", DROP COLUMN "banExpires";
ALTER TABLE session DROP COLUMN "impersonatedBy"
"""


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "user" ADD COLUMN nickname text',
        'ALTER TABLE "user" ADD COLUMN is_active boolean NOT NULL DEFAULT true',
        'CREATE TABLE pets (owner text REFERENCES "user" (id) ON DELETE CASCADE)',
        'CREATE TABLE pets (owner text REFERENCES "user" (id) ON DELETE SET NULL)',
        f"{WITHOUT_ADMIN}; DROP TABLE jwks",  # A plugin that is off
        "ALTER TABLE jwks DROP COLUMN alg, DROP COLUMN crv",  # Better Auth 1.4
    ],
)
def test_what_does_not_disturb_better_auth_is_accepted(db: None, statement: str) -> None:
    sql(statement)

    check()


def test_before_the_first_migration_that_alone_is_reported(scratch: str) -> None:
    with pytest.raises(SystemCheckError, match="identified 1 issue") as failure:
        call_command("check", databases=[scratch])
    assert "has not been migrated" in str(failure.value)


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, names in TRIGGERS.items() for name in names])
@pytest.mark.parametrize("how", ["DROP TRIGGER {1} ON {0}", "ALTER TABLE {0} DISABLE TRIGGER {1}"])
def test_each_trigger_that_is_missing_or_disabled_is_named(db: None, how: str, table: str, name: str) -> None:
    sql(how.format(f'"{table}"', name))

    with pytest.raises(SystemCheckError) as failure:
        check()
    assert f'The trigger {name} of "{table}" is missing or disabled' in str(failure.value)


def test_these_are_all_triggers_of_the_migrations(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'task%%'")
        assert {name for (name,) in cursor.fetchall()} == {name for names in TRIGGERS.values() for name in names}


def test_a_migration_that_is_missing_between_others_is_named(db: None) -> None:
    sql("DELETE FROM django_migrations WHERE app = 'tasks' AND name = '0001_initial'")

    with pytest.raises(SystemCheckError, match=r"migrated only in part: tasks\.0001_initial are missing"):
        check()


def test_an_empty_and_a_half_migrated_database_are_no_database_without_issues() -> None:
    with fresh_database(server_url()) as database:
        empty = manage(database, "check", "--database", "default")
        half = manage(database, "migrate", "accounts")
        unfinished = manage(database, "check", "--database", "default")
        whole = manage(database, "migrate")
        finished = manage(database, "check", "--database", "default")

    assert [ended.returncode for ended in (empty, half, unfinished, whole, finished)] == [1, 0, 1, 0, 0], half.stderr
    assert "has not been migrated: it has no tables of this API" in empty.stderr
    assert "is migrated only in part" in unfinished.stderr
    assert "more are missing" in unfinished.stderr
    assert "python manage.py migrate" in empty.stderr


def a_session() -> None:
    """A row that only Better Auth writes."""
    ada = User.objects.create(id="ada", name="Ada", email="ada@example.com", email_verified=True)
    Session.objects.create(id="s", token="t", user=ada, expires_at=timezone.now(), updated_at=timezone.now())


def an_account() -> None:
    ada = User.objects.create(id="ada", name="Ada", email="ada@example.com", email_verified=True)
    Account.objects.create(id="a", account_id="ada", provider_id="credential", user=ada, updated_at=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "table"), [(a_session, "session"), (an_account, "account")])
def test_rows_of_better_auth_in_a_database_configured_as_not_shared_stop_the_start(
    row: Callable[[], None], table: str
) -> None:
    row()

    with pytest.raises(SystemCheckError, match=f'rows in "{table}"'):
        check()
    with pytest.raises(ImproperlyConfigured, match="Set BETTER_AUTH_SHARED_DATABASE=true"):
        checks.stop_if_misconfigured()


@pytest.mark.django_db
def test_the_same_rows_in_a_shared_database_are_accepted(settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    a_session()

    check()
    checks.stop_if_misconfigured()


@pytest.mark.django_db
def test_a_database_without_such_rows_starts() -> None:
    checks.stop_if_misconfigured()


def test_an_unavailable_database_does_not_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(checks, "tables_in", away)

    checks.stop_if_misconfigured()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "sentences"),
    [
        (MADE_BY_TOOLS["Drizzle, plural"], ['"users"', "BETTER_AUTH_SHARED_DATABASE=true"]),
        (MADE_BY_TOOLS["Drizzle, plural"] + A_USER, ['"users"', "BETTER_AUTH_SHARED_DATABASE=true"]),
    ],
    ids=["empty", "with a row"],
)
def test_tables_of_better_auth_beside_ours_in_a_database_configured_as_not_shared_stop_the_start(
    statement: str, sentences: list[str]
) -> None:
    sql(statement)

    assert_refused("accounts.E004", sentences)


@pytest.mark.django_db
def test_users_in_other_tables_than_the_configured_ones_stop_the_start(settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    sql(MADE_BY_TOOLS["Drizzle, plural"])
    check()  # Nobody has signed up: it cannot be known which tables Better Auth uses.

    sql(A_USER)

    assert_refused(
        "accounts.E005", ['users are in "users", and "user" is empty', "BETTER_AUTH_SCHEMA=snake_case-plural"]
    )


@pytest.mark.django_db
def test_columns_in_another_spelling_than_the_configured_one_stop_the_start(settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_SCHEMA = "snake_case"

    assert_refused("accounts.E005", ['in "user", with the column "emailVerified"', "BETTER_AUTH_SCHEMA=camelCase"])


@pytest.mark.django_db
def test_tasks_that_refer_to_other_users_than_the_configured_ones_stop_the_start(settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    sql('ALTER TABLE tasks DROP CONSTRAINT "tasks_user_id_a61564ca_fk_user_id"')
    check()
    sql("CREATE TABLE users (id text PRIMARY KEY); ALTER TABLE tasks ADD FOREIGN KEY (user_id) REFERENCES users (id)")

    assert_refused("accounts.E007", ["tasks were migrated to refer to users"])


@pytest.mark.parametrize("spelling", ["camelCase", "snake_case"])
@pytest.mark.django_db
def test_columns_in_both_spellings_are_reported_as_that_and_not_as_unfillable(
    settings: Settings, spelling: str
) -> None:
    """Such tables have one NOT NULL column without a default for each one that Better Auth writes."""
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_SCHEMA = spelling
    sql("""ALTER TABLE "user" ADD email_verified boolean NOT NULL, ADD created_at timestamp NOT NULL;
           ALTER TABLE session ADD user_id text NOT NULL, ADD expires_at timestamp NOT NULL;
           ALTER TABLE account ADD user_id text NOT NULL, ADD provider_id text NOT NULL""")

    with pytest.raises(SystemCheckError) as failure:
        check()

    assert "accounts.E006" in str(failure.value)
    assert 'The table "account" has both "providerId" and "provider_id", and 5 more columns' in str(failure.value)
    assert "E002" not in str(failure.value)


@pytest.mark.django_db
def test_users_without_a_single_session_are_a_warning_that_names_the_secondary_storage(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    a_session()
    check()
    assert "accounts.W001" not in capsys.readouterr().err

    Session.objects.all().delete()
    check()

    warning = capsys.readouterr().err
    assert "accounts.W001" in warning
    assert "storeSessionInDatabase: true" in warning


@pytest.mark.django_db
def test_a_missing_table_of_keys_is_a_warning_if_tokens_of_the_jwt_plugin_are_expected(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_KEYS = "table"
    check()
    assert "accounts.W002" not in capsys.readouterr().err

    sql("DROP TABLE jwks")
    check()

    assert 'there is no table "jwks"' in capsys.readouterr().err
