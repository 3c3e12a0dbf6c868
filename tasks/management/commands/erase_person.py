"""`manage.py erase_person EMAIL_OR_ID`: permanently erase everything that is stored about a person, as the API does."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import USAGE, called, operator_name
from accounts.models import User
from tasks import user_data
from tasks.management.task_command import TaskCommand
from tasks.models import TaskChange
from tasks.overview import counts_of


class Command(TaskCommand):
    help = (
        "Permanently erase a person's tasks, trash and history. If Better Auth has a database of its own, also the "
        "copy of their row here. Nobody can undo it: run export_person first if they asked for their data."
    )
    example = """
        erase_person anna@example.com --dry-run
        erase_person anna@example.com --confirm k3mX
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what would be erased, and erase nothing")
        parser.add_argument(
            "--confirm", metavar="ID", help="the person's id; without it, the command asks for it on a terminal"
        )

    def handle(self, *, person: str, dry_run: bool, confirm: str | None, as_json: bool, **options: Any) -> None:
        user = self.person(person)
        counts = counts_of(user.pk)
        held = {
            "tasks": counts["pending"] + counts["completed"],
            "trash": counts["trash"],
            "changes": TaskChange.objects.of_user(user.pk).count(),
        }
        if not as_json:
            self.stdout.write(
                f"{called(user)}: {held['tasks']} tasks, {held['trash']} in the trash, "
                f"{held['changes']} changes in the history."
            )
        if not dry_run:
            require_confirmation(user, confirm if confirm is not None else self.ask())
            with self.progress.waiting("Erasing"):
                user_data.erase(user.pk)
            user_data.logger.info("The data of user %r was erased by support, %s.", user.pk, operator_name())
        if as_json:
            self.write_json({"user_id": user.pk, "held": held, "erased": not dry_run})
            return
        account = "Their account is Better Auth's, and stays: delete it there."
        rest = account if settings.BETTER_AUTH_SHARED_DATABASE else "A token that is still valid creates the row again."
        self.stdout.write("Nothing was erased (--dry-run)." if dry_run else f"Erased. {rest}")

    def ask(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was erased: confirm with --confirm and the person's id.", returncode=USAGE)
        return input("Type the person's id to erase all of it: ").strip()


def require_confirmation(user: User, confirmed: str) -> None:
    if confirmed != user.pk:
        raise CommandError(f"Nothing was erased: the confirmation {confirmed!r} is not the person's id, {user.pk}.")
