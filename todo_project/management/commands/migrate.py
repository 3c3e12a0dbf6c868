"""`manage.py migrate`, past the pooler where DATABASE_URL_UNPOOLED is set."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    """Django's migrate over the direct host: a pooler in transaction mode loses locks and session settings."""

    def get_check_kwargs(self, options: Any) -> dict[Any, Any]:
        """Check everything but the database: what its check would miss is what this command is about to add."""
        return {**super().get_check_kwargs(options), "databases": []}

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, with the default database's settings exchanged for those of the direct host."""
        if settings.UNPOOLED_DATABASE and options["database"] == "default":
            connection = connections["default"]
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
            connection.settings_dict.update(settings.UNPOOLED_DATABASE)
        super().handle(*args, **options)
