"""Makes Better Auth's tables, or adopts those that its own migration made.

Which tables and columns are there depends on its version and plugins, so `--fake-initial` does not do: what is
missing is made, what is there is kept. Ids must be text; other ids are refused before anything is changed.
"""

from django.apps.registry import Apps
from django.core.management import CommandError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MODELS = ("User", "Session", "Account", "Verification", "Jwk")
TEXT_TYPES = ("text", "character varying")


class UnsupportedIdsError(CommandError):
    """Better Auth was set up with uuid or serial ids. `migrate` prints a CommandError without a traceback."""


class HoldsRowsError(CommandError):
    """A table of Better Auth's that is to be dropped holds rows."""


def adopt(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Bring the database to what `accounts.models` describes. Raises UnsupportedIdsError."""
    tables = [apps.get_model("accounts", name) for name in MODELS]
    columns = {model: existing_columns(schema_editor, model._meta.db_table) for model in tables}
    refuse_other_ids(columns)
    for model in tables:
        if columns[model]:
            add_what_is_missing(schema_editor, model, columns[model])
        else:
            create(schema_editor, model)


def existing_columns(schema_editor: BaseDatabaseSchemaEditor, table: str) -> dict[str, str]:
    """The columns of `table` in the current schema and their types; nothing where there is no such table."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s",
            [table],
        )
        return dict(cursor.fetchall())


def refuse_other_ids(columns: dict[type[models.Model], dict[str, str]]) -> None:
    """Raise UnsupportedIdsError, naming each id column that is not text."""
    wrong = [
        f'"{model._meta.db_table}".id is {found["id"]}'
        for model, found in columns.items()
        if found and found.get("id") not in TEXT_TYPES
    ]
    if wrong:
        raise UnsupportedIdsError(
            f"Better Auth's tables have ids that are not text: {', '.join(wrong)}. Nothing was changed. "
            "This API supports text ids alone: remove advanced.database.generateId "
            '("uuid" or "serial") from the Better Auth configuration, and let it make its tables anew.'
        )


def create(schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """Make the table, without the second index that Django gives a key of text, for searches by its beginning."""
    schema_editor.create_model(model)
    schema_editor.deferred_sql = [sql for sql in schema_editor.deferred_sql if '_like" ON' not in str(sql)]


def add_what_is_missing(
    schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], found: dict[str, str]
) -> None:
    """Add the columns and indexes that this version of the table has not got."""
    for field in model._meta.local_fields:
        if field.column not in found:
            schema_editor.add_field(model, field)
    with schema_editor.connection.cursor() as cursor:
        named = schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)
    for index in model._meta.indexes:
        if index.name not in named:
            schema_editor.add_index(model, index)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo `adopt` on a database that holds nobody; the people of a shared one are never dropped.

    Raises HoldsRowsError.
    """
    for name in reversed(MODELS):
        model = apps.get_model("accounts", name)
        if model._default_manager.using(schema_editor.connection.alias).exists():
            raise HoldsRowsError(
                f'"{model._meta.db_table}" holds rows of Better Auth; drop the table by hand if you mean it.'
            )
    for name in reversed(MODELS):
        schema_editor.delete_model(apps.get_model("accounts", name))
