"""`manage.py export_person EMAIL_OR_ID`: write everything that is stored about a person to a file, as the API does."""

import os
import re
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import called, operator_name
from tasks import user_data
from tasks.management.task_command import TaskCommand


class Command(TaskCommand):
    help = "Write everything that is stored about a person to a JSON file that only you can read."
    example = """
        export_person anna@example.com
        export_person k3mX --output anna.json
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser)
        parser.add_argument(
            "--output", metavar="FILE", type=Path, help="a file that does not exist yet (default: todo-export-ID.json)"
        )

    def handle(self, *, person: str, output: Path | None, as_json: bool, **options: Any) -> None:
        user = self.person(person)
        path = output or Path(f"todo-export-{re.sub(r'[^A-Za-z0-9_-]', '_', user.pk)}.json")
        try:
            # Readable for its owner alone from the first byte on.
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}. Name another file with --output.") from error
        with (
            os.fdopen(opened, "wb") as file,
            self.progress.waiting("Exporting"),
            user_data.export(user.pk) as exported,
        ):
            copyfileobj(exported, file)
            size = file.tell()
        user_data.logger.info("The data of user %r was exported for support by %s.", user.pk, operator_name())
        if as_json:
            self.write_json({"user_id": user.pk, "file": str(path), "bytes": size})
        else:
            self.stdout.write(f"Wrote the data of {called(user)} to {path}, {size:,} bytes.")
