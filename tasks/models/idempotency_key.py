"""Creates that may be retried: the task that each `Idempotency-Key` of a person made."""

from django.db import models
from django.db.models import DB_CASCADE
from django.db.models.functions import Now

from accounts.models import User
from tasks.models.task import Task


class IdempotencyKey(models.Model):
    """A key, the digest of the body it came with, and the answer it got, kept for 24 hours at least.

    It goes with its task, so that a purged task leaves no text in it.
    """

    pk = models.CompositePrimaryKey("user_id", "key")
    user = models.ForeignKey(User, on_delete=DB_CASCADE, db_index=False, related_name="+")
    key = models.TextField()
    body_digest = models.BinaryField()
    task = models.ForeignKey(Task, on_delete=DB_CASCADE, related_name="+")
    answer = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "task_idempotency_keys"
        indexes = [models.Index("created_at", name="idempotency_key_created_idx")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
