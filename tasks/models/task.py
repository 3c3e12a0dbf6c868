"""What a task is and which tasks are meant, in phrases that the API, the admin and the shell share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import DB_CASCADE, Q
from django.db.models.functions import Now

from accounts.models import User
from tasks.list_order import SORTS, STATUSES, status_of
from tasks.models.task_list import TaskList
from tasks.text import DESCRIPTION_LENGTH, IS_TITLE, MOST_TAGS, TAG_LENGTH, TITLE_LENGTH, AreTags

if TYPE_CHECKING:
    from tasks.models.change import TaskChangeQuerySet

SET_BY_TRIGGERS = ("version", "updated_at", "completed_at")


class Priority(models.TextChoices):
    """How much a task matters."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, in phrases: `Task.objects.owned_by(user_id).listed(status="pending", sort="title")`."""

    def owned_by(self, user_id: str) -> Self:
        """The tasks of one person. This filter is what keeps people apart: no row is read without it."""
        return self.filter(user_id=user_id)

    def live(self) -> Self:
        """The tasks that are not in the trash."""
        return self.filter(deleted_at__isnull=True)

    def of_status(self, status: str) -> Self:
        """The tasks of `status`, a key of STATUSES."""
        return self.alias(list_status=status_of(0)).filter(list_status__in=STATUSES[status])

    def listed(self, *, status: str = "all", sort: str = "created", order: str | None = None) -> Self:
        """The tasks of `status` in the order of `sort`, a key of SORTS: `asc`, `desc`, or as people expect it."""
        by, is_descending = SORTS[sort], (order or SORTS[sort].order) == "desc"
        return self.of_status(status).order_by(by.ordering(is_descending), "-id" if is_descending else "id")

    @contextmanager
    def lists_taken(self) -> Iterator[None]:
        """Take the lists of the tasks' owners before the tasks, and in one order: so it deadlocks with no request."""
        with transaction.atomic(using=self.db):
            owners = self.order_by().values("user_id")
            list(TaskList.objects.filter(user__in=owners).order_by("user_id").select_for_update().values_list("pk"))
            yield

    def update(self, **changes: Any) -> int:
        """As Django's, beside people at work."""
        with self.lists_taken():
            return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's, for good and past the trash, beside people at work."""
        with self.lists_taken():
            return super().delete()

    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates
    delete.queryset_only = True  # type: ignore[attr-defined]  # and for managers


class StaleTaskError(Exception):
    """Somebody wrote the task since it was read here. Nothing was written; read it anew."""


class Task(models.Model):
    """Something a person has to do. `version` and the moments are set by triggers (tasks/triggers.py)."""

    user = models.ForeignKey(User, on_delete=DB_CASCADE, related_name="tasks", db_index=False)
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(max_length=DESCRIPTION_LENGTH, null=True, blank=True)
    completed = models.BooleanField(default=False, db_default=False)
    due_date = models.DateField(null=True, blank=True)
    priority = models.TextField(choices=Priority, default=Priority.NONE, db_default=Priority.NONE)
    tags = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    version = models.BigIntegerField(db_default=1, editable=False)

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
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="task_priority_is_known"),
            models.CheckConstraint(
                condition=Q(AreTags("tags")),
                name="task_tags_are_distinct",
                violation_error_message=f"At most {MOST_TAGS} distinct, trimmed tags of 1 to {TAG_LENGTH} characters.",
            ),
        ]
        indexes = [
            *(
                models.Index("user", status_of(by.first), by.expression, "id", name=f"task_list_{name}_idx")
                for name, by in SORTS.items()
            ),
            models.Index("user", "deleted_at", "id", name="task_trash_idx", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, **options: Any) -> None:
        """As Django's, which writes every column: refused where somebody changed the task since it was read.

        Raises StaleTaskError.
        """
        if self._state.adding:
            super().save(**options)
            return
        this = Task.objects.filter(pk=self.pk)
        with this.lists_taken():
            if this.values_list("version", flat=True).first() not in {self.version, None}:
                raise StaleTaskError(f"Task {self.pk} has changed since it was read. Nothing was written.")
            super().save(**options)
            self.refresh_from_db(fields=SET_BY_TRIGGERS)

    save.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates

    def delete(self, *options: Any, **named: Any) -> tuple[int, dict[str, int]]:
        """As Django's, for good and past the trash, beside people at work."""
        with Task.objects.filter(pk=self.pk).lists_taken():
            return super().delete(*options, **named)

    delete.alters_data = True  # type: ignore[attr-defined]

    @property
    def history(self) -> "TaskChangeQuerySet":
        """What happened to this task, from its creation on."""
        from tasks.models.change import TaskChange  # it wants the list, which wants nothing of this module

        return TaskChange.objects.of_task(self.user_id, self.pk)
