"""`manage.py purge_trash`: what is old leaves for good. Run it once a day."""

import getpass
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tasks import purging
from tasks.writes import Writer

MOST_DAYS = 36_500  # A century; PostgreSQL has no moments much further back.


class Command(BaseCommand):
    """Works in batches, each a transaction, beside people at work."""

    help = "Purge tasks that were in the trash for TRASH_DAYS, changes older than HISTORY_DAYS, and old retry keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How old, and whether to do it."""
        parser.add_argument(
            "--days", type=int, default=settings.TRASH_DAYS, help="days in the trash (default: TRASH_DAYS, %(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would be purged, and purge nothing")

    def handle(self, *, days: int, dry_run: bool, **options: Any) -> None:
        """Purge, or count."""
        if not 0 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be from 0 to {MOST_DAYS}.")
        trash, history = timedelta(days=days), timedelta(days=settings.HISTORY_DAYS)
        keys = timedelta(hours=purging.KEY_HOURS)
        if dry_run:
            for what, age in (("tasks", trash), ("changes", history), ("keys", keys)):
                self.stdout.write(f"Would purge {purging.count(what, age)} {what}.")
            return
        writer = Writer(getpass.getuser(), "support")
        self.report("tasks", purging.purge_tasks(trash, writer))
        self.report("changes", purging.prune_changes(history))
        self.report("keys", purging.prune_keys())

    def report(self, what: str, batches: Iterator[int]) -> None:
        """Add up `batches`, telling how far it is on a terminal."""
        total = 0
        for number in batches:
            total += number
            if self.stdout.isatty():
                self.stdout.write(f"\rPurged {total} {what} …", ending="")
        over_it = ("\r", " " * 2) if self.stdout.isatty() else ("", "")
        self.stdout.write(f"Purged {total} {what}.".join(over_it))
