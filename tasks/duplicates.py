"""What is there twice: tasks of a person under one title, and people whose emails differ only in case."""

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Func, Max, Min, TextField
from django.db.models.functions import Lower

from accounts.models import User
from tasks.models import Task


def duplicate_tasks(user_id: str) -> list[dict[str, Any]]:
    """Return the titles that several pending tasks have, compared as the search compares, most frequent first."""
    pending = Task.objects.owned_by(user_id).of_status("pending").order_by()
    same = pending.annotate(key=Func(F("title"), function="fold", output_field=TextField())).values("key")
    found = same.annotate(
        title=Min("title"),
        number=Count("pk"),
        ids=ArrayAgg("pk", order_by="pk"),
        first=Min("created_at"),
        last=Max("created_at"),
    )
    return [{**row} for row in found.filter(number__gt=1).order_by("-number", "title")]


def duplicate_people() -> list[dict[str, Any]]:
    """Return the emails that several people have, but for the case, with their ids, the oldest first."""
    same = User.objects.order_by().annotate(email_key=Lower("email")).values("email_key")
    found = same.annotate(number=Count("pk"), ids=ArrayAgg("pk", order_by=("created_at", "pk")))
    return [{**row, "email": row["email_key"]} for row in found.filter(number__gt=1).order_by("email_key")]
