"""Reads the schema of a database: columns, indexes and foreign keys, and those that Better Auth expects."""

from typing import Any
from urllib.parse import quote, urlencode

from django.core.management import call_command
from django.db import connections

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


def rows(sql: str, parameters: list[Any] | None = None, *, using: str = "default") -> list[tuple[Any, ...]]:
    """Run `sql` as it is and return its rows; none where it has none."""
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


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


def url_of(alias: str) -> str:
    """The URL of the database that Django reaches as `alias`."""
    parameters = connections[alias].get_connection_params()
    query = urlencode({"host": parameters["host"], "port": parameters.get("port", 5432)})
    login = quote(parameters["user"]) + (f":{quote(parameters['password'])}" if "password" in parameters else "")
    return f"postgresql://{login}@/{quote(parameters['dbname'])}?{query}"
