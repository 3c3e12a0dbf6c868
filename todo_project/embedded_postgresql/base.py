"""Starts the embedded PostgreSQL when something first connects, so that importing the settings starts nothing."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from psycopg.conninfo import conninfo_to_dict

from todo_project.development import database_url


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend, connected to the server of `.local/`. Its pool asks for the same parameters."""

    def get_connection_params(self) -> dict[str, Any]:
        server = conninfo_to_dict(database_url(settings.DEVELOPMENT_DIR))
        return {**super().get_connection_params(), "host": server["host"]}
