"""Tasks in Django admin. Saving and actions go through the same operations as requests (tasks/operations.py)."""

import json
from itertools import groupby
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from rest_framework.exceptions import APIException

from accounts.admin import BoundedPaginator
from accounts.models import User
from tasks import operations
from tasks.admin.forms import TaskForm
from tasks.admin.history import changes_as_html, stale_message
from tasks.exceptions import OwnerNotFound, PreconditionFailed
from tasks.models import EDITABLE_FIELDS, Task, TaskQuerySet
from tasks.operations import Actor
from tasks.sorting import STATUSES
from tasks.sql.execute import is_retryable, retry_once
from tasks.sql.writes import NEW_FIELDS, BulkAction

BUSY = "The database was busy with other writes of the same tasks. Nothing was changed; try again."


def staff_actor(request: HttpRequest) -> Actor:
    return Actor(request.user.get_username(), "admin")


class NotSavedError(Exception):
    """The write was refused; the message is for the staff user. It rolls back the transaction of the page."""


class StatusFilter(admin.SimpleListFilter):
    """The statuses of the API."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the statuses. Django's own "All" includes the trash; `all` of the API does not, so it is "live" here."""
        return [(status, "live" if status == "all" else status) for status in STATUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        return cast(TaskQuerySet, queryset).of_status(str(self.value())) if self.value() in STATUSES else queryset


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """Finds a task by its id, or a user's tasks by the user's id or email."""

    form = TaskForm
    list_display = ("title", "owner", "completed", "priority", "due_date", "created_at", "updated_at", "deleted_at")
    list_filter = (StatusFilter, "priority")
    list_select_related = ("user",)
    search_fields = ("id", "user")
    search_help_text = "A task's id, or its owner's id or the beginning of their email"
    readonly_fields = ("created_at", "updated_at", "completed_at", "deleted_at", "history")
    autocomplete_fields = ("user",)
    sortable_by = ("created_at",)
    ordering = ("-id",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # They count every row that there is.
    paginator = BoundedPaginator
    actions = ("complete", "reopen", "move_to_trash", "restore")

    @admin.display(description="owner")
    def owner(self, task: Task) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[task.user_id]), task.user)

    @admin.display(description="history")
    def history(self, task: Task) -> str:
        return changes_as_html(task.history.latest_first())

    def get_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("user", *NEW_FIELDS)
        return ("user", *EDITABLE_FIELDS, *self.readonly_fields, "seen_version")

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "user") if obj else self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Refuse changes of a task in the trash: it must be restored first, by the action."""
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Refuse deletion: an action moves tasks to the trash, and `purge_trash` deletes them permanently."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Task], search_term: str
    ) -> tuple[QuerySet[Task], bool]:
        """Search by what an index can find: a substring search would read every user's tasks."""
        term = search_term.strip()
        if not term:
            return queryset, False
        owners = User.objects.filter(Q(id=term) | Q(email__startswith=term.lower())).values_list("id", flat=True)
        found = Q(user_id__in=list(owners[:100]))
        if term.isascii() and term.isdigit() and len(term) < 19:
            found |= Q(id=int(term))
        return queryset.filter(found), False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show or save a task. What the write refuses (a concurrent change, the limit) becomes a message."""
        try:
            return retry_once(lambda: super(TaskAdmin, self).changeform_view(request, *args, **kwargs))
        except NotSavedError as error:
            message = str(error)
        except OperationalError as error:
            if not is_retryable(error):
                raise
            message = BUSY
        self.message_user(request, message, messages.ERROR)
        return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Task, form: "ModelForm[Task]", change: bool) -> None:
        """Create a task as its owner would; of an existing one, write only the fields that were changed."""
        values, actor = form.cleaned_data, staff_actor(request)
        try:
            if not change:
                created = operations.create(obj.user_id, actor, {name: values[name] for name in NEW_FIELDS})
                obj.pk = json.loads(created.json)["id"]
            elif changes := {name: values[name] for name in form.changed_data if name in EDITABLE_FIELDS}:
                operations.change(obj.user_id, obj.pk, actor, changes, [values["seen_version"]])
        except PreconditionFailed as error:  # It changed after it was read for the form.
            raise NotSavedError(stale_message(Task.objects.get(pk=obj.pk), values["seen_version"])) from error
        except OwnerNotFound as error:
            raise NotSavedError("The user does not exist any more. Nothing was saved.") from error
        except APIException as error:
            raise NotSavedError(f"{error.detail} Nothing was saved.") from error

    def log_addition(self, request: HttpRequest, obj: Task, message: Any) -> LogEntry:
        return self.log_without_title(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Task, message: Any) -> LogEntry:
        return self.log_without_title(request, obj, CHANGE, message)

    def log_without_title(self, request: HttpRequest, obj: Task, flag: int, message: Any) -> LogEntry:
        """Log to Django's admin log by id only: it has no retention, so a title would outlive its task there."""
        return LogEntry.objects.create(
            user_id=cast(int, request.user.pk),  # Only signed-in staff users come here.
            content_type=ContentType.objects.get_for_model(Task),
            object_id=str(obj.pk),
            object_repr=f"Task {obj.pk}",
            action_flag=flag,
            change_message=json.dumps(message),
        )

    @admin.action(description="Complete the selected tasks")
    def complete(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        self.change_selected(request, queryset, "complete")

    @admin.action(description="Reopen the selected tasks")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        self.change_selected(request, queryset, "reopen")

    @admin.action(description="Move the selected tasks to the trash")
    def move_to_trash(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        self.change_selected(request, queryset, "trash")

    @admin.action(description="Restore the selected tasks from the trash")
    def restore(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        self.change_selected(request, queryset, "restore")

    def change_selected(self, request: HttpRequest, queryset: QuerySet[Task], action: BulkAction) -> None:
        """Run `action` for one owner at a time, so that nobody's list stays locked while another's is waited for."""
        selected = queryset.order_by("user_id", "id").values_list("user_id", "id")
        changed = 0
        for user_id, rows in groupby(selected, key=lambda row: row[0]):
            try:
                changed += operations.change_selected(user_id, staff_actor(request), action, [row[1] for row in rows])
            except (APIException, OperationalError) as error:
                if isinstance(error, OperationalError) and not is_retryable(error):
                    raise
                reason = error.detail if isinstance(error, APIException) else BUSY
                self.message_user(request, f"Tasks of {user_id}: {reason}", messages.ERROR)
        self.message_user(request, f"{changed} tasks changed.", messages.SUCCESS)
