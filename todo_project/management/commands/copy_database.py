"""`manage.py copy_database URL`: migrate another PostgreSQL and copy every row of this one into it.

It needs no other program, and no right beyond those of the tables' owner, so that it works with Neon's roles.
"""

from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import connection as source
from django.db import connections, transaction
from django.db.models import Model

from accounts.management.progress import Progress
from todo_project import database_url

ALIAS = "copy"
COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'
"""


class Command(BaseCommand):
    help = (
        "Migrate another PostgreSQL and copy every row of this one into it, for example from the local trial to Neon."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="the other database, without a pooler; it must not have any user or task")

    def handle(self, *, url: str, **options: Any) -> None:
        try:
            parsed = database_url.parse(url)
        except database_url.InvalidURLError as error:
            raise CommandError(f"The URL {error.wrong}. {error.remedy}") from error
        connections.databases[ALIAS] = {
            **source.settings_dict,
            **parsed,
            "ENGINE": "django.db.backends.postgresql",
            "OPTIONS": {"connect_timeout": 10, **parsed["OPTIONS"]},
        }
        try:
            call_command("migrate", database=ALIAS, verbosity=0)
            rows = copy_rows(tables(), Progress(self.stderr))
        finally:
            connections[ALIAS].close()
            del connections[ALIAS]
            del connections.databases[ALIAS]
        self.stdout.write(f"Copied {rows} rows. Set DATABASE_URL to that database, and keep SECRET_KEY.")


def tables() -> list[type[Model]]:
    """Return the models, each after those that its foreign keys refer to."""
    models = {model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}
    order = TopologicalSorter(
        {
            model: models.intersection(field.related_model for field in model._meta.local_fields) - {model}
            for model in models
        }
    )
    return list(order.static_order())


def copy_rows(models: list[type[Model]], progress: Progress) -> int:
    """Copy the tables in one transaction, without our triggers: they would write versions and history anew."""
    names = [source.ops.quote_name(model._meta.db_table) for model in models]
    target = connections[ALIAS]
    with transaction.atomic(), transaction.atomic(ALIAS), source.cursor() as reader, target.cursor() as writer:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        writer.execute('SELECT EXISTS (SELECT FROM "user") OR EXISTS (SELECT FROM tasks)')
        if writer.fetchone() != (False,):
            raise CommandError("The other database has users or tasks. Use an empty one.")
        writer.execute(f"TRUNCATE {', '.join(names)}")  # What `migrate` itself has inserted.
        for name in names:
            writer.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        rows = sum(copy_table(reader, writer, model, progress) for model in models)
        with progress.waiting("Checking the foreign keys"):
            writer.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            writer.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        for statement in target.ops.sequence_reset_sql(no_style(), models):
            writer.execute(statement)
    return rows


def copy_table(reader: Any, writer: Any, model: type[Model], progress: Progress) -> int:
    name = source.ops.quote_name(model._meta.db_table)
    reader.execute(COLUMNS, [model._meta.db_table])
    ((columns,),) = reader.fetchall()
    with (
        reader.copy(f"COPY (SELECT {columns} FROM {name}) TO STDOUT") as rows,  # noqa: S608  Names of the schema.
        writer.copy(f"COPY {name} ({columns}) FROM STDIN") as copy,
    ):
        copied = 0
        for block in rows:
            copy.write(block)
            copied += len(block)
            progress.show_sometimes(f"Copying {model._meta.db_table}: {copied / 1e6:,.0f} MB …")
    progress.end()
    return int(writer.rowcount)
