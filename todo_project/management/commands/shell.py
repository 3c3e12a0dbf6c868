"""`manage.py shell`: Django's command, which says where it is, and has the names that support needs."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.commands import shell

from accounts.management.support_command import operator_name
from todo_project.database import where
from todo_project.shell_display import show_in_ipython, tables

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

    def ipython(self, options: Any) -> None:
        from IPython.terminal.ipapp import (  # type: ignore[import-not-found, unused-ignore]  # Whoever wants it has it.
            TerminalIPythonApp,
        )

        app = TerminalIPythonApp.instance(user_ns=self.get_namespace(**options))
        app.initialize(argv=[])
        show_in_ipython(app.shell.display_formatter.formatters["text/plain"])
        app.start()

    def bpython(self, options: Any) -> None:
        with tables():
            super().bpython(options)

    def python(self, options: Any) -> None:
        with tables():
            super().python(options)

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
