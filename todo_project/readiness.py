"""Whether the database has every migration of this release."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_migrated: set[str] = set()


def is_migrated() -> bool:
    """Return whether no migration is missing. Raises django.db.Error if the database cannot be reached.

    Migrations are read from their files until none is missing; after that, one short statement asks the database.
    """
    name = str(connection.settings_dict["NAME"])
    if name in _migrated:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    _migrated.add(name)
    return True
