"""The tables of tasks: the tasks, each person's list, what changed in it, and the creates that may be retried."""

from tasks.models.change import TaskChange
from tasks.models.idempotency_key import IdempotencyKey
from tasks.models.task import Priority, StaleTaskError, Task, TaskQuerySet
from tasks.models.task_list import TaskList

__all__ = [
    "IdempotencyKey",
    "Priority",
    "StaleTaskError",
    "Task",
    "TaskChange",
    "TaskList",
    "TaskQuerySet",
]
