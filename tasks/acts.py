"""What one act did: the changes of one revision as one row, because a bulk action changes thousands of tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max

from tasks.models import TaskChange, TaskChangeQuerySet


@dataclass(frozen=True, slots=True)
class Act:
    """kind: as in TaskChange; "changed" if there are several. change: the only change, None if there are several."""

    revision: int
    at: datetime
    actor: str
    source: str
    kind: str
    tasks: int
    change: TaskChange | None


def latest_acts(changes: TaskChangeQuerySet, limit: int) -> list[Act]:
    """Return the latest acts in `changes`, which are those of one user's list."""
    groups = list(
        changes.order_by("-revision")
        .values("revision")
        .annotate(
            number=Count("pk"),
            kinds=Count("kind", distinct=True),
            a_kind=Max("kind"),
            last_at=Max("at"),
            an_actor=Max("actor"),
            a_source=Max("source"),
        )[:limit]
    )
    single = [group["revision"] for group in groups if group["number"] == 1]
    by_revision = {change.revision: change for change in changes.filter(revision__in=single)}
    return [act_of(group, by_revision.get(group["revision"])) for group in groups]


def act_of(group: Mapping[str, Any], change: TaskChange | None) -> Act:
    return Act(
        group["revision"],
        group["last_at"],
        group["an_actor"],
        group["a_source"],
        group["a_kind"] if group["kinds"] == 1 else "changed",
        group["number"],
        change,
    )
