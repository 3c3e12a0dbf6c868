"""Creates Better Auth's tables, or adopts those that its own migration created.

Which tables and columns exist depends on its version and plugins, so `--fake-initial` fails: what is missing is created,
what exists is kept. Ids must be text; other ids are refused before anything is changed.

Its name begins with an underscore so that Django does not take it for a migration. It is frozen like one: it works on the models of the migration's state and imports nothing of the app.
"""

from django.apps.registry import Apps
from django.core.management import CommandError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MODELS = ("User", "Session", "Account", "Verification", "Jwk")
TEXT_TYPES = ("text", "character varying")


class UnsupportedIdsError(CommandError):
    """Better Auth uses uuid or serial ids. `migrate` prints a CommandError without a traceback."""


class HoldsRowsError(CommandError):
    """A table of Better Auth that would be dropped contains rows."""


def adopt(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the missing tables, columns and indexes. Raises UnsupportedIdsError."""
    tables = [apps.get_model("accounts", name) for name in MODELS]
    columns = {model: existing_columns(schema_editor, model._meta.db_table) for model in tables}
    refuse_other_ids(columns)
    for model in tables:
        if columns[model]:
            add_what_is_missing(schema_editor, model, columns[model])
        else:
            create(schema_editor, model)


def existing_columns(schema_editor: BaseDatabaseSchemaEditor, table: str) -> dict[str, str]:
    """Return the columns of `table` in the current schema and their types; none if the table does not exist."""
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
            "This API supports only text ids: remove advanced.database.generateId "
            '("uuid" or "serial") from the Better Auth configuration, and let it create its tables again.'
        )


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
    """Drop the tables if they are empty; the users of a shared database are never dropped.

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
