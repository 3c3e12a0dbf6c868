"""A user's page, with their tasks and their latest changes."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.admin import UserAdmin
from accounts.models import User
from tasks.admin.history import changes_as_html
from tasks.models import TaskChange

admin.site.unregister(User)


@admin.register(User)
class UserWithTasksAdmin(UserAdmin):
    """The page of accounts/admin.py, which knows nothing about tasks, with what this app adds."""

    readonly_fields = ("tasks_of_user", "latest_changes")

    @admin.display(description="tasks")
    def tasks_of_user(self, user: User) -> str:
        url = f"{reverse('admin:tasks_task_changelist')}?{urlencode({'q': user.pk})}"
        return format_html('<a href="{}">Show this user\'s tasks</a>', url)

    @admin.display(description="latest changes")
    def latest_changes(self, user: User) -> str:
        return changes_as_html(TaskChange.objects.of_user(user.pk).latest_first())
