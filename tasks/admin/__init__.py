"""Django admin for tasks, and a user's page with their tasks."""

from tasks.admin.tasks import TaskAdmin
from tasks.admin.users import UserWithTasksAdmin

__all__ = ["TaskAdmin", "UserWithTasksAdmin"]
