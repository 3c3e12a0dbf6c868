"""Filters of the list of tasks."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin_lists import CreatedFilter, start_of_day
from accounts.models import User
from tasks.models import Task, TaskChange

STATUS_WORDS = {
    "all": "Not in the trash",
    "pending": "Open",
    "overdue": "Overdue",
    "completed": "Completed",
    "deleted": "In the trash",
}


class StatusFilter(admin.SimpleListFilter):
    """The statuses of the API, and `overdue`."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(STATUS_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        return queryset.filter(has_status(str(self.value()))) if self.value() in STATUS_WORDS else queryset


def has_status(status: str) -> Q:
    """Return the condition for a key of STATUS_WORDS. It is in columns, whose statistics the planner has."""
    live = Q(deleted_at__isnull=True)
    conditions = {
        "all": live,
        "pending": live & Q(completed=False),
        "overdue": live & Q(completed=False, due_date__lt=timezone.localdate()),  # in the zone of the page
        "completed": live & Q(completed=True),
        "deleted": Q(deleted_at__isnull=False),
    }
    return conditions[status]


class TaskCreatedFilter(CreatedFilter):
    """Few of a million tasks are of today. No index of tasks finds them, but that of the changes does."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        tasks = super().queryset(request, queryset)
        if self.value() != "today" or settings.HISTORY_DAYS < 2:
            return tasks
        # Every new row is recorded, not before its own time; a moved task is a new row with the time of the old one.
        recorded = TaskChange.objects.filter(at__gte=start_of_day(), kind__in=("created", "moved"))
        return tasks.filter(pk__in=recorded.values("task_id"))


class PersonFilter(admin.SimpleListFilter):
    """One person's tasks. Pages of people lead here; no list could offer all of them."""

    title = "person"
    parameter_name = "person"
    template = "operators/person_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # Django leaves a filter without choices out, and its parameter with it.

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        return queryset.filter(of_people([str(self.value())])) if self.value() else queryset

    def choices(self, changelist: ChangeList) -> Any:
        """Return the way back to everybody's tasks, and whose tasks these are."""
        yield {
            "selected": not self.value(),
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Everybody",
        }
        if self.value():
            person = User.objects.filter(pk=self.value()).first()
            yield {
                "selected": True,
                "query_string": changelist.get_query_string(),
                "display": f"{person.name} ({person.email})" if person else f"Nobody has the id {self.value()}",
            }


def of_people(ids: list[str]) -> Q:
    """Return the condition for tasks of these people, spelled so that both indexes of tasks can find them."""
    return Q(deleted_at__isnull=True, user_id__in=ids) | Q(deleted_at__isnull=False, user_id__in=ids)
