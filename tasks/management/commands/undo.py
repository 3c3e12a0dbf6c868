"""`manage.py undo EMAIL_OR_ID REVISION`: undo what one act did, exactly, unless something newer stands there."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import called
from tasks.management.task_command import TaskCommand
from tasks.models import TaskChange
from tasks.undo import UndoRefusedError, undo_change, undo_revision


class Command(TaskCommand):
    help = (
        "Undo a revision of a person's list, as `task_history` shows it, or what it did to one task. All of it is "
        "undone or nothing. The undo is recorded, and can be undone itself."
    )
    example = """
        undo anna@example.com 41
        undo anna@example.com 41 --task 7
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser)
        parser.add_argument("revision", metavar="REVISION", type=int, help="the revision, as task_history shows it")
        parser.add_argument("--task", type=int, help="undo only what it did to the task with this id")

    def handle(self, *, person: str, revision: int, task: int | None, as_json: bool, **options: Any) -> None:
        user = self.person(person)
        of_task = {} if task is None else {"task_id": task}
        if not TaskChange.objects.of_user(user.pk).filter(revision=revision, **of_task).exists():
            what = "" if task is None else f" of task {task}"
            self.nothing_to_do(
                f"Revision {revision}{what} is not in the history of person {user.pk}: see task_history."
            )
        try:
            if task is None:
                undone = undo_revision(user.pk, revision, self.actor)
            else:
                undone = undo_change(user.pk, revision, task, self.actor)
        except UndoRefusedError as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.write_json({"user_id": user.pk, **asdict(undone)})
        else:
            self.stdout.write(
                f"Undid revision {revision} of {called(user)}: {undone.tasks} tasks. "
                f"To undo the undo: undo {user.pk} {undone.revision}"
            )
