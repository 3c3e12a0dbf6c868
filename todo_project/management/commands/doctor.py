"""`manage.py doctor`: whether this installation works, line by line, each with its remedy."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.support_command import SupportCommand
from accounts.text_table import printable
from todo_project.doctor import Finding, examine


class Command(SupportCommand):
    help = (
        "Examine settings, database, migrations, triggers, Better Auth's tables and keys, clocks and CORS, and try a "
        "token. It changes nothing and prints no secret. Exit status 1 if something fails."
    )
    example = """
        doctor
        doctor --frontend https://app.example.com
        doctor --json
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--frontend", metavar="ORIGIN", help="where your frontend is (default: the origin of BETTER_AUTH_URL)"
        )

    def handle(self, *, frontend: str | None, as_json: bool, **options: Any) -> None:
        found = []
        for finding in examine(frontend):
            found.append(finding)
            if not as_json:
                self.write_finding(finding)
        if as_json:
            self.write_json([asdict(finding) for finding in found])
        failures = sum(finding.level == "failure" for finding in found)
        if failures:
            raise CommandError(f"{failures} of {len(found)} answers are failures.")

    def write_finding(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "warning": self.style.WARNING, "failure": self.style.ERROR}[finding.level]
        self.stdout.write(f"{style(f'{finding.level:<8}')} {finding.subject:<20} {printable(finding.text)}")
        if finding.remedy:
            self.stdout.write(f"{'':<8} {'':<20} → {printable(finding.remedy)}")
