"""`manage.py serving_role NAME`: grant a role what the API needs, and nothing else."""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, connection, transaction

from todo_project.database import require_database
from todo_project.serving_role import grants, row_security


class Command(BaseCommand):
    help = (
        "Grant an existing PostgreSQL role what the API needs, and revoke everything else. Run it as the role that "
        "migrates, after each migrate. docs/least-privileges.md explains it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="the role in the DATABASE_URL of the instances that serve")
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument(
            "--row-security",
            action="store_true",
            default=None,
            help="Switch row-level security on. First set DATABASE_ROW_SECURITY=true in all instances.",
        )
        switch.add_argument("--no-row-security", action="store_false", dest="row_security", help="Switch it off.")
        parser.add_argument("--dry-run", action="store_true", help="Print the statements, and run none.")

    def handle(self, *, role: str, row_security: bool | None, dry_run: bool, **options: Any) -> None:
        require_database()
        statements = list(chain(grants(role), () if row_security is None else switched(row_security)))
        with connection.cursor() as cursor:
            texts = [statement.as_string(cursor.connection) for statement in statements]
        if dry_run:
            self.stdout.write("".join(f"{text};\n" for text in texts))
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for text in texts:
                    cursor.execute(text)
        except ProgrammingError as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(f"{reason}. Nothing was changed. Run this as the role that owns the tables.") from error
        self.stdout.write(f"The role {role} may serve the API. {STATES[row_security]}")


STATES = {
    None: "Row-level security is as it was.",
    True: "Row-level security is on: serve with DATABASE_ROW_SECURITY=true.",
    False: "Row-level security is off.",
}


def switched(on: bool) -> Any:
    return row_security(on=on)
