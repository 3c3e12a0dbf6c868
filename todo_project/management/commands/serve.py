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

from accounts.tokens.issue import issue_token
from todo_project.database import close_pools, require_database

DEVELOPER = "developer"
WILDCARD_HOSTS = ("0.0.0.0", "[::]")  # noqa: S104  They are compared with, not bound.


class Command(BaseCommand):
    help = "Migrate the database and serve the API with gunicorn."

    def handle(self, **options: Any) -> None:
        """Never returns: gunicorn replaces this process, so that Ctrl-C and TERM reach it."""
        call_command("migrate", verbosity=0)
        require_database()
        self.check(databases=["default"])
        refuse_used_port()
        self.stdout.write(self.welcome())
        self.stdout.flush()
        close_pools()
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])  # noqa: S606  There is no shell on purpose.

    def welcome(self) -> str:
        """Return the URLs and, in development mode, a token and a request to paste."""
        host = "localhost" if settings.HOST in WILDCARD_HOSTS else settings.HOST
        url = f"http://{host}:{settings.PORT}"
        lines = [
            f"Todo API    {url}",
            f"Docs        {url}/docs",
            f"Admin       {url}/admin/   (make superuser creates a staff user)",
        ]
        if settings.IS_DEVELOPMENT:
            lifetime = timedelta(minutes=settings.JWT_EXPIRATION_MINUTES)
            token = issue_token(DEVELOPER, lifetime=lifetime, email="developer@example.com", name="Developer")
            body = '{"title": "Buy milk"}'
            tasks = url + reverse("task-list", kwargs={"user_id": DEVELOPER})
            lines += [
                f"Token       {token}",
                "",
                "Create a task:",
                f"  curl {tasks} -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{body}'",
                "",
                "Ctrl-C stops the API and its database. The data stays in .local/.",
            ]
        return "\n".join([*lines, ""])


def refuse_used_port() -> None:
    """Raise CommandError if HOST and PORT cannot be bound. gunicorn would report it only after the welcome."""
    host = settings.HOST.strip("[]")
    try:
        socket.create_server((host, settings.PORT), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise CommandError(
            f"Cannot listen at {settings.HOST}:{settings.PORT}: {reason}. "
            "Set PORT to another port, or stop the program that uses it."
        ) from error
