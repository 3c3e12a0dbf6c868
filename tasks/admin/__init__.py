"""The operators' pages of tasks, and of people with their tasks."""

from tasks.admin.people import UserWithTasksAdmin
from tasks.admin.tasks import TaskAdmin

__all__ = ["TaskAdmin", "UserWithTasksAdmin"]
