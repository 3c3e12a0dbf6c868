"""`manage.py shell`: Django's command, which says where it is, and has the names that support needs."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.commands import shell

from accounts.management.support_command import operator_name
from todo_project.database import where
from todo_project.shell_display import display_hook

# Later names replace earlier ones. Django's User, Group and Session are those of the admin: here they are Staff….
IMPORTS = (
    "django.conf.settings",
    "django.db.connection",
    "django.db.models",
    "django.db.models.F",
    "django.db.models.Q",
    "django.db.models.Count",
    "django.utils.timezone",
    "accounts.models.User",
    "accounts.models.Session",
    "accounts.models.Account",
    "accounts.people.find_person",
    "tasks.models.Task",
    "tasks.models.TaskChange",
    "tasks.models.TaskList",
    "tasks.operations",
    "tasks.user_data",
    "tasks.undo.undo_change",
    "tasks.undo.undo_revision",
    "tasks.operations.Actor",
)


class Command(shell.Command):
    def get_auto_imports(self) -> list[str]:
        return list(IMPORTS)

    def get_namespace(self, **options: Any) -> dict[str, Any]:
        """Return the names, and greet if somebody is at the prompt."""
        if options.get("no_imports"):
            return {}
        from django.contrib.auth.models import User as StaffUser  # It needs the apps.

        from tasks.operations import Actor

        names = super().get_namespace(**options | {"verbosity": 0})
        # After the prompt's own names, because a name in here would hide it.
        names |= {"StaffUser": StaffUser, "me": Actor(operator_name(), "support")}
        if not options.get("command") and sys.stdin.isatty():
            self.stdout.write(self.greeting(sorted(names)))
        return names

    def python(self, options: Any) -> None:
        """Show querysets as tables. IPython and bpython have ways of their own."""
        sys.displayhook = display_hook(self.stdout.write)
        try:
            super().python(options)
        finally:
            sys.displayhook = sys.__displayhook__

    def greeting(self, names: list[str]) -> str:
        style = self.style.SUCCESS if settings.IS_DEVELOPMENT else self.style.ERROR
        lines = [
            style(
                "Todo API, development mode" if settings.IS_DEVELOPMENT else "Todo API, PRODUCTION: DATABASE_URL is set"
            ),
            f"Database  {where()}",
            f"Set-up    {set_up()}",
            f"Names     {', '.join(names)}",
            'Try       find_person("anna@example.com").tasks.live()',
            '          operations.restore("k3mX…", 7, me)   Writes are recorded under the name in `me`.',
        ]
        return "\n".join([*lines, ""])


def set_up() -> str:
    """Return in one line where Better Auth is, and which tokens are accepted."""
    shared = (
        f"shares this database ({settings.BETTER_AUTH_SCHEMA})"
        if settings.BETTER_AUTH_SHARED_DATABASE
        else "has a database of its own"
    )
    keys = settings.BETTER_AUTH_KEYS
    source = "and no public keys" if not keys else "and the keys of its table" if keys == "table" else f"and {keys}"
    return f"Better Auth {shared}; tokens by {settings.JWT_ALGORITHM} {source}"
