"""Tables without the columns of a plugin, and without its table, work as Better Auth without the plugin does."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tokens.jwks import from_table
from tests.support.people import Person
from tests.support.tokens import (
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    share_database,
    signed_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shared(settings: Settings) -> None:
    """Ada and her session."""
    share_database(settings)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")


WITHOUT_ADMIN = """
ALTER TABLE "user" DROP COLUMN role, DROP COLUMN banned, DROP COLUMN "banReason", DROP COLUMN "banExpires";
ALTER TABLE session DROP COLUMN "impersonatedBy"
"""


@pytest.mark.parametrize(
    "make", [lambda: by_secret(minted(sid="s1")), signed_session], ids=["minted", "signed session"]
)
def test_without_the_admin_plugin_nobody_is_banned_and_with_it_bans_count_at_once(make: Callable[[], str]) -> None:
    token = make()  # Not when tests are collected: it would have expired at the end of a long run.
    sql(WITHOUT_ADMIN)
    assert_login(answer_to(token))
    ada = Person("ada", token)
    assert ada.get("/api/ada/export").json["user"]["banned"] is None

    sql('ALTER TABLE "user" ADD banned boolean, ADD "banExpires" timestamp')
    User.objects.update(banned=True)

    assert_refused(Person("ada", by_secret(minted(another="claim"))).get("/api/me"))


def test_keys_of_1_4_have_no_column_for_their_algorithm() -> None:
    key("EdDSA").write()
    sql("ALTER TABLE jwks DROP COLUMN alg, DROP COLUMN crv")

    assert_login(answer_to(key("EdDSA").token()))
    assert_refused(answer_to(key("ES256").token()))


def test_without_the_table_of_keys_there_are_no_keys() -> None:
    key("EdDSA").write()
    assert [jwk["kid"] for jwk in from_table()] == [key("EdDSA").kid]

    sql("DROP TABLE jwks")

    assert from_table() == []


def test_a_table_of_keys_that_cannot_be_read_is_an_error() -> None:
    sql('ALTER TABLE jwks DROP COLUMN "publicKey"')

    with pytest.raises(ProgrammingError):
        from_table()


def test_the_migrations_describe_the_models() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
