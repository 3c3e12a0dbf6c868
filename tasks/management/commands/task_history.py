"""`manage.py task_history EMAIL_OR_ID [TASK]`: what changed, from what to what, when, and by whom."""

from typing import Any

from django.core.management.base import CommandParser

from tasks.acts import latest_acts
from tasks.management.task_command import TaskCommand, act_as_json, table_of_acts
from tasks.models import TaskChange

MAX_ACTS = 100_000


class Command(TaskCommand):
    help = (
        "Show the change history of a person, or of one of their tasks, the newest change first. One line is what one "
        "act did; `undo` takes its revision."
    )
    example = """
        task_history anna@example.com
        task_history anna@example.com 7
        task_history k3mX --limit 200 --json
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser)
        parser.add_argument("task", metavar="TASK", type=int, nargs="?", help="the id of one task")
        parser.add_argument("--limit", type=int, default=50, help="how many acts to show (default: %(default)s)")

    def handle(self, *, person: str, task: int | None, limit: int, as_json: bool, **options: Any) -> None:
        user = self.person(person)
        changes = TaskChange.objects.of_user(user.pk) if task is None else TaskChange.objects.of_task(user.pk, task)
        found = latest_acts(changes, max(1, min(limit, MAX_ACTS)))
        if not found:
            whose = f"person {user.pk}" if task is None else f"task {task} of person {user.pk}"
            self.nothing_to_do(f"There is no history of {whose}. HISTORY_DAYS says how long it is kept.")
        if as_json:
            self.write_json([act_as_json(act) for act in found])
        else:
            self.stdout.write(table_of_acts(found))
