"""Fields of Better Auth's tables: of columns that only a plugin adds, and of times that Python cannot hold.

The API adds nothing to tables of Drizzle and Prisma, which would drop it again. A plugin can be switched on at any
time: its column is read as soon as it is there, without a migration or a restart here; until then it is null.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler

# A day inside of what Python can hold, so that every time zone can show them.
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)


class PluginColumn(Col):
    """The column in SQL, or NULL if the table has no such column."""

    target: "PluginField"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return self.target.sql(compiler.quote_name(self.alias)), ()


class PluginField(models.Field):  # type: ignore[type-arg]  # of any type
    """Mixed into a field. plugin: the name of the plugin; it adds all its columns, or none."""

    data_type: str

    def __init__(self, *args: Any, plugin: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.plugin = plugin

    def sql(self, row: str) -> str:
        """Return the SQL of the value. row: the quoted name of the table, or its alias.

        A name that the inner query does not find is one of the query around it (SQL's rule of scope). PostgreSQL finds
        names anew, also in prepared statements, after a column was added.
        """
        name = f'"{self.column}"'
        column = f"SELECT {name} FROM (SELECT {row}.*) AS own"  # noqa: S608  Names of the model.
        missing = f"SELECT NULL::{self.data_type} AS {name}"
        return f"(SELECT ({column}) FROM ({missing}) AS missing)::{self.data_type}"  # noqa: S608

    def get_col(self, alias: str, output_field: Any = None) -> Col:
        return PluginColumn(alias, self, output_field)

    def deconstruct(self) -> Any:
        """To a migration this is Django's own field: what differs is how it is read."""
        return as_djangos(type(self).__name__.removeprefix("Plugin"), super().deconstruct())


class BetterAuthDateTimeField(models.DateTimeField):  # type: ignore[type-arg]  # of a datetime or null
    """A time of Better Auth, read as EARLIEST or LATEST if it is further away: PostgreSQL holds more than Python.

    Only what is selected is clamped, so that conditions and orders still find their indexes.
    """

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:
        bounds = f"WHEN {sql} < '{EARLIEST}' THEN '{EARLIEST}' WHEN {sql} > '{LATEST}' THEN '{LATEST}'"
        return f"CASE {bounds} ELSE {sql} END", (*params, *params, *params)

    def deconstruct(self) -> Any:
        return as_djangos("DateTimeField", super().deconstruct())


def as_djangos(name: str, parts: Any) -> Any:
    attribute, _, args, options = parts
    return attribute, f"django.db.models.{name}", args, options


class PluginTextField(PluginField, models.TextField):  # type: ignore[type-arg]  # of text or null
    data_type = "text"


class PluginBooleanField(PluginField, models.BooleanField):  # type: ignore[type-arg]  # of a boolean or null
    data_type = "boolean"


class PluginDateTimeField(PluginField, BetterAuthDateTimeField):
    data_type = "timestamptz"
