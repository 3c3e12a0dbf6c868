"""`manage.py serve`: migrate the database and serve the API. `make run` calls it."""

import socket
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.tokens.issue import issue_token
from todo_project.database import close_pools, require_database

DEVELOPER = "developer"
WILDCARD_HOSTS = ("0.0.0.0", "::")  # noqa: S104  They are compared with, not bound.


class Command(BaseCommand):
    help = "Migrate the database and serve the API with granian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-migrate",
            action="store_false",
            dest="migrate",
            help="Start without the database. Where several instances start at once, a release step migrates.",
        )

    def handle(self, *, migrate: bool, **options: Any) -> None:
        """Return after TERM or Ctrl-C, when the workers have stopped. Then an embedded PostgreSQL stops, too."""
        from todo_project.server import granian_server  # Other commands do not need granian.

        if migrate:
            call_command("migrate", verbosity=0)
            require_database()
            self.check(databases=["default"])
        try:
            granian_server.load_application()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        address = free_address()
        self.stdout.write(self.welcome())
        self.stdout.flush()
        close_pools()  # The workers are forks of this process, and must not share its connections.
        granian_server.serve(address, settings.PORT)

    def welcome(self) -> str:
        """Return the URLs and, in development mode, a token and a request to paste."""
        host = settings.HOST.strip("[]")
        host = "localhost" if host in WILDCARD_HOSTS else f"[{host}]" if ":" in host else host
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


def free_address() -> str:
    """Return the IP address of HOST. Raises CommandError if nobody can listen there, at PORT.

    granian would report a used port only after the welcome, and several of it can share a port.
    """
    try:
        found = socket.getaddrinfo(settings.HOST.strip("[]"), settings.PORT, type=socket.SOCK_STREAM)
        family, _, _, _, (address, *_) = found[0]
        socket.create_server((str(address), settings.PORT), family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise CommandError(
            f"Cannot listen at {settings.HOST}:{settings.PORT}: {reason}. "
            "Set PORT to another port, or stop the program that uses it."
        ) from error
    return str(address)
