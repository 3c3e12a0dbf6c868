"""One row a person: the counter of their list, which every write of theirs takes first."""

import uuid

from django.db import models
from django.db.models import DB_CASCADE
from django.db.models.functions import UUID4, Now

from accounts.models import User


class TaskList(models.Model):
    """The list of one person. Triggers of the tasks table write it; nobody else does.

    revision: one more for every statement that changed a task of the list, in the order of their commits.
    changed_at: when it came to that revision. A restored backup counts on from an older revision: the same number
    with another moment is another state.
    epoch: random, made with the row, so that a list that begins again is not taken for the old one.
    live, trashed: how many tasks are on the list and in its trash.
    pruned: changes up to this revision are no longer kept.
    """

    user = models.OneToOneField(User, on_delete=DB_CASCADE, primary_key=True, related_name="task_list")
    epoch = models.UUIDField(default=uuid.uuid4, db_default=UUID4(), editable=False)
    revision = models.BigIntegerField(db_default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    live = models.IntegerField(db_default=0, editable=False)
    trashed = models.IntegerField(db_default=0, editable=False)
    pruned = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "task_lists"

    def __str__(self) -> str:
        return f"list of {self.user_id} at revision {self.revision}"
