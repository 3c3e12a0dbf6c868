"""`manage.py serve`: migrate the database and serve the API. `make run` calls it."""

import os
import socket
import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.development_tokens import issue_token
from todo_project.connections import close_pools

DEVELOPER = "developer"
EVERY_ADDRESS = ("0.0.0.0", "[::]")  # noqa: S104  where to listen, and no address to call.


class Command(BaseCommand):
    """Migrates, prints where to go, and becomes gunicorn."""

    help = "Migrate the database and serve the API with gunicorn."

    def handle(self, **options: Any) -> None:
        """Never return: gunicorn takes this process over, and with it Ctrl-C and TERM."""
        call_command("migrate", verbosity=0)
        self.check(databases=["default"])
        stop_if_taken()
        self.stdout.write(self.welcome())
        self.stdout.flush()
        close_pools()
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])  # noqa: S606  no shell is what is wanted.

    def welcome(self) -> str:
        """The addresses and, in a local trial, a token and a request to paste."""
        host = "localhost" if settings.HOST in EVERY_ADDRESS else settings.HOST
        address = f"http://{host}:{settings.PORT}"
        lines = [
            f"Todo API    {address}",
            f"Docs        {address}/docs",
            f"Admin       {address}/admin/   (make superuser makes an operator)",
        ]
        if settings.IS_LOCAL_TRIAL:
            lifetime = timedelta(minutes=settings.JWT_EXPIRATION_MINUTES)
            token = issue_token(DEVELOPER, lifetime=lifetime, email="developer@example.com", name="Developer")
            body = '{"title": "Buy milk"}'
            tasks = address + reverse("task-list", kwargs={"user_id": DEVELOPER})
            lines += [
                f"Token       {token}",
                "",
                "Create a task:",
                f"  curl {tasks} -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{body}'",
                "",
                "Ctrl-C stops the API and its database; the tasks stay in .local/.",
            ]
        return "\n".join([*lines, ""])


def stop_if_taken() -> None:
    """Raise CommandError where nobody can listen at HOST and PORT: gunicorn would say so after the welcome."""
    host = settings.HOST.strip("[]")
    try:
        socket.create_server((host, settings.PORT), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise CommandError(
            f"Cannot listen at {settings.HOST}:{settings.PORT}: {reason}. Set PORT to another one, or stop what has it."
        ) from error
