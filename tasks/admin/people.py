"""A person's page, for operators, with what the tasks app knows of them."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.admin import UserAdmin
from accounts.models import User
from tasks.admin.history import as_list
from tasks.models import TaskChange

admin.site.unregister(User)


@admin.register(User)
class UserWithTasksAdmin(UserAdmin):
    """A person's page, with a link to their tasks and what happened to them lately."""

    readonly_fields = ("tasks_of_user", "latest_changes")

    @admin.display(description="tasks")
    def tasks_of_user(self, user: User) -> str:
        """A link to the list of this person's tasks."""
        address = f"{reverse('admin:tasks_task_changelist')}?{urlencode({'q': user.pk})}"
        return format_html('<a href="{}">Show this person\'s tasks</a>', address)

    @admin.display(description="latest changes")
    def latest_changes(self, user: User) -> str:
        """The latest changes of this person's list, the newest first."""
        return as_list(TaskChange.objects.of_user(user.pk).latest_first())
