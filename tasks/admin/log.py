"""What operators did, in Django's admin log: one entry for each person that an act was about, without any task text.

An erasure deletes the entries about its person (tasks/user_data.py). The process's log has a line for each, too.
"""

import json
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from accounts.models import User
from tasks.models import Task

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry: what an act did to one person or to their list.

    act: shared by the entries of one act, which may be about several people. revision: what it wrote to the list.
    """

    user_id: str
    text: str
    operator: str
    at: datetime
    act: str = ""
    revision: int | None = None
    tasks: int = 0


def new_act() -> str:
    return uuid.uuid4().hex


def record(request: HttpRequest, user_id: str, text: str, **details: Any) -> None:
    """Record an act on one person. details: `act`, `revision` and `tasks` of a Deed."""
    LogEntry.objects.create(
        user_id=cast(int, request.user.pk),  # Only signed-in staff users come here.
        content_type=ContentType.objects.get_for_model(User),
        object_id=user_id,
        object_repr=f"Person {user_id}",
        action_flag=CHANGE,
        change_message=json.dumps({"text": text, **details}),
    )
    logger.info("Operator %r, user %r: %s %s", request.user.get_username(), user_id, text, details or "")


def deeds_of_act(act: str) -> list[Deed]:
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), change_message__contains=json.dumps({"act": act})[1:-1]
    )
    return [deed for entry in entries.select_related("user").order_by("id") if (deed := deed_of(entry))]


def latest_deeds(number: int) -> list[Deed]:
    """Return the latest entries about people and tasks."""
    types = [ContentType.objects.get_for_model(model) for model in (User, Task)]
    entries = LogEntry.objects.filter(content_type__in=types).select_related("user", "content_type").order_by("-id")
    return [deed for entry in entries[:number] if (deed := deed_of(entry))]


def deed_of(entry: LogEntry) -> Deed | None:
    """Return what an entry says, also one that Django's form of a task wrote."""
    operator, at = entry.user.get_username(), entry.action_time
    if entry.content_type and entry.content_type.model == "task":
        verb = {1: "Added", 2: "Edited"}.get(entry.action_flag, "Changed")
        return Deed("", f"{verb} task {entry.object_id}", operator, at)
    try:
        values = json.loads(entry.change_message)
        return Deed(str(entry.object_id), operator=operator, at=at, **values)
    except (ValueError, TypeError):
        return None


def grouped(deeds: Iterable[Deed]) -> list[list[Deed]]:
    """Group deeds, the latest first, by their act."""
    acts: dict[str, list[Deed]] = {}
    for number, deed in enumerate(deeds):
        acts.setdefault(deed.act or str(number), []).append(deed)
    return list(acts.values())
