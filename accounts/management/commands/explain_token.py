"""`manage.py explain_token TOKEN`: why a token is accepted or refused, and what to change where."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.tokens.diagnose import Explanation, explain


class Command(BaseCommand):
    """Exits with status 1 if the token is refused. Prints no secret."""

    help = "Explain why TOKEN is accepted or refused: its kind, what it says, each check, and what to change."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "token", metavar="TOKEN", help="the token, or the whole Authorization header; - reads it from stdin"
        )

    def handle(self, *, token: str, **options: Any) -> None:
        text = sys.stdin.read() if token == "-" else token  # noqa: S105  Standard input, not a password.
        explanation = explain(text)
        self.stdout.write(self.lines(explanation))
        if not explanation.is_accepted:
            raise CommandError(f"Refused: a request with this token is answered {explanation.status}.")
        self.stdout.write(self.style.SUCCESS("Accepted."))

    def lines(self, explanation: Explanation) -> str:
        lines = [f"This is {explanation.kind}."]
        for name, members in (("Header", explanation.header), ("Claims", explanation.claims)):
            if members is not None:
                lines += [f"{name}:", *(f"  {key}: {json.dumps(value)}" for key, value in members.items())]
        lines += ["Checks:"]
        for finding in explanation.findings:
            if finding.wrong is None:
                lines += [f"  ok   {finding.check}"]
            else:
                lines += [f"  NO   {finding.check}: {finding.wrong}", f"       {finding.remedy}"]
        return "\n".join(lines)
