"""System checks of the database: Better Auth works on its tables, and BETTER_AUTH_SHARED_DATABASE is right."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from accounts.models import Account, PublicKeySet, Session

# Columns that must have a value and have no default: Better Auth cannot insert a row if it does not write them.
UNFILLABLE = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = ANY(%s)
  AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'
"""
# Foreign keys that prevent Better Auth from deleting a user.
BLOCKING = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'f' AND confrelid = to_regclass('"user"') AND confdeltype NOT IN ('c', 'n', 'd')
"""


@register(Tags.database)
def check_better_auth_tables(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what Better Auth lacks in the tables. It checks them at run time and fails every request."""
    return [message for alias in databases or () for message in table_messages(alias)]


def table_messages(alias: str) -> list[CheckMessage]:
    """Return the messages about one database; none before its first migration."""
    connection = connections[alias]
    models = [model for model in apps.get_app_config("accounts").get_models() if model is not PublicKeySet]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if "user" not in tables:
            return []
        messages: list[CheckMessage] = []
        for model in models:
            table = model._meta.db_table
            needed = {field.column for field in model._meta.local_fields if field.column}
            there = (
                {column.name for column in connection.introspection.get_table_description(cursor, table)}
                if table in tables
                else set()
            )
            messages += [missing(table, column) for column in sorted(needed - there)]
        cursor.execute(UNFILLABLE, [[model._meta.db_table for model in models]])
        written = {(model._meta.db_table, field.column) for model in models for field in model._meta.local_fields}
        messages += [unfillable(*row) for row in cursor.fetchall() if row not in written]
        cursor.execute(BLOCKING)
        messages += [blocking(*row) for row in cursor.fetchall()]
    if wrong := unshared_rows():
        messages.append(Error(wrong, hint=SHARED_REMEDY, id="accounts.E004"))
    return messages


def missing(table: str, column: str) -> CheckMessage:
    return Error(
        f'The column "{table}"."{column}" is missing, and Better Auth refuses every request without it.',
        hint="Run: python manage.py migrate. If it has nothing to do, the column was dropped: add it again.",
        id="accounts.E001",
    )


def unfillable(table: str, column: str) -> CheckMessage:
    return Error(
        f'The column "{table}"."{column}" is NOT NULL without a default, and Better Auth does not write it.',
        hint="Give it a default in the database, or make it nullable.",
        id="accounts.E002",
    )


def blocking(table: str, constraint: str) -> CheckMessage:
    return Error(
        f"The foreign key {constraint} of {table} prevents Better Auth from deleting a user.",
        hint="Make it ON DELETE CASCADE (or SET NULL) in the database: on_delete=models.DB_CASCADE in Django.",
        id="accounts.E003",
    )


SHARED_REMEDY = (
    "Set BETTER_AUTH_SHARED_DATABASE=true if your Better Auth server uses this database; "
    "if it uses another one, give this API a database of its own in DATABASE_URL."
)


def unshared_rows() -> str | None:
    """Return what is wrong if Better Auth has rows in this database although the setting says that it is not shared.

    Tokens of deleted users would be accepted, and their rows would be created again.
    """
    if settings.BETTER_AUTH_SHARED_DATABASE:
        return None
    names = [model._meta.db_table for model in (Account, Session) if model._default_manager.exists()]
    if not names:
        return None
    tables = " and ".join(f'"{name}"' for name in names)
    return f"BETTER_AUTH_SHARED_DATABASE is false, but Better Auth has rows in {tables} of this database."


def stop_if_unshared_rows() -> None:
    """Raise ImproperlyConfigured, which stops the server's start, if BETTER_AUTH_SHARED_DATABASE is wrong.

    A database that is unavailable or not yet migrated stops nothing: requests are answered 503 until then.
    """
    try:
        wrong = unshared_rows()
    except DatabaseError:
        return
    finally:
        connections.close_all()
    if wrong:
        raise ImproperlyConfigured(f"{wrong} {SHARED_REMEDY}")
