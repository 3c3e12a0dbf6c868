"""`manage.py seed_demo --users N --tasks N`: people and tasks to try the API, the admin and the commands with."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import USAGE, Stopwatch
from tasks import demo
from tasks.management.task_command import TaskCommand

MAX_USERS, MAX_PER_USER = 1_000_000, 99_999


class Command(TaskCommand):
    help = (
        "Create people called demo-0000001 and so on, with tasks, a trash and a history. The triggers write versions, "
        "counters and history, as for everybody's tasks. With --remove, delete them again."
    )
    example = """
        seed_demo --users 20 --tasks 1000
        seed_demo --users 20000 --tasks 1000000
        seed_demo --remove
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=20, help="how many people (default: %(default)s)")
        parser.add_argument("--tasks", type=int, default=1000, help="how many tasks in all (default: %(default)s)")
        parser.add_argument("--remove", action="store_true", help="delete the people of an earlier run")
        parser.add_argument(
            "--production", action="store_true", help="also in the database of DATABASE_URL, if this is what you want"
        )

    def handle(self, *, users: int, tasks: int, remove: bool, production: bool, as_json: bool, **options: Any) -> None:
        if not (settings.IS_DEVELOPMENT or production):
            name = settings.DATABASES["default"]["NAME"]
            raise CommandError(f"This is the database {name!r} of DATABASE_URL: say --production if you mean it.")
        existing = demo.demo_users()
        if remove:
            self.remove(existing, as_json=as_json)
            return
        limit = min(settings.TASKS_PER_USER_LIMIT, MAX_PER_USER)
        if not 1 <= users <= MAX_USERS or not 0 <= tasks <= users * limit:
            raise CommandError(
                f"--users must be from 1 to {MAX_USERS:,}, with at most {limit:,} --tasks each.", returncode=USAGE
            )
        if existing:
            raise CommandError(f"There are {existing:,} people of an earlier run: first seed_demo --remove.")
        self.seed(users, tasks, as_json=as_json)

    def seed(self, users: int, tasks: int, *, as_json: bool) -> None:
        watch, progress = Stopwatch(tasks), self.progress
        for done in demo.seed(users, tasks, self.actor):
            progress.show(watch.text(done, "tasks"))
        progress.end()
        first = demo.user_id(1)
        if as_json:
            self.write_json({"users": users, "tasks": tasks, "first_user": first})
        else:
            self.stdout.write(
                f"Created {users:,} people with {tasks:,} tasks. The first is {first}: "
                f"python manage.py issue_token {first}"
            )

    def remove(self, existing: int, *, as_json: bool) -> None:
        if not existing:
            self.nothing_to_do("There are no people of an earlier run.")
        watch, progress, done = Stopwatch(existing), self.progress, 0
        for done in demo.remove():
            progress.show(watch.text(done, "people"))
        progress.end()
        if as_json:
            self.write_json({"removed": done})
        else:
            self.stdout.write(f"Deleted {done:,} people and their tasks.")
