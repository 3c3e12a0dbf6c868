"""`manage.py move_tasks SOURCE TARGET`: give all tasks of one person to another, for example after a second sign-up."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import USAGE, called
from tasks.management.task_command import TaskCommand
from tasks.moves import move_tasks


class Command(TaskCommand):
    help = "Move all tasks of one person, trash and history included, to another, in one transaction."
    example = """
        move_tasks anna.old@example.com anna@example.com
        move_tasks q1Wz k3mX --json
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser, "source", metavar="SOURCE", help="who has the tasks: email, in any case, or id")
        self.add_person(parser, "target", metavar="TARGET", help="who gets them: email, in any case, or id")

    def handle(self, *, source: str, target: str, as_json: bool, **options: Any) -> None:
        giver, taker = self.person(source), self.person(target)
        if giver == taker:
            raise CommandError(f"Both are {called(giver)}.", returncode=USAGE)
        with self.progress.waiting("Moving"):
            moved = move_tasks(giver.pk, taker.pk, self.actor)
        if not moved:
            self.nothing_to_do(f"{called(giver)} has no tasks.")
        if as_json:
            self.write_json({"source": giver.pk, "target": taker.pk, "moved": moved})
        else:
            self.stdout.write(f"Moved {moved} tasks of {called(giver)} to {called(taker)}.")
