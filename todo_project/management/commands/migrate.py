"""`manage.py migrate`: Django's command, over DATABASE_URL_UNPOOLED if it is set.

A pooler in transaction mode loses the advisory locks and session settings of a migration.
"""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections

from todo_project.database import require_database


class Command(migrate.Command):
    def get_check_kwargs(self, options: Any) -> dict[Any, Any]:
        """Skip the checks of the database: they would report what this command is about to add."""
        return {**super().get_check_kwargs(options), "databases": []}

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.UNPOOLED_DATABASE and options["database"] == "default":
            connection = connections["default"]
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # only the PostgreSQL backend has it
            connection.settings_dict.update(settings.UNPOOLED_DATABASE)
        if options["database"] == "default":
            require_database("DATABASE_URL_UNPOOLED" if settings.UNPOOLED_DATABASE else "DATABASE_URL")
        super().handle(*args, **options)
