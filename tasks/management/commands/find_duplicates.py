"""`manage.py find_duplicates [EMAIL_OR_ID]`: tasks of a person with one title, or people with one email."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.text_table import text_table
from tasks.duplicates import duplicate_people, duplicate_tasks
from tasks.management.task_command import TaskCommand

COLUMNS_OF_TASKS = ("title", "number", "ids", "first", "last")
COLUMNS_OF_PEOPLE = ("email", "number", "ids")


class Command(TaskCommand):
    help = (
        "Find pending tasks of a person that have the same title, as a client leaves them that sends a create twice "
        "without Idempotency-Key. Without a person: find people whose emails differ only in case, as a second sign-up "
        "leaves them; move_tasks puts their tasks together. Nothing is changed."
    )
    example = """
        find_duplicates anna@example.com
        find_duplicates --json
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(
            parser, nargs="?", help="the person's email, in any case, or id; without it, look at all people"
        )

    def handle(self, *, person: str | None, as_json: bool, **options: Any) -> None:
        columns: tuple[str, ...]
        with self.progress.waiting("Searching"):
            if person is None:
                columns = COLUMNS_OF_PEOPLE
                rows = duplicate_people()
            else:
                columns = COLUMNS_OF_TASKS
                rows = duplicate_tasks(self.person(person).pk)
        if as_json:
            self.write_json([{name: row[name] for name in columns} for row in rows])
        elif rows:
            self.stdout.write(text_table(columns, ([row[name] for name in columns] for row in rows)))
        if not rows:
            self.nothing_to_do("There are no duplicates.")
