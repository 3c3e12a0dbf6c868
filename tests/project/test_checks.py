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


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def check() -> None:
    call_command("check", databases=["default"])


def test_tables_of_our_migrations_have_no_problem(db: None) -> None:
    check()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ('ALTER TABLE "user" DROP COLUMN "banReason"', '"user"."banReason" is missing'),
        ('ALTER TABLE session DROP COLUMN "impersonatedBy"', '"session"."impersonatedBy" is missing'),
        ("ALTER TABLE jwks DROP COLUMN alg", '"jwks"."alg" is missing'),
        ("DROP TABLE jwks", '"jwks"."crv" is missing'),
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


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "user" ADD COLUMN nickname text',
        'ALTER TABLE "user" ADD COLUMN is_active boolean NOT NULL DEFAULT true',
        'CREATE TABLE pets (owner text REFERENCES "user" (id) ON DELETE CASCADE)',
        'CREATE TABLE pets (owner text REFERENCES "user" (id) ON DELETE SET NULL)',
    ],
)
def test_what_does_not_disturb_better_auth_is_accepted(db: None, statement: str) -> None:
    sql(statement)

    check()


def test_before_the_first_migration_nothing_is_reported(db: None) -> None:
    sql('ALTER TABLE "user" RENAME TO somebody')

    check()


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
        checks.stop_if_unshared_rows()


@pytest.mark.django_db
def test_the_same_rows_in_a_shared_database_are_accepted(settings: Settings) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    a_session()

    check()
    checks.stop_if_unshared_rows()


@pytest.mark.django_db
def test_a_database_without_such_rows_starts() -> None:
    checks.stop_if_unshared_rows()


def test_an_unavailable_database_does_not_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(checks, "unshared_rows", away)

    checks.stop_if_unshared_rows()
