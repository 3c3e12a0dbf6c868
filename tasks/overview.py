"""What support wants to know first about a person: who, in which state, what they have and what they did last."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.db.models.functions import Now

from accounts.models import Account, Session, User
from accounts.standing import Standing, standings_of
from tasks.acts import Act, latest_acts
from tasks.models import Task, TaskChange

LATEST = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """counts: tasks by state, and those that are overdue. latest: what was done last, the newest first.

    sessions, providers: None if Better Auth has them in another database.
    """

    user: User
    standing: Standing
    counts: dict[str, int]
    sessions: dict[str, Any] | None
    providers: list[str] | None
    latest: list[Act]


def overview(user: User) -> Overview:
    is_shared = settings.BETTER_AUTH_SHARED_DATABASE
    return Overview(
        user,
        standings_of([user])[user.pk],
        counts_of(user.pk),
        sessions_of(user) if is_shared else None,
        providers_of(user) if is_shared else None,
        latest_acts(TaskChange.objects.of_user(user.pk), LATEST),
    )


def counts_of(user_id: str) -> dict[str, int]:
    live = Q(deleted_at__isnull=True)
    pending = live & Q(completed=False)
    return dict(
        Task.objects.owned_by(user_id).aggregate(
            pending=Count("pk", filter=pending),
            overdue=Count("pk", filter=pending & Q(due_date__lt=datetime.now(UTC).date())),
            completed=Count("pk", filter=live & Q(completed=True)),
            trash=Count("pk", filter=~live),
        )
    )


def sessions_of(user: User) -> dict[str, Any]:
    """Return how many sessions live, and when one was used last. Their tokens are credentials, and are not read."""
    sessions = Session.objects.filter(user=user)
    return sessions.aggregate(
        live=Count("pk", filter=Q(expires_at__gt=Now())), latest=Max("updated_at"), expires=Max("expires_at")
    )


def providers_of(user: User) -> list[str]:
    return sorted(Account.objects.filter(user=user).values_list("provider_id", flat=True))
