"""System checks of the database: it has been migrated, and completely."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

MAX_NAMED = 5
MIGRATE = "Run: python manage.py migrate"


@register(Tags.database)
def check_migrations(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what `migrate` would still do. `migrate` itself and the server's start do not ask."""
    return [message for alias in databases or () for message in migration_messages(connections[alias])]


def migration_messages(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    executor = MigrationExecutor(connection)
    loader = executor.loader
    missing = [f"{step.app_label}.{step.name}" for step, _ in executor.migration_plan(loader.graph.leaf_nodes())]
    if not missing:
        return []
    name = connection.settings_dict["NAME"]
    if not loader.applied_migrations:
        return [
            Error(
                f"The database {name!r} has not been migrated: it has no tables of this API.",
                hint=MIGRATE,
                id="todo_project.E001",
            )
        ]
    more = f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
    return [
        Error(
            f"The database {name!r} is migrated only in part: {', '.join(missing[:MAX_NAMED])}{more} are missing.",
            hint=f"{MIGRATE}. If it stopped with an error, the error says why.",
            id="todo_project.E002",
        )
    ]
