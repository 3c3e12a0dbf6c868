"""Which of Better Auth's tables a database has, and why this API cannot work on them.

`migrate` asks before its first migration; `check`, `explain_token` and the server's start ask again.
"""

from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.schema_names import SCHEMAS, column_name, table_name

TABLES = ("user", "session", "account", "verification", "jwks")
# The columns by which a table is recognized: every version of Better Auth has them.
KEY_COLUMNS = {
    "user": ("id", "email", "emailVerified", "createdAt"),
    "session": ("id", "token", "userId", "expiresAt"),
    "account": ("id", "userId", "providerId"),
}
TEXT_TYPES = ("text", "character varying")
SHARED_REMEDY = (
    "Set BETTER_AUTH_SHARED_DATABASE=true if your Better Auth server uses this database; "
    "if it uses another one, give this API a database of its own in DATABASE_URL."
)
# By the search_path, as SQL finds them: our tables may be in a PostgreSQL schema of their own.
COLUMNS_OF_TABLES = """
SELECT name, json_object_agg(attname, format_type(atttypid, NULL)) FROM unnest(%s::text[]) AS name
JOIN pg_attribute ON attrelid = to_regclass(quote_ident(name)) AND attnum > 0 AND NOT attisdropped GROUP BY name
"""

type Tables = dict[str, dict[str, str]]


def tables_in(connection: BaseDatabaseWrapper) -> Tables:
    """Return the type of each column of each table with a name that Better Auth gives, in any schema."""
    names = sorted({table_name(table, schema) for table in TABLES for schema in SCHEMAS})
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS_OF_TABLES, [names])
        return dict(cursor.fetchall())


def schemas_of(tables: Tables) -> list[str]:
    """Return the values of BETTER_AUTH_SCHEMA with which Better Auth's tables are found."""
    return [
        schema
        for schema in SCHEMAS
        if all(
            {column_name(column, schema) for column in columns} <= tables.get(table_name(table, schema), {}).keys()
            for table, columns in KEY_COLUMNS.items()
        )
    ]


def doubled_columns(tables: Tables) -> list[tuple[str, str, str]]:
    """Return the columns of Better Auth that a table has twice: table, in camelCase, in snake_case."""
    return [
        (table, name, column_name(name, "snake_case"))
        for table, columns in sorted(tables.items())
        for name in sorted(columns)
        if name != column_name(name, "snake_case") and column_name(name, "snake_case") in columns
    ]


def is_empty(connection: BaseDatabaseWrapper, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")  # noqa: S608  A constant.
        (answer,) = cursor.fetchone() or (True,)
    return bool(answer)


def other_schema(connection: BaseDatabaseWrapper, tables: Tables) -> str | None:
    """Return the value that BETTER_AUTH_SCHEMA should have, if Better Auth's users are in other tables."""
    schemas = schemas_of(tables)
    own = table_name("user")
    if settings.BETTER_AUTH_SCHEMA not in schemas:
        return schemas[0] if schemas else None
    if is_empty(connection, own):
        for schema in schemas:
            users = table_name("user", schema)
            if users != own and not is_empty(connection, users):
                return schema
    return None


def wrong_schema(connection: BaseDatabaseWrapper, tables: Tables) -> tuple[str, str] | None:
    """Return what is wrong with BETTER_AUTH_SCHEMA, and the remedy."""
    schema = other_schema(connection, tables)
    if schema is None:
        return None
    users = table_name("user", schema)
    own = table_name("user")
    wrong = f'BETTER_AUTH_SCHEMA is {settings.BETTER_AUTH_SCHEMA}, but Better Auth\'s users are in "{users}"'
    if users == own:
        wrong += f', with the column "{column_name("emailVerified", schema)}"'
    elif own in tables:
        wrong += f', and "{own}" is empty'
    return f"{wrong}.", f"Set BETTER_AUTH_SCHEMA={schema}."


def refusal(connection: BaseDatabaseWrapper) -> str | None:
    """Return why the first migration must not run on this database."""
    tables = tables_in(connection)
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        return not_shared(tables)
    if not {"user", "users"} & tables.keys():
        return None
    if wrong := wrong_ids(tables) or unknown_names(tables):
        return wrong
    if wrong_names := wrong_schema(connection, tables):
        return " ".join(wrong_names)
    return doubled_message(doubled) if (doubled := doubled_columns(tables)) else None


def not_shared(tables: Tables) -> str | None:
    """Return the refusal of tables, with or without rows, in a database that Better Auth is said not to use."""
    found = [name for name in map(table_name, TABLES) if name in tables]
    found += [table_name("user", schema) for schema in schemas_of(tables)]
    if not found:
        return None
    return (
        f'BETTER_AUTH_SHARED_DATABASE is false, but this database has a table "{found[0]}" that this API did not '
        f"create. {SHARED_REMEDY}"
    )


def wrong_ids(tables: Tables) -> str | None:
    """Return the refusal that names each id column that is not text."""
    schemas = schemas_of(tables)
    schema = settings.BETTER_AUTH_SCHEMA if settings.BETTER_AUTH_SCHEMA in schemas else (*schemas, None)[0]
    if schema is None:
        return None
    names = (table_name(table, schema) for table in TABLES)
    types = {name: tables[name].get("id") for name in names if name in tables}
    wrong = [f'"{name}".id is {kind}' for name, kind in types.items() if kind not in TEXT_TYPES]
    if not wrong:
        return None
    return (
        f"Better Auth's tables have ids that are not text: {', '.join(wrong)}. This API supports only text ids: "
        'remove advanced.database.generateId ("uuid" or "serial") from the Better Auth configuration, and let it '
        "create its tables again."
    )


def unknown_names(tables: Tables) -> str | None:
    """Return the refusal of tables that no value of BETTER_AUTH_SCHEMA describes."""
    if schemas_of(tables):
        return None
    found = " and ".join(f'"{table}"' for table in ("user", "users") if table in tables)
    return (
        f"This database has {found}, but no tables of Better Auth with names that this API knows. Let Better Auth "
        f"create them first, in one of the schemas {', '.join(SCHEMAS)}, or give this API a database of its own."
    )


def doubled_message(doubled: list[tuple[str, str, str]]) -> str:
    table, camel_case, snake_case = doubled[0]
    more = f", and {len(doubled) - 1} more columns" if doubled[1:] else ""
    return (
        f'The table "{table}" has both "{camel_case}" and "{snake_case}"{more}: Better Auth writes only one of them. '
        "Set BETTER_AUTH_SCHEMA to the spelling that it writes, and drop the columns of the other spelling."
    )


def refuse_unsupported(*, using: str, plan: list[tuple[Any, bool]], **kwargs: Any) -> None:
    """Raise CommandError before the first migration of this app, and so before anything is changed (pre_migrate)."""
    first = ("accounts", "0001_initial", False)
    is_first = any((step.app_label, step.name, backwards) == first for step, backwards in plan)
    if is_first and (wrong := refusal(connections[using])):
        raise CommandError(f"{wrong} Nothing was changed.")


def missing_rows(connection: BaseDatabaseWrapper) -> tuple[str, str] | None:
    """Return why no user or session is found although people sign in, and the remedy."""
    tables = tables_in(connection)
    if wrong := wrong_schema(connection, tables):
        return wrong
    users, sessions = table_name("user"), table_name("session")
    if {users, sessions} <= tables.keys() and is_empty(connection, sessions) and not is_empty(connection, users):
        return (
            f'There are users in "{users}", but no session in "{sessions}".',
            "If Better Auth has a secondaryStorage, set session.storeSessionInDatabase: true there, and sign in again.",
        )
    return None
