"""Tasks in Django admin. Saving and actions go through the same operations as requests (tasks/operations.py)."""

import json
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from rest_framework.exceptions import APIException

from accounts.admin_links import link_to
from accounts.admin_lists import BoundedChangeList, BoundedPaginator
from accounts.admin_requests import StrictListMixin
from accounts.models import User
from tasks import operations
from tasks.admin.bulk import BUSY, BulkActsMixin, staff_actor
from tasks.admin.filters import STATUS_WORDS, PersonFilter, StatusFilter, TaskCreatedFilter, of_people
from tasks.admin.forms import TaskForm
from tasks.admin.history import HistoryMixin, stale_message
from tasks.exceptions import OwnerNotFound, PreconditionFailed
from tasks.models import EDITABLE_FIELDS, Task, TaskChange, TaskChangeQuerySet
from tasks.sql.execute import is_retryable, retry_once
from tasks.sql.writes import NEW_FIELDS
from tasks.statistics import number_of_tasks

LATEST = (
    20_000  # Titles of so many tasks are searched in 25 ms; of a million it takes 0.8 s, and an index costs writes.
)
MAX_PEOPLE = 20


class NotSavedError(Exception):
    """The write was refused; the message is for the staff user. It rolls back the transaction of the page."""


@admin.register(Task)
class TaskAdmin(BulkActsMixin, HistoryMixin, StrictListMixin):
    """Finds tasks by id, by person and by the words of their titles."""

    form = TaskForm
    list_display = ("title", "status", "owner", "priority", "due_date", "created")
    list_filter = (PersonFilter, StatusFilter, "priority", TaskCreatedFilter)
    known_lookups = ("completed__exact",)  # Bookmarks have it: it was a filter before there was that of the status.
    list_select_related = ("user",)
    list_per_page = 50  # Rendering is most of the time that a list takes.
    list_max_show_all = 0
    search_fields = ("id", "user")
    search_help_text = (
        "A task's id; a person's id, email or part of it; words of a title; or an email and words: "
        "anna@example.com milk. Titles are searched among one person's tasks, or among the latest 20,000."
    )
    readonly_fields = ("status", "created_at", "updated_at", "completed_at", "deleted_at")
    autocomplete_fields = ("user",)
    sortable_by = ("created",)
    ordering = ("-id",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # They count every row that there is.
    paginator = BoundedPaginator
    change_form_template = "operators/task_form.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def total(self, request: HttpRequest) -> int:
        return number_of_tasks()

    def changes_of(self, obj: Task) -> tuple[str, int | None, TaskChangeQuerySet]:
        return obj.user_id, obj.pk, TaskChange.objects.filter(task_list_id=obj.user_id, task_id=obj.pk)

    @admin.display(description="status")
    def status(self, task: Task) -> str:
        name, word = status_of(task)
        return format_html('<span class="status {}">{}</span>', name, word)

    @admin.display(description="person")
    def owner(self, task: Task) -> str:
        link = link_to("accounts_user_change", task.user_id)
        name, email = task.user.name or task.user.email, task.user.email
        return format_html('<a href="{}">{}</a> <span class="email">{}</span>', link, name, email)

    @admin.display(description="created", ordering="id")
    def created(self, task: Task) -> datetime:
        """Sorted by id, which is the same order and has an index: by its own column it took 1.2 s at a million."""
        return task.created_at

    def get_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("user", *NEW_FIELDS)
        return ("user", "status", *EDITABLE_FIELDS, *self.readonly_fields[1:], "seen_version")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer to restore a task in the trash to whoever may."""
        task = kwargs.get("obj")
        context["is_trashed"] = task is not None and task.deleted_at is not None
        context["can_restore"] = super().has_change_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

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
        """Search by what an index can find; titles among the tasks of one person, or among the latest."""
        return search(queryset, search_term.strip(), within_person="person" in request.GET), False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show or save a task. What the write refuses (a concurrent change, the limit) becomes a message.

        Raises BadRequest for a person whom no page offers: Django's field would ask PostgreSQL for the id as it is.
        """
        if "\0" in request.POST.get("user", ""):
            raise BadRequest("There is a NUL character in the person's id.")
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


def status_of(task: Task) -> tuple[str, str]:
    """Return the status of a task, as a name and in words."""
    if task.deleted_at:
        return "deleted", STATUS_WORDS["deleted"]
    if task.completed:
        return "completed", STATUS_WORDS["completed"]
    is_overdue = task.due_date is not None and task.due_date < timezone.localdate()
    return ("overdue", STATUS_WORDS["overdue"]) if is_overdue else ("pending", STATUS_WORDS["pending"])


def search(tasks: QuerySet[Task], term: str, *, within_person: bool) -> QuerySet[Task]:
    """Return the tasks that a search term is about, as the help text below the field says."""
    if not term:
        return tasks
    if within_person:
        return tasks.filter(is_task(term) | Q(pk__in=titled(tasks, term).values("pk")))
    first, _, words = term.partition(" ")
    if "@" in first and words.strip():
        return titled(tasks.filter(of_people(people(first))), words.strip())
    oldest = Task.objects.order_by("-id").values_list("pk", flat=True)[LATEST : LATEST + 1].first() or 0
    # Three queries, because of the three conditions in one the planner reads every task.
    found = {
        *Task.objects.filter(is_task(term)).values_list("pk", flat=True),
        *Task.objects.filter(of_people(people(term))).order_by().values_list("pk", flat=True)[:LATEST],
        *titled(Task.objects.filter(pk__gt=oldest), term).order_by().values_list("pk", flat=True),
    }
    return tasks.filter(pk__in=found)


def is_task(term: str) -> Q:
    is_id = term.isascii() and term.isdigit() and len(term) < 19
    return Q(pk=int(term)) if is_id else Q(pk__in=[])


def people(term: str) -> list[str]:
    """Return the ids of the people with this id, or with this text in their email or name."""
    found = User.objects.filter(Q(id=term) | Q(email__icontains=term) | Q(name__icontains=term)).order_by()
    return list(found.values_list("id", flat=True)[:MAX_PEOPLE])


def titled(tasks: QuerySet[Task], words: str) -> QuerySet[Task]:
    """Return the tasks with all these words in their title, in any spelling of upper and lower case."""
    folded = Func(F("title"), function="fold", output_field=TextField())
    for word in words.split()[:10]:
        if word.isascii():  # fold() takes ten times as long.
            tasks = tasks.filter(title__icontains=word)
        else:
            as_folded = Func(Value(word), function="fold", output_field=TextField())
            tasks = tasks.alias(folded=folded).filter(folded__contains=as_folded)
    return tasks
