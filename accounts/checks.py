"""System checks of the database: Better Auth works on its tables, and the settings about them are right."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's name.
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from accounts.better_auth_tables import (
    SHARED_REMEDY,
    TABLES,
    Tables,
    doubled_columns,
    doubled_message,
    is_empty,
    missing_rows,
    schemas_of,
    tables_in,
    wrong_schema,
)
from accounts.fields import PluginField
from accounts.models import User
from accounts.schema_names import table_name

# Columns that must have a value and have no default: Better Auth cannot insert a row if it does not write them.
UNFILLABLE = """
SELECT name, attname FROM unnest(%s::text[]) AS name
JOIN pg_attribute ON attrelid = to_regclass(quote_ident(name)) AND attnum > 0 AND NOT attisdropped
WHERE attnotnull AND NOT atthasdef AND attidentity = ''
"""
# Foreign keys that prevent Better Auth from deleting a user.
BLOCKING = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'f' AND confrelid = to_regclass(%s) AND confdeltype NOT IN ('c', 'n', 'd')
"""
# Foreign keys of our models that refer to another table than the one of users.
ASTRAY = """
SELECT conrelid::regclass::text, confrelid::regclass::text
FROM unnest(%s::text[], %s::text[]) AS own (table_name, column_name)
JOIN pg_constraint ON contype = 'f' AND conrelid = to_regclass(own.table_name)
JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] AND attname = own.column_name
WHERE confrelid IS DISTINCT FROM to_regclass(%s) ORDER BY 1
"""


@register(Tags.database)
def check_better_auth_tables(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what Better Auth lacks in the tables. It checks them at run time and fails every request."""
    return [message for alias in databases or () for message in table_messages(connections[alias])]


def table_messages(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """Return the messages about one database; none before its first migration."""
    tables = tables_in(connection)
    if mistakes := list(setting_mistakes(connection, tables)):
        return [*mistakes]
    if table_name("user") not in tables:
        return []
    if doubled := doubled_columns(tables):
        return [Error(doubled_message(doubled), hint="docs/better-auth.md lists the schemas.", id="accounts.E006")]
    models = better_auth_models()
    messages: list[CheckMessage] = [missing(*column) for column in missing_columns(tables)]
    written = {(model._meta.db_table, field.column) for model in models for field in model._meta.local_fields}
    with connection.cursor() as cursor:
        cursor.execute(UNFILLABLE, [[model._meta.db_table for model in models]])
        messages += [unfillable(*row) for row in cursor.fetchall() if row not in written]
        cursor.execute(BLOCKING, [quoted_users(connection)])
        messages += [blocking(*row) for row in cursor.fetchall()]
    if settings.BETTER_AUTH_SHARED_DATABASE and (wrong := missing_rows(connection)):
        messages.append(Warning(wrong[0], hint=wrong[1], id="accounts.W001"))
    if settings.BETTER_AUTH_KEYS == "table" and table_name("jwks") not in tables:
        messages.append(
            Warning(
                f'BETTER_AUTH_URL is set, but there is no table "{table_name("jwks")}": tokens of the jwt plugin are '
                "refused.",
                hint="Run the migration of your Better Auth with its jwt plugin, or remove BETTER_AUTH_URL.",
                id="accounts.W002",
            )
        )
    return messages


def setting_mistakes(connection: BaseDatabaseWrapper, tables: Tables) -> Iterator[Error]:
    """Yield what is wrong with the settings about Better Auth's tables: with these, no request can be answered."""
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        if wrong := unshared_rows(connection, tables):
            yield Error(wrong, hint=SHARED_REMEDY, id="accounts.E004")
        return
    if mistake := wrong_schema(connection, tables):
        yield Error(mistake[0], hint=mistake[1], id="accounts.E005")
    if refers_to := table_of_tasks(connection):
        yield Error(
            f"BETTER_AUTH_SCHEMA is {settings.BETTER_AUTH_SCHEMA}, but tasks were migrated to refer to {refers_to}.",
            hint=f"Set the BETTER_AUTH_SCHEMA whose users are in {refers_to}. If there are no tasks yet, run with that "
            "one `migrate tasks zero` and `migrate accounts zero`, and then `migrate` with the new one.",
            id="accounts.E007",
        )


def unshared_rows(connection: BaseDatabaseWrapper, tables: Tables) -> str | None:
    """Return what is wrong if Better Auth uses this database although the setting says that it is not shared.

    Tokens of deleted users would be accepted, and their rows would be created again.
    """
    wrong = "BETTER_AUTH_SHARED_DATABASE is false, but Better Auth has"
    names = [name for name in (table_name("account"), table_name("session")) if name in tables]
    names = [f'"{name}"' for name in names if not is_empty(connection, name)]
    if names:
        return f"{wrong} rows in {' and '.join(names)} of this database."
    if others := [schema for schema in schemas_of(tables) if schema != settings.BETTER_AUTH_SCHEMA]:
        return f'{wrong} tables in this database: "{table_name("user", others[0])}".'
    return None


def table_of_tasks(connection: BaseDatabaseWrapper) -> str | None:
    """Return the table, quoted if need be, that our foreign keys refer to, if it is not that of BETTER_AUTH_SCHEMA."""
    own = [(item.related_model._meta.db_table, item.field.column) for item in User._meta.related_objects]
    with connection.cursor() as cursor:
        names, columns = zip(*own, strict=True)
        cursor.execute(ASTRAY, [list(names), list(columns), quoted_users(connection)])
        astray = cursor.fetchall()
    return str(astray[0][1]) if astray else None


def quoted_users(connection: BaseDatabaseWrapper) -> str:
    return connection.ops.quote_name(User._meta.db_table)


def better_auth_models() -> list[type[Model]]:
    names = {table_name(table) for table in TABLES}
    return [model for model in apps.get_app_config("accounts").get_models() if model._meta.db_table in names]


def missing_columns(tables: Tables) -> list[tuple[str, str]]:
    """Return the table and the column of each that is missing. A plugin adds all of its columns, or none."""
    fields = [(model._meta.db_table, field) for model in better_auth_models() for field in model._meta.local_fields]
    there = [(table, field) for table, field in fields if field.column in tables.get(table, {})]
    plugins = {field.plugin for _, field in there if isinstance(field, PluginField)}

    def is_needed(table: str, field: Any) -> bool:
        if isinstance(field, PluginField):
            return field.plugin in plugins
        return table in tables or table != table_name("jwks")  # which the jwt plugin adds

    return [
        (table, str(field.column)) for table, field in fields if (table, field) not in there and is_needed(table, field)
    ]


def missing(table: str, column: str) -> CheckMessage:
    return Error(
        f'The column "{table}"."{column}" is missing, and Better Auth refuses every request without it.',
        hint="Run the migration of your Better Auth. If it has nothing to do, the column was dropped: add it again.",
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


def stop_if_misconfigured() -> None:
    """Raise ImproperlyConfigured, which stops the server's start, if the settings about Better Auth's tables are wrong.

    A database that is unavailable or not yet migrated stops nothing: requests are answered 503 until then.
    """
    connection = connections["default"]
    try:
        mistake = next(setting_mistakes(connection, tables_in(connection)), None)
    except DatabaseError:
        return
    finally:
        connections.close_all()
    if mistake:
        raise ImproperlyConfigured(f"{mistake.msg} {mistake.hint}")
