"""Every column type that Better Auth's own tools write for timestamps works, and means UTC if it has no zone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Jwk, Session, User
from accounts.tokens.jwks import key_set
from tests.support.people import Person
from tests.support.tokens import (
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    minted,
    plugin,
    share_database,
    signed_session,
)

pytestmark = pytest.mark.django_db

TYPES = ["timestamp", "timestamp(3)", "timestamptz", "timestamptz(3)"]  # Drizzle, Prisma, Better Auth's own migration
HOUR = timedelta(hours=1)


@pytest.fixture(params=TYPES, autouse=True)
def column_type(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Better Auth's tables with timestamps of one type, a user, a session and a key."""
    share_database(settings)
    settings.BETTER_AUTH_RECHECK_SECONDS = 0
    key("EdDSA").write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in (User, Session, Jwk):
            table = model._meta.db_table
            columns = [field.column for field in model._meta.concrete_fields if "Date" in type(field).__name__]
            changes = [f'ALTER COLUMN "{column}" TYPE {request.param}' for column in columns]
            cursor.execute(f'ALTER TABLE "{table}" {", ".join(changes)}')
    return str(request.param)


def test_every_kind_of_token_is_accepted() -> None:
    for token in (by_secret(minted()), key("EdDSA").token(), signed_session()):
        answer = answer_to(token)
        assert_login(answer)
        assert answer.json["created_at"].endswith("Z")
        assert answer.json["expires_at"].endswith("Z")


@pytest.mark.parametrize("make", [lambda: by_secret(minted()), signed_session], ids=["minted", "signed session"])
def test_a_ban_ends_when_it_says(make: Callable[[], str]) -> None:
    token = make()  # Not when tests are collected: it would have expired at the end of a long run.
    User.objects.update(banned=True, ban_expires=timezone.now() + HOUR)
    assert_refused(answer_to(token))

    User.objects.update(ban_expires=timezone.now() - HOUR)
    assert_login(answer_to(token))

    User.objects.update(ban_expires=None)
    assert_refused(Person("ada", by_secret(minted(another="claim"))).get("/api/me"))


def test_a_session_ends_when_it_says() -> None:
    Session.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert_login(answer_to(signed_session()))
    Session.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert_refused(answer_to(by_secret(minted(sid="s1"))))


def test_a_key_ends_after_its_grace_period() -> None:
    Jwk.objects.update(expires_at=timezone.now() - timedelta(days=29))
    assert_login(answer_to(key("EdDSA").token()))

    key_set.cache_clear()
    Jwk.objects.update(expires_at=timezone.now() - timedelta(days=31))
    assert_refused(answer_to(key("EdDSA").token(plugin(another="claim"))))


def test_the_export_has_every_timestamp_in_utc() -> None:
    ada = Person("ada", by_secret(minted()))
    ada.has_task()

    exported = ada.get("/api/ada/export").json["user"]

    for name in ("created_at", "updated_at"):
        assert exported[name].endswith("Z")
        assert exported[name][:19] == getattr(User.objects.get(pk="ada"), name).isoformat()[:19]
