"""`manage.py stats`: how many people and tasks there are, and what happened on the latest days."""

from dataclasses import asdict
from typing import Any

from accounts.text_table import text_table
from tasks.management.task_command import TaskCommand
from tasks.statistics import Statistics, count_everything

SHOWN_DAYS = 7


class Command(TaskCommand):
    help = "Count people and tasks, and what happened on the latest days (in UTC). It reads whole tables."
    example = """
        stats
        stats --json
    """

    def handle(self, *, as_json: bool, **options: Any) -> None:
        found = count_everything()
        if as_json:
            self.write_json(asdict(found))
            return
        self.stdout.write(counts(found))
        days = ((day.date, day.sign_ups, day.created, day.completed) for day in found.days[-SHOWN_DAYS:])
        self.stdout.write(text_table(("day", "sign-ups", "created", "completed"), days))


def counts(found: Statistics) -> str:
    return (
        f"people     {found.people:,}\n"
        f"tasks      {found.tasks:,}: {found.open:,} open ({found.overdue:,} overdue), {found.completed:,} completed\n"
        f"trash      {found.trash:,}\n"
    )
