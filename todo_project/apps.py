"""App configurations: Django's admin with this product's name, and todo_project's own management commands."""

import atexit
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created

from todo_project.database import close_pools


class BrandedAdminConfig(AdminConfig):
    default = False  # AdminConfig sets True, and an app may have only one default configuration.
    default_site = "todo_project.admin_site.BrandedAdminSite"


class TodoProjectConfig(AppConfig):
    """Lets manage.py find `todo_project/management/commands`."""

    name = "todo_project"

    def ready(self) -> None:
        connection_created.connect(close_pools_at_exit)


def close_pools_at_exit(**kwargs: Any) -> None:
    """Register it once, at the first connection: each thread of an open pool would delay the exit by 5 s.

    Not earlier: exit handlers run in reverse order, and the pools are closed before an embedded PostgreSQL stops.
    """
    connection_created.disconnect(close_pools_at_exit)
    atexit.register(close_pools)
