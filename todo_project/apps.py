"""The wiring as Django apps: the admin under this product's name, and the wiring's own commands."""

import atexit

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from todo_project.connections import close_pools


class BrandedAdminConfig(AdminConfig):
    """Django's admin with this product's name on it."""

    default = False  # AdminConfig says True, and an app may have one default alone.
    default_site = "todo_project.admin_site.OperatorsSite"


class TodoProjectConfig(AppConfig):
    """Makes `todo_project/management/commands` known to manage.py."""

    name = "todo_project"

    def ready(self) -> None:
        """Close the pools at exit: left to the interpreter's end, each of their threads holds it up for 5 s."""
        atexit.register(close_pools)
