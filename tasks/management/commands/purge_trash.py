"""`manage.py purge_trash`: permanently delete expired data. Schedule it daily."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.management.support_command import operator_name
from tasks import retention
from tasks.operations import Actor

MAX_DAYS = 36_500  # A century; PostgreSQL's timestamps do not go back much further.


class Command(BaseCommand):
    help = (
        "Permanently delete tasks that have been in the trash for TRASH_DAYS, change history older than HISTORY_DAYS, "
        "and expired idempotency keys. Works in batches, while users go on writing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=settings.TRASH_DAYS, help="days in the trash (default: TRASH_DAYS, %(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would be deleted, and delete nothing")

    def handle(self, *, days: int, dry_run: bool, **options: Any) -> None:
        if not 0 <= days <= MAX_DAYS:
            raise CommandError(f"--days must be from 0 to {MAX_DAYS}.")
        trash, history = timedelta(days=days), timedelta(days=settings.HISTORY_DAYS)
        if dry_run:
            self.stdout.write(f"Would purge {retention.expired_trash(trash).count()} tasks.")
            self.stdout.write(f"Would purge {retention.expired_changes(history).count()} changes.")
            self.stdout.write(f"Would purge {retention.expired_keys().count()} keys.")
            return
        actor = Actor(operator_name(), "support")
        self.report("tasks", retention.purge_trash(trash, actor))
        self.report("changes", retention.expire_changes(history))
        self.report("keys", retention.expire_keys())

    def report(self, what: str, batches: Iterator[int]) -> None:
        """Run `batches` and add up what they yield; on a terminal, show the progress."""
        total = 0
        for number in batches:
            total += number
            if self.stdout.isatty():
                self.stdout.write(f"\rPurged {total} {what} …", ending="")
        start, end = ("\r", "  ") if self.stdout.isatty() else ("", "")
        self.stdout.write(f"{start}Purged {total} {what}.{end}")
