"""`manage.py person EMAIL_OR_ID`: who this is, in which state, with how many tasks, and what happened last."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.text_table import cell, printable
from tasks.management.task_command import TaskCommand, act_as_json, table_of_acts
from tasks.overview import Overview, overview

ELSEWHERE = "unknown here: Better Auth has a database of its own"


class Command(TaskCommand):
    help = "Say who a person is, whether they are banned, how they sign in, what they have, and what happened last."
    example = """
        person anna@example.com
        person k3mX --json
    """

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_person(parser)

    def handle(self, *, person: str, as_json: bool, **options: Any) -> None:
        found = overview(self.person(person))
        if as_json:
            self.write_json(as_members(found))
            return
        self.stdout.write("\n".join(lines_of(found)))


def as_members(found: Overview) -> dict[str, Any]:
    user = found.user
    return {
        "id": user.pk,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "created_at": user.created_at,
        "state": found.standing.name,
        "state_details": found.standing.details,
        "sessions": found.sessions,
        "providers": found.providers,
        "tasks": found.counts,
        "latest": [act_as_json(act) for act in found.latest],
    }


def lines_of(found: Overview) -> list[str]:
    user, counts, sessions = found.user, found.counts, found.sessions
    verified = "verified" if user.email_verified else "not verified"
    signed_in = ELSEWHERE
    if sessions is not None:
        signed_in = f"{sessions['live']} live sessions" + (
            f", the latest used {cell(sessions['latest'])} UTC" if sessions["latest"] else ""
        )
    state = f"{found.standing.text} {found.standing.details}".strip()
    tasks = f"{counts['pending']} pending ({counts['overdue']} overdue), {counts['completed']} completed"
    lines = [
        f"name       {printable(user.name)}",
        f"email      {printable(user.email)} ({verified})",
        f"id         {printable(user.pk)}",
        f"state      {printable(state)}",
        f"signed up  {cell(user.created_at)} UTC",
        f"sign-in    {signed_in}",
        f"providers  {ELSEWHERE if found.providers is None else ', '.join(found.providers) or 'none'}",
        f"tasks      {tasks}; {counts['trash']} in the trash",
    ]
    return [*lines, "", table_of_acts(found.latest) if found.latest else "There is no change history."]
