"""Retention: permanently delete expired trash, change history and idempotency keys, in batches.

Each batch is a transaction of its own, so that users can go on writing in the meantime.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest, Now

from tasks.models import IdempotencyKey, Task, TaskChange, TaskChangeQuerySet, TaskList, TaskQuerySet
from tasks.operations import Actor

BATCH = 1000
KEY_AGE = timedelta(hours=24)


def expired_trash(age: timedelta) -> TaskQuerySet:
    return Task.objects.filter(deleted_at__lt=Now() - age)


def expired_changes(age: timedelta) -> TaskChangeQuerySet:
    return TaskChange.objects.filter(at__lt=Now() - age)


def expired_keys() -> "QuerySet[IdempotencyKey]":
    return IdempotencyKey.objects.filter(created_at__lt=Now() - KEY_AGE)


def purge_trash(age: timedelta, actor: Actor) -> Iterator[int]:
    """Delete tasks that have been in the trash for longer than `age`; yields the number in each batch."""
    owner: str | None = ""
    while (
        owner := expired_trash(age)
        .filter(user_id__gt=owner)
        .order_by("user_id")
        .values_list("user_id", flat=True)
        .first()
    ):
        while deleted := purge_trash_of(owner, age, actor):
            yield deleted


@transaction.atomic
def purge_trash_of(owner: str, age: timedelta, actor: Actor) -> int:
    """Delete one batch of a user's expired trash. Returns how many tasks there were."""
    TaskList.objects.select_for_update().filter(pk=owner).first()
    with connection.cursor() as cursor:  # For the triggers, which write the history.
        cursor.execute(
            "SELECT set_config('todo.actor', %s, true), set_config('todo.source', %s, true)", [actor.name, actor.source]
        )
    oldest = expired_trash(age).owned_by(owner).order_by("deleted_at", "id").values_list("pk", flat=True)[:BATCH]
    # Ask again for the age: somebody may have restored a task in the meantime.
    return expired_trash(age).filter(pk__in=list(oldest)).delete()[0]


def expire_changes(age: timedelta) -> Iterator[int]:
    """Delete change history older than `age`; yields the number of each batch."""
    while deleted := expire_batch_of_changes(age):
        yield deleted


@transaction.atomic
def expire_batch_of_changes(age: timedelta) -> int:
    rows = list(expired_changes(age).order_by("pk").values_list("pk", "task_list_id")[:BATCH])
    expired = TaskChange.objects.filter(pk__in=[pk for pk, _ in rows])
    lists = TaskList.objects.filter(pk__in={owner for _, owner in rows})
    list(lists.order_by("pk").select_for_update().values_list("pk"))
    latest = expired.filter(task_list=OuterRef("pk")).order_by("-revision").values("revision")[:1]
    lists.update(expired_revision=Greatest("expired_revision", Subquery(latest)))
    return expired.delete()[0]


def expire_keys() -> Iterator[int]:
    """Delete expired idempotency keys; yields the number of each batch."""
    while deleted := expired_keys().filter(pk__in=expired_keys().values("pk")[:BATCH]).delete()[0]:
        yield deleted
