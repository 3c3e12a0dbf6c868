"""Tasks, for operators. What is saved or acted on goes through the same methods as a request (tasks/writes.py)."""

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

from accounts.models import User
from accounts.pagination import BoundedPaginator
from tasks import writes
from tasks.admin.forms import MEMBERS, TaskForm
from tasks.admin.history import as_list, changed_since
from tasks.exceptions import PreconditionFailed
from tasks.list_order import STATUSES
from tasks.models import Task, TaskQuerySet

BUSY = "The database was busy with others who wrote the same tasks. Nothing was changed: try again."


def operator(request: HttpRequest) -> writes.Writer:
    """The signed-in operator, for the record of changes."""
    return writes.Writer(request.user.get_username(), "admin")


class RefusedError(Exception):
    """What an operator asked for was not done, and why; for the operator. It ends the transaction of the page."""


class StatusFilter(admin.SimpleListFilter):
    """The same statuses as in the API."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every status. Django offers "All" itself, the trash included: `all` of the API is the live ones."""
        return [(status, "live" if status == "all" else status) for status in STATUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        """The tasks of the chosen status; where none is chosen, those in the trash too."""
        return cast(TaskQuerySet, queryset).of_status(str(self.value())) if self.value() in STATUSES else queryset


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """Finds a task by its id, or a person's tasks by the person's id or email."""

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
    actions = ("complete", "reopen", "put_into_trash", "restore")

    @admin.display(description="owner")
    def owner(self, task: Task) -> str:
        """A link to the owner's page."""
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[task.user_id]), task.user)

    @admin.display(description="history")
    def history(self, task: Task) -> str:
        """What happened to the task, the latest first."""
        return as_list(task.history.latest_first())

    def get_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        """A new task has no history yet, and is completed later."""
        if obj is None:
            return ("user", *MEMBERS)
        return ("user", *MEMBERS, "completed", *self.readonly_fields, "seen_version")

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        """A task keeps its owner."""
        return (*self.readonly_fields, "user") if obj else self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Not of a task in the trash: it is restored first, by the action."""
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """Never: tasks go into the trash by an action, and leave it for good by `purge_trash`."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Task], search_term: str
    ) -> tuple[QuerySet[Task], bool]:
        """Rows that indexes find: a substring search would read every person's tasks."""
        term = search_term.strip()
        if not term:
            return queryset, False
        owners = User.objects.filter(Q(id=term) | Q(email__startswith=term.lower())).values_list("id", flat=True)
        found = Q(user_id__in=list(owners[:100]))
        if term.isascii() and term.isdigit() and len(term) < 19:
            found |= Q(id=int(term))
        return queryset.filter(found), False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of a task. What the write itself refuses (a change in this moment, the limit) is a message."""
        try:
            return writes.tried_again(lambda: super(TaskAdmin, self).changeform_view(request, *args, **kwargs))
        except RefusedError as error:
            told = str(error)
        except OperationalError as error:
            if not writes.is_worth_another_try(error):
                raise
            told = BUSY
        self.message_user(request, told, messages.ERROR)
        return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Task, form: "ModelForm[Task]", change: bool) -> None:
        """A new task is created as by its owner; of a changed one only the changed members are written."""
        said = form.cleaned_data
        try:
            if not change:
                members = {name: said[name] for name in MEMBERS}
                written = writes.create(obj.user_id, operator(request), **members)
                if written is None:
                    raise RefusedError("The person is no longer there. Nothing was saved.")
                obj.pk = json.loads(written.json)["id"]
            elif changes := {name: said[name] for name in form.changed_data if name in writes.COLUMNS}:
                writes.change(obj.user_id, obj.pk, operator(request), changes, [said["seen_version"]])
        except PreconditionFailed as error:  # Between reading the row for the form and writing it.
            raise RefusedError(changed_since(Task.objects.get(pk=obj.pk), said["seen_version"])) from error
        except APIException as error:
            raise RefusedError(f"{error.detail} Nothing was saved.") from error

    def log_addition(self, request: HttpRequest, obj: Task, message: Any) -> LogEntry:
        """In Django's own log by id alone: it is never purged, and a title would outlive its task there."""
        return self.logged(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Task, message: Any) -> LogEntry:
        """The same."""
        return self.logged(request, obj, CHANGE, message)

    def logged(self, request: HttpRequest, obj: Task, flag: int, message: Any) -> LogEntry:
        """Django's log has one entry more."""
        return LogEntry.objects.create(
            user_id=cast(int, request.user.pk),  # nobody else comes here
            content_type=ContentType.objects.get_for_model(Task),
            object_id=str(obj.pk),
            object_repr=f"Task {obj.pk}",
            action_flag=flag,
            change_message=json.dumps(message),
        )

    @admin.action(description="Complete the selected tasks")
    def complete(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Complete those that are pending."""
        self.act(request, queryset, "complete")

    @admin.action(description="Reopen the selected tasks")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Reopen those that are completed."""
        self.act(request, queryset, "reopen")

    @admin.action(description="Put the selected tasks into the trash")
    def put_into_trash(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Trash those that are live."""
        self.act(request, queryset, "trash")

    @admin.action(description="Restore the selected tasks from the trash")
    def restore(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Restore those that are in the trash."""
        self.act(request, queryset, "restore")

    def act(self, request: HttpRequest, queryset: QuerySet[Task], what: str) -> None:
        """Do `what` to the tasks, an owner at a time, so that nobody's list is held while another's is waited for."""
        chosen = queryset.order_by("user_id", "id").values_list("user_id", "id")
        done = 0
        for user_id, rows in groupby(chosen, key=lambda row: row[0]):
            try:
                done += writes.change_selected(user_id, operator(request), what, [row[1] for row in rows])
            except (APIException, OperationalError) as error:
                if isinstance(error, OperationalError) and not writes.is_worth_another_try(error):
                    raise
                told = error.detail if isinstance(error, APIException) else BUSY
                self.message_user(request, f"Tasks of {user_id}: {told}", messages.ERROR)
        self.message_user(request, f"{done} tasks changed.", messages.SUCCESS)
