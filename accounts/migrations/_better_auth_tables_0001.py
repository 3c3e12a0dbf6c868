"""Creates Better Auth's tables, or adopts those that its own migration, Drizzle or Prisma created.

Its own migration only adds what is missing, and so does this one to its tables: a plugin or a later version can then be
switched on. Drizzle and Prisma drop what their schema does not name: nothing is added to their tables. What is refused is refused
before any migration runs, by accounts/better_auth_tables.py.

Its name begins with an underscore so that Django does not take it for a migration. It is frozen like one: it works on the models of the migration's state and imports nothing of the app.
"""

import re

from django.apps.registry import Apps
from django.conf import settings
from django.core.management import CommandError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MODELS = ("User", "Session", "Account", "Verification", "Jwk")


class HoldsRowsError(CommandError):
    """A table of Better Auth that would be dropped contains rows. `migrate` prints a CommandError without a traceback."""


def table_name(name: str) -> str:
    tables = settings.BETTER_AUTH_SCHEMA.partition("-")[2]
    return f"{name}s" if tables == "plural" or (tables == "users" and name == "user") else name


def column_name(name: str) -> str:
    if settings.BETTER_AUTH_SCHEMA.startswith("camelCase"):
        return name
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def adopt(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the tables if there are none; add to those of Better Auth's own migration what they lack."""
    tables = [apps.get_model("accounts", name) for name in MODELS]
    columns = {model: existing_columns(schema_editor, model._meta.db_table) for model in tables}
    if is_of_another_tool(columns[tables[0]]):
        return
    for model in tables:
        if columns[model]:
            add_what_is_missing(schema_editor, model, columns[model])
        else:
            create(schema_editor, model)


def existing_columns(schema_editor: BaseDatabaseSchemaEditor, table: str) -> dict[str, str]:
    """Return the columns of `table`, wherever the search_path finds it, and their types; none if it does not exist."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
            " WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        return dict(cursor.fetchall())


def is_of_another_tool(user: dict[str, str]) -> bool:
    """Return whether Drizzle or Prisma wrote the table of users: only Better Auth's own migration, and this one, write camelCase columns and dates with a time zone."""
    return bool(user) and user.get("createdAt") != "timestamp with time zone"


def create(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """Create the table, without the second index that Django adds to a text key for prefix searches."""
    schema_editor.create_model(model)
    schema_editor.deferred_sql = [sql for sql in schema_editor.deferred_sql if '_like" ON' not in str(sql)]


def add_what_is_missing(
    schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], found: dict[str, str]
) -> None:
    """Add the columns and indexes that the table lacks."""
    for field in model._meta.local_fields:
        if field.column not in found:
            schema_editor.add_field(model, field)
    with schema_editor.connection.cursor() as cursor:
        named = schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)
    for index in model._meta.indexes:
        if index.name not in named:
            schema_editor.add_index(model, index)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the tables if they are empty; those of Drizzle and Prisma stay, and users are never dropped.

    Raises HoldsRowsError.
    """
    tables = [apps.get_model("accounts", name) for name in reversed(MODELS)]
    if is_of_another_tool(existing_columns(schema_editor, tables[-1]._meta.db_table)):
        return
    for model in tables:
        if model._default_manager.using(schema_editor.connection.alias).exists():
            raise HoldsRowsError(
                f'"{model._meta.db_table}" holds rows of Better Auth; drop the table by hand if you mean it.'
            )
    for model in tables:
        schema_editor.delete_model(model)
