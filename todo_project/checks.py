"""System checks of the database: it has been migrated, and completely."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

MAX_NAMED = 5
MIGRATE = "Run: python manage.py migrate"


@register(Tags.database)
def check_migrations(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return which migrations are missing. `migrate` itself does not ask."""
    return [message for alias in databases or () for message in migration_messages(connections[alias])]


def migration_messages(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    loader = MigrationLoader(connection)
    graph = loader.graph
    # Not only what `migrate` would do, which trusts that whoever has a migration has those before it.
    planned = dict.fromkeys(node for leaf in graph.leaf_nodes() for node in graph.forwards_plan(leaf))
    missing = [".".join(node) for node in planned if node not in loader.applied_migrations]
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
