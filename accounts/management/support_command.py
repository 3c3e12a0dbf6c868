"""What the commands of support have in common: EMAIL_OR_ID, an example in --help, --json, progress, exit statuses."""

import getpass
import json
import os
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from accounts.management.progress import Progress
from accounts.models import User
from accounts.people import PersonError, find_person
from accounts.text_table import printable

FAILED, USAGE, NOT_FOUND = 1, 2, 3
EXIT_STATUSES = """exit status:
  0  done
  1  refused or failed; the message says why, and nothing was changed
  2  wrong usage
  3  nobody has this email or id, or there is nothing to do
"""


class SupportFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the examples as they are."""


class SupportCommand(BaseCommand):
    """A command for one errand of support.

    example: an example as it is typed, without `python manage.py`; several lines are several examples.
    """

    example: ClassVar[str] = ""
    requires_system_checks = ()
    suppressed_base_arguments = {"--settings", "--pythonpath", "--no-color", "--force-color", "--skip-checks"}

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        lines = "".join(f"  python manage.py {line.strip()}\n" for line in self.example.strip().splitlines())
        epilog = f"example:\n{lines}\n{EXIT_STATUSES}"
        parser = super().create_parser(prog_name, subcommand, epilog=epilog, formatter_class=SupportFormatter, **kwargs)
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON, for programs")
        return parser

    @staticmethod
    def add_person(parser: ArgumentParser, name: str = "person", **options: Any) -> None:
        """Add the argument that `self.person` finds."""
        described = {"help": "the person's email, in any case, or id", "metavar": "EMAIL_OR_ID"} | options
        parser.add_argument(name, **described)

    def person(self, email_or_id: str) -> User:
        try:
            return find_person(email_or_id)
        except PersonError as error:
            raise CommandError(str(error), returncode=NOT_FOUND) from error

    def nothing_to_do(self, message: str) -> NoReturn:
        raise CommandError(message, returncode=NOT_FOUND)

    def write_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=as_json))

    @property
    def progress(self) -> Progress:
        return Progress(self.stderr)


def as_json(value: object) -> str:
    if isinstance(value, datetime):  # Columns of Prisma and Drizzle have no zone, and are in UTC.
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return str(value)


def called(user: User) -> str:
    """Return the email and the id of a person, for a message on one line."""
    return printable(f"{user.email} ({user.pk})")


def operator_name() -> str:
    """Return the account of the operating system, for the history. A container may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


class Stopwatch:
    """Measures how long something takes, and how much of it is done."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.began = time.monotonic()

    def text(self, done: int, what: str) -> str:
        seconds = time.monotonic() - self.began
        left = seconds / done * (self.total - done) if done else 0
        return f"{done:,} of {self.total:,} {what}, {seconds:.0f} s, about {left:.0f} s left"
