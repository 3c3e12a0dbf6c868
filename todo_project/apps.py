"""App configurations: Django's admin with this product's name, and todo_project's own management commands."""

import atexit
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from accounts.statement_count import count_on
from todo_project.database import close_pools
from todo_project.roles import create_roles


class BrandedAdminConfig(AdminConfig):
    default = False  # AdminConfig sets True, and an app may have only one default configuration.
    default_site = "todo_project.admin_site.BrandedAdminSite"


class TodoProjectConfig(AppConfig):
    """Lets manage.py find `todo_project/management/commands`."""

    name = "todo_project"

    def ready(self) -> None:
        from todo_project import checks  # noqa: F401  Registers the system checks.

        connection_created.connect(close_pools_at_exit)
        connection_created.connect(count_on)
        # After the last app with permissions: Django creates those in a receiver of its own, connected before this one.
        post_migrate.connect(create_roles, sender=apps.get_app_config("tasks"))
        disconnect_idle_receivers()


def disconnect_idle_receivers() -> None:
    """Disconnect what Django runs at each request and what has nothing to do here: a tenth of a GET's CPU.

    - close_old_connections at the start: it also runs at the end of each request, and stays there.
    - close_caches: no cache is configured that has connections. Connect it again if you add one.
    - reset_urlconf: no middleware sets another URLconf.
    """
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
    request_finished.disconnect(reset_urlconf)


def close_pools_at_exit(**kwargs: Any) -> None:
    """Register it once, at the first connection: each thread of an open pool would delay the exit by 5 s.

    Not earlier: exit handlers run in reverse order, and the pools are closed before an embedded PostgreSQL stops.
    """
    connection_created.disconnect(close_pools_at_exit)
    atexit.register(close_pools)
