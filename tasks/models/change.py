"""What happened to tasks: history for people, the feed for clients and the tombstones, in one append-only table."""

from typing import Any, Self

from django.db import models
from django.db.models import DB_CASCADE

from tasks.models.task_list import TaskList


class TaskChangeQuerySet(models.QuerySet["TaskChange"]):
    """Changes, in phrases: `TaskChange.objects.of_user(user_id).latest_first()[:20]`."""

    def of_user(self, user_id: str) -> Self:
        """The changes of one person's list."""
        return self.filter(task_list_id=user_id)

    def of_task(self, user_id: str, task_id: int) -> Self:
        """What happened to one task, from its creation on."""
        return self.filter(task_list_id=user_id, task_id=task_id).order_by("revision")

    def latest_first(self) -> Self:
        """The newest before the oldest."""
        return self.order_by("-revision", "-task_id")


class TaskChange(models.Model):
    """One task in one statement that changed it. Triggers of the tasks table write it; nobody else does.

    before, after: the members that changed, and from what to what; empty where a task was created or purged.
    actor, door: who, and through which door: the API's user, an operator by name, support.
    """

    task_list = models.ForeignKey(
        TaskList, on_delete=DB_CASCADE, db_column="user_id", related_name="changes", db_index=False
    )
    revision = models.BigIntegerField()
    task_id = models.BigIntegerField()
    kind = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()
    actor = models.TextField()
    door = models.TextField()

    objects = TaskChangeQuerySet.as_manager()

    class Meta:
        db_table = "task_changes"
        constraints = [
            models.UniqueConstraint(fields=["task_list", "revision", "task_id"], name="task_change_revision_key")
        ]
        indexes = [models.Index("task_list", "task_id", "revision", name="task_change_task_idx")]

    def __str__(self) -> str:
        moment = f"{self.at:%Y-%m-%d %H:%M:%S}"
        return " ".join([moment, f"task {self.task_id} {self.kind} by {self.actor} ({self.door})", *self.members()])

    def members(self) -> list[str]:
        """Each member that changed, from what to what, for people."""
        before: dict[str, Any] = self.before or {}
        after: dict[str, Any] = self.after or {}
        return [f"{name}: {before.get(name)!r} → {after.get(name)!r}" for name in after]
