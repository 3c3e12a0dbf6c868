"""Django admin for tasks, and a person's page with their tasks."""

from tasks.admin.people import PersonAdmin
from tasks.admin.tasks import TaskAdmin

__all__ = ["PersonAdmin", "TaskAdmin"]
