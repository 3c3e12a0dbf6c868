"""`manage.py move_tasks SOURCE TARGET`: give all tasks of one user to another, for example after a second sign-up."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tasks.exceptions import OwnerNotFound
from tasks.moves import move_tasks
from tasks.operations import Actor


class Command(BaseCommand):
    help = "Move all tasks of user SOURCE, trash and history included, to user TARGET, in one transaction."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="the id of the user who has the tasks")
        parser.add_argument("target", metavar="TARGET", help="the id of the user who gets them")

    def handle(self, *, source: str, target: str, **options: Any) -> None:
        try:
            moved = move_tasks(source, target, Actor(getpass.getuser(), "support"))
        except OwnerNotFound as error:
            raise CommandError(f"There is no user {target!r} here.") from error
        self.stdout.write(f"Moved {moved} tasks of {source} to {target}.")
