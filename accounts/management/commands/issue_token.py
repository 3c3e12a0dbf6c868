"""`manage.py issue_token USER`: print a development token, to try the API without a frontend."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.tokens.claims import is_id
from accounts.tokens.issue import issue_token

MAX_MINUTES = 10 * 366 * 24 * 60


class Command(BaseCommand):
    """Prints only the token, so that `$(manage.py issue_token me)` works."""

    help = "Print a development token for USER, signed with BETTER_AUTH_SECRET."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="the user's id, as in /api/USER/tasks")
        parser.add_argument("--email", help="the email that the token names")
        parser.add_argument("--name", help="the name that the token names")
        parser.add_argument(
            "--minutes",
            type=int,
            default=settings.JWT_EXPIRATION_MINUTES,
            help="lifetime in minutes (default: JWT_EXPIRATION_MINUTES, %(default)s)",
        )

    def handle(self, *, user: str, email: str | None, name: str | None, minutes: int, **options: Any) -> None:
        if not settings.BETTER_AUTH_SECRET:
            raise CommandError("BETTER_AUTH_SECRET is not set, and this API can sign with nothing else.")
        if not is_id(user):
            raise CommandError("USER must be 1 to 255 printable characters without white space around it.")
        if not 1 <= minutes <= MAX_MINUTES:
            raise CommandError(f"--minutes must be from 1 to {MAX_MINUTES}, which is ten years.")
        self.stdout.write(issue_token(user, lifetime=timedelta(minutes=minutes), email=email, name=name))
