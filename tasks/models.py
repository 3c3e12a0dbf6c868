"""What a task is, whose it is, and how it changes: the rules that the API, the admin and the shell share."""

from typing import Any, Self

from django.db import models
from django.db.models import DB_CASCADE, F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from accounts.models import User
from tasks.lower_case import LowerCase
from tasks.text import DESCRIPTION_LENGTH, IS_TITLE, TITLE_LENGTH

# The members of a task's JSON, in its order. They are columns: a read takes them as they are.
MEMBERS = ("id", "user_id", "title", "description", "completed", "created_at", "updated_at")

STATUSES = {"all": Q(), "pending": Q(completed=False), "completed": Q(completed=True)}
SORTS: dict[str, tuple[str | Combinable, ...]] = {
    "created": ("-created_at", "-id"),
    "title": (LowerCase("title"), "id"),
}  # The id breaks ties: the order is total.

type TaskJSON = dict[str, Any]


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, in phrases: `Task.objects.owned_by(user_id).listed(status="pending", sort="title")`."""

    def owned_by(self, user_id: str) -> Self:
        """The tasks of one person. This filter is what keeps people apart: it is written nowhere else."""
        return self.filter(user_id=user_id)

    def listed(self, *, status: str = "all", sort: str = "created") -> Self:
        """The tasks of `status` (a key of STATUSES) in the order of `sort` (a key of SORTS)."""
        return self.filter(STATUSES[status]).order_by(*SORTS[sort])

    def as_json(self) -> list[TaskJSON]:
        """The tasks as their JSON, straight from the columns: no model instance, no serializer a row."""
        return [dict(zip(MEMBERS, row, strict=True)) for row in self.values_list(*MEMBERS)]

    def change(self, **changes: Any) -> list[TaskJSON]:
        """Write `changes` to these tasks in one UPDATE … RETURNING and return them as they are after it.

        `updated_at` follows. Only the columns of `changes` are written, so what others change meanwhile stays.
        """
        fields = self.model._meta
        values = [(fields.get_field(name), None, value) for name, value in {**changes, "updated_at": Now()}.items()]
        # Private, as Model.save() uses it: the public update() returns a count only.
        rows = self._update(values, [fields.get_field(name) for name in MEMBERS])  # type: ignore[attr-defined]  # private
        return [dict(zip(MEMBERS, row, strict=True)) for row in rows]

    def erase(self) -> int:
        """Delete these tasks in one statement and return how many there were."""
        return self._raw_delete(self.db)  # Private: delete() wraps the same statement in BEGIN and COMMIT.

    def toggle(self) -> list[TaskJSON]:
        """Complete the pending ones of these tasks and reopen the completed ones, in one statement.

        The database flips the value it holds: reading and writing back lost one of two toggles in the same moment.
        """
        return self.change(completed=~F("completed"))


class Task(models.Model):
    """Something a person has to do."""

    user = models.ForeignKey(User, on_delete=DB_CASCADE, related_name="tasks", db_index=False)
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(max_length=DESCRIPTION_LENGTH, null=True, blank=True)
    completed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "tasks"
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=IS_TITLE,
                name="task_title_is_trimmed",
                violation_error_message="A title must not be empty, nor have white space around it.",
            ),
            models.CheckConstraint(
                condition=Q(description__length__lte=DESCRIPTION_LENGTH),
                name="task_description_length",
                violation_error_message=f"A description has at most {DESCRIPTION_LENGTH} characters.",
            ),
        ]
        indexes = [
            models.Index("user", F("created_at").desc(), F("id").desc(), name="task_created_idx"),
            models.Index("user", LowerCase("title"), "id", name="task_title_idx"),
        ]

    def __str__(self) -> str:
        return self.title

    def as_json(self) -> TaskJSON:
        """The task as its JSON."""
        return {member: getattr(self, member) for member in MEMBERS}
