"""The tables of tasks: tasks, the state of each user's list, the change history, and idempotency keys."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import DB_CASCADE, F, Func, Q
from django.db.models.functions import UUID4, Now

from accounts.models import User
from tasks.constraints import DESCRIPTION_LENGTH, TAG_LENGTH, TASK_CONSTRAINTS, TITLE_LENGTH, Priority, is_blank

SET_BY_TRIGGERS = ("version", "updated_at", "completed_at")
LIVE, TRASHED = Q(deleted_at__isnull=True), Q(deleted_at__isnull=False)
# What STATUSES in tasks/sorting.py is for SQL.
STATUS_FILTERS = {
    "all": LIVE,
    "pending": LIVE & Q(completed=False),
    "completed": LIVE & Q(completed=True),
    "deleted": TRASHED,
}
# What the order by title compares, as in tasks/sorting.py.
FOLDED_TITLE = Func(F("title"), output_field=models.TextField(), template='fold(%(expressions)s) COLLATE "C"')
# What the sort orders and the filters of a page compare. An index with these columns answers without the table.
COMPARED = ("updated_at", "due_date", "priority", "title")


class StaleTaskError(Exception):
    """The task has changed since this instance was read. Nothing was written; read it again."""


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, in phrases: `Task.objects.owned_by(user_id).live()`."""

    def owned_by(self, user_id: str) -> Self:
        """Return one user's tasks: what `own` in tasks/sql/fragments.py is for SQL."""
        return self.filter(user_id=user_id)

    def live(self) -> Self:
        """Return the tasks that are not in the trash (not soft-deleted)."""
        return self.filter(LIVE)

    def of_status(self, status: str) -> Self:
        """Return the tasks of `status`, a key of STATUS_FILTERS."""
        return self.filter(STATUS_FILTERS[status])

    @contextmanager
    def locked_lists(self) -> Iterator[None]:
        """Lock the lists of the tasks' owners, ordered by owner, in a transaction.

        Every writer locks lists before tasks, so that no two of them deadlock.
        """
        with transaction.atomic(using=self.db):
            owners = self.order_by().values("user_id")
            list(TaskList.objects.filter(user__in=owners).order_by("user_id").select_for_update().values_list("pk"))
            yield

    def update(self, **changes: Any) -> int:
        with self.locked_lists():
            return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete permanently, without the trash."""
        with self.locked_lists():
            return super().delete()

    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates
    delete.queryset_only = True  # type: ignore[attr-defined]  # and for managers


class Task(models.Model):
    """One task. Its fields are declared in the order of the JSON; triggers set the fields that are not editable.

    The JSON, the SQL of reads and writes, the serializers and the admin form are derived from these fields.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User,
        on_delete=DB_CASCADE,
        related_name="tasks",
        db_index=False,
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(max_length=DESCRIPTION_LENGTH, null=True, blank=True)
    completed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    due_date = models.DateField(null=True, blank=True)
    priority = models.TextField(choices=Priority, default=Priority.NONE.value, db_default=Priority.NONE.value)
    tags = ArrayField(models.TextField(max_length=TAG_LENGTH), default=list, db_default=[], blank=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    version = models.BigIntegerField(db_default=1, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "tasks"
        ordering = ("-created_at", "-id")
        constraints = TASK_CONSTRAINTS
        # Every index is written with every version of a task, so there is one for each half of the table
        # (docs/decisions/0023-cheaper-writes.md). The second has the oldest trash of a user first, for retention and
        # for the limit of the trash.
        indexes = [
            models.Index(
                fields=("user", "completed", "created_at", "id"), include=COMPARED, condition=LIVE, name="task_live_idx"
            ),
            models.Index(
                fields=("user", "deleted_at", "id"),
                include=("created_at", *COMPARED),
                condition=TRASHED,
                name="task_trashed_idx",
            ),
            models.Index("user", "completed", FOLDED_TITLE, "id", condition=LIVE, name="task_title_idx"),
        ]

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        """Return which task it is and its state, without its text: it can get into a log."""
        state = "in the trash" if self.deleted_at else "completed" if self.completed else "pending"
        return f"<Task {self.pk} of {self.user_id}: {state}>"

    def save(self, **options: Any) -> None:
        """Save, unless the task has changed since it was read: Django writes every column. Raises StaleTaskError."""
        if self._state.adding:
            super().save(**options)
            return
        saved = Task.objects.filter(pk=self.pk)
        with saved.locked_lists():
            if saved.values_list("version", flat=True).first() not in {self.version, None}:
                raise StaleTaskError(f"Task {self.pk} has changed since it was read. Nothing was written.")
            super().save(**options)
            self.refresh_from_db(fields=SET_BY_TRIGGERS)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete permanently, without the trash."""
        with Task.objects.filter(pk=self.pk).locked_lists():
            return super().delete(*args, **options)

    save.alters_data = delete.alters_data = True  # type: ignore[attr-defined]  # Django's mark for templates

    def clean(self) -> None:
        """Refuse a title of which nothing can be seen, in forms as in the API."""
        if self.title and is_blank(self.title):
            raise ValidationError({"title": "A title must not be blank."})

    @property
    def history(self) -> "TaskChangeQuerySet":
        return TaskChange.objects.of_task(self.user_id, self.pk)


# What users may write, in POST (without `completed`), PUT and PATCH.
EDITABLE_FIELDS = tuple(
    field.name
    for field in Task._meta.concrete_fields
    if field.editable and not field.primary_key and not field.is_relation
)
# What null means in a body.
FIELD_DEFAULTS: dict[str, Any] = {
    field.name: field.get_default() for field in Task._meta.concrete_fields if field.name in EDITABLE_FIELDS
}


class TaskList(models.Model):
    """The state of one user's list: every user has one row. Triggers write it, and each write of tasks locks it first.

    revision: one more for every statement that changed a task of the list, in commit order.
    changed_at: when the revision was reached. After a restored backup the same revision has another timestamp.
    epoch: random; tells a list that started again (erased user) from the old one.
    live_count, trash_count: how many tasks are on the list and in the trash.
    expired_revision: changes up to this revision may have been deleted by retention.
    """

    user = models.OneToOneField(User, on_delete=DB_CASCADE, primary_key=True, related_name="task_list")
    epoch = models.UUIDField(default=uuid.uuid4, db_default=UUID4(), editable=False)
    revision = models.BigIntegerField(db_default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    live_count = models.IntegerField(db_default=0, editable=False)
    trash_count = models.IntegerField(db_default=0, editable=False)
    expired_revision = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "task_lists"

    def __str__(self) -> str:
        return f"list of {self.user_id} at revision {self.revision}"


class TaskChangeQuerySet(models.QuerySet["TaskChange"]):
    """Changes, in phrases: `TaskChange.objects.of_user(user_id).latest_first()[:20]`."""

    def of_user(self, user_id: str) -> Self:
        return self.filter(task_list_id=user_id)

    def of_task(self, user_id: str, task_id: int) -> Self:
        """Return the changes of one task, the oldest first."""
        return self.filter(task_list_id=user_id, task_id=task_id).order_by("revision")

    def latest_first(self) -> Self:
        return self.order_by("-revision", "-task_id")


class TaskChange(models.Model):
    """The change history: one row for each task that a statement changed. Only triggers write it.

    kind: created, changed, deleted (moved to the trash), restored, purged, or moved (from another user).
    before, after: the changed fields and their values; null if the task was created or purged.
    actor: the user's id, a staff user's name, or the database role. source: api, admin, support or database.
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
    source = models.TextField()

    objects = TaskChangeQuerySet.as_manager()

    class Meta:
        db_table = "task_changes"
        constraints = [
            models.UniqueConstraint(fields=["task_list", "revision", "task_id"], name="task_change_revision_key")
        ]
        indexes = [
            models.Index("task_list", "task_id", "revision", name="task_change_task_idx"),
            BrinIndex(fields=["at"], name="task_change_at_idx"),  # For the days of the dashboard; 0.2 % of a B-tree.
        ]

    def __repr__(self) -> str:
        """Return what it is about, without the text of a task: it can get into a log."""
        of = f"task {self.task_id} of {self.task_list_id}"
        return f"<TaskChange {self.revision}: {of} {self.kind} by {self.actor} ({self.source})>"

    def __str__(self) -> str:
        before: dict[str, Any] = self.before or {}
        after: dict[str, Any] = self.after or {}
        fields = [f"{name}: {before.get(name)!r} → {value!r}" for name, value in after.items()]
        return " ".join(
            [f"{self.at:%Y-%m-%d %H:%M:%S} task {self.task_id} {self.kind} by {self.actor} ({self.source})", *fields]
        )


class IdempotencyKey(models.Model):
    """An `Idempotency-Key`: the hash of the request body and the response body, kept for at least 24 hours.

    It is deleted with its task, so that no text of a purged task remains.
    """

    pk = models.CompositePrimaryKey("user_id", "key")
    user = models.ForeignKey(User, on_delete=DB_CASCADE, db_index=False, related_name="+")
    key = models.TextField()
    body_hash = models.BinaryField()
    task = models.ForeignKey(Task, on_delete=DB_CASCADE, related_name="+")
    response_body = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "task_idempotency_keys"
        indexes = [models.Index("created_at", name="idempotency_key_created_idx")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
