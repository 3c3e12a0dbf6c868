"""`manage.py restore_tasks EMAIL_OR_ID --deleted-since WHEN`: take out of the trash what was deleted since then."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import called
from tasks import operations
from tasks.exceptions import TaskLimitReached
from tasks.management.task_command import TaskCommand
from tasks.models import Task

AGO = re.compile(r"(?P<number>[0-9]{1,6})(?P<unit>[mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def time_of(text: str) -> datetime:
    """Return the time that `text` names: a date, a date with a time (UTC unless it has an offset), or a span ago."""
    try:
        if ago := AGO.fullmatch(text):
            return datetime.now(UTC) - timedelta(**{UNITS[ago["unit"]]: int(ago["number"])})
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ArgumentTypeError(f"{text!r} is neither a span such as 2h nor a time such as 2026-11-24T18:00") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Command(TaskCommand):
    help = "Restore the tasks that a person, or somebody for them, has deleted since a time. All or none are restored."
    example = """
        restore_tasks anna@example.com --deleted-since 2h
        restore_tasks anna@example.com --deleted-since 2026-11-24T18:00 --dry-run
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser)
        parser.add_argument(
            "--deleted-since",
            required=True,
            type=time_of,
            metavar="WHEN",
            help="a span such as 90m, 2h or 3d; or a date, with or without a time (UTC, unless it has an offset)",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be restored, and restore nothing")

    def handle(self, *, person: str, deleted_since: datetime, dry_run: bool, as_json: bool, **options: Any) -> None:
        user = self.person(person)
        found = Task.objects.owned_by(user.pk).filter(deleted_at__gte=deleted_since)
        ids = list(found.order_by("id").values_list("id", flat=True))
        since = f"{deleted_since:%Y-%m-%d %H:%M} {deleted_since.tzname()}"
        if not ids:
            self.nothing_to_do(f"No task of {called(user)} in the trash was deleted since {since}.")
        try:
            restored = 0 if dry_run else operations.change_selected(user.pk, self.actor, "restore", ids)
        except TaskLimitReached as error:
            raise CommandError(
                f"Nothing was restored: with {len(ids)} more tasks the list would exceed TASKS_PER_USER_LIMIT. "
                "Name a later time."
            ) from error
        if as_json:
            self.write_json({"user_id": user.pk, "found": ids, "restored": restored, "dry_run": dry_run})
        elif dry_run:
            self.stdout.write(f"Would restore {len(ids)} tasks of {called(user)}, deleted since {since}.")
        else:
            self.stdout.write(f"Restored {restored} tasks of {called(user)}, deleted since {since}.")
