"""Acts on many tasks: bounded, confirmed with their true number, recorded for each person, and undoable."""

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from rest_framework.exceptions import APIException

from accounts.models import User
from tasks import operations
from tasks.admin import log
from tasks.admin.filters import has_status
from tasks.models import Task, TaskList
from tasks.operations import Actor
from tasks.sql.execute import is_retryable, retry_once
from tasks.sql.writes import BulkAction
from tasks.undo import UndoRefusedError, undo

# What a person can check before, and undo after. 92,246 tasks were once changed by one click, in a minute.
MAX_TASKS = 1000
BUSY = "The database was busy with other writes of the same tasks. Nothing was changed; try again."


@dataclass(frozen=True, slots=True)
class BulkAct:
    """action: of operations.change_selected. status: which tasks it changes, a status of the API."""

    action: BulkAction
    title: str
    done: str
    status: str


BULK_ACTS = {
    "complete": BulkAct("complete", "Complete", "Completed", "pending"),
    "reopen": BulkAct("reopen", "Reopen", "Reopened", "completed"),
    "move_to_trash": BulkAct("trash", "Move to the trash:", "Moved to the trash", "all"),
    "restore": BulkAct("restore", "Restore from the trash:", "Restored from the trash", "deleted"),
}


def staff_actor(request: HttpRequest) -> Actor:
    return Actor(request.user.get_username(), "admin")


class BulkActsMixin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """The actions of the list of tasks. Each leads to a page that asks; only its answer writes."""

    actions = tuple(BULK_ACTS)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("acts/", wrap(self.act_view), name="tasks_task_act"),
            path("acts/<str:act>/", wrap(self.done_view), name="tasks_task_act_done"),
            *super().get_urls(),
        ]

    @admin.action(description="Complete the selected tasks", permissions=["change"])
    def complete(self, request: HttpRequest, queryset: QuerySet[Task]) -> HttpResponse | None:
        return self.ask(request, "complete", queryset)

    @admin.action(description="Reopen the selected tasks", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Task]) -> HttpResponse | None:
        return self.ask(request, "reopen", queryset)

    @admin.action(description="Move the selected tasks to the trash", permissions=["change"])
    def move_to_trash(self, request: HttpRequest, queryset: QuerySet[Task]) -> HttpResponse | None:
        return self.ask(request, "move_to_trash", queryset)

    @admin.action(description="Restore the selected tasks from the trash", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Task]) -> HttpResponse | None:
        return self.ask(request, "restore", queryset)

    def ask(self, request: HttpRequest, name: str, queryset: QuerySet[Task]) -> HttpResponse | None:
        """Say how many tasks of how many people an act would change, and ask for confirmation."""
        selected = list(queryset.order_by().values_list("id", flat=True)[: MAX_TASKS + 1])
        if len(selected) > MAX_TASKS:
            self.message_user(
                request,
                f"More than {MAX_TASKS:,} tasks are selected, and an act changes at most so many. Nothing was changed. "
                "Narrow the list down by a person or a filter.",
                messages.ERROR,
            )
            return None
        act = BULK_ACTS[name]
        rows = Task.objects.filter(has_status(act.status), id__in=selected).values_list("id", "user_id")
        changing = dict(rows)
        people = User.objects.in_bulk(list(set(changing.values()))[:10])
        context = {
            **self.admin_site.each_context(request),
            "title": f"{act.title} {counted(len(changing), 'task')} of "
            f"{counted(len(set(changing.values())), 'person', 'people')}?",
            "opts": self.opts,
            "act": act,
            "name": name,
            "selected": len(selected),
            "changing": len(changing),
            "ids": ",".join(map(str, sorted(changing))),
            "people": people.values(),
            "other_people": len(set(changing.values())) - len(people),
        }
        return TemplateResponse(request, "operators/confirm_act.html", context)

    def act_view(self, request: HttpRequest) -> HttpResponse:
        """Do what was confirmed, to the tasks that the question counted and to no others."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        act, ids = BULK_ACTS.get(request.POST.get("act", "")), parsed_ids(request.POST.get("ids", ""))
        if request.method != "POST" or act is None or not 0 < len(ids) <= MAX_TASKS:
            raise Http404
        number = log.new_act()
        selected = Task.objects.filter(id__in=ids).order_by("user_id", "id").values_list("user_id", "id")
        for user_id, rows in groupby(selected, key=lambda row: row[0]):
            try:  # One person at a time: nobody's list stays locked for that of another.
                retry_once(partial(do_and_record, request, number, act, user_id, [row[1] for row in rows]))
            except (APIException, OperationalError) as error:
                self.message_user(request, f"Tasks of {user_id}: {reason_of(error)}", messages.ERROR)
        return self.show(request, number)

    def done_view(self, request: HttpRequest, act: str) -> HttpResponse:
        """Show what an act did; with POST, undo all of it that can still be undone."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        deeds = log.deeds_of_act(act)
        if not deeds:
            raise Http404
        if request.method == "POST":
            return self.undo_act(request, deeds)
        people = User.objects.in_bulk([deed.user_id for deed in deeds])
        context = {
            **self.admin_site.each_context(request),
            "title": f"{counted(sum(deed.tasks for deed in deeds), 'task')} of "
            f"{counted(len(deeds), 'person', 'people')} changed",
            "opts": self.opts,
            "rows": [(deed, people.get(deed.user_id)) for deed in deeds],
            "deed": deeds[0],
        }
        return TemplateResponse(request, "operators/done_act.html", context)

    def undo_act(self, request: HttpRequest, deeds: list[log.Deed]) -> HttpResponse:
        number = log.new_act()
        for deed in deeds:
            if deed.revision is None:
                continue
            try:
                undone = undo_and_record(request, deed.user_id, deed.revision, act=number)
            except (UndoRefusedError, OperationalError) as error:
                self.message_user(request, f"Tasks of {deed.user_id}: {reason_of(error)}", messages.ERROR)
            else:
                self.message_user(request, f"Tasks of {deed.user_id}: {undone}", messages.SUCCESS)
        return self.show(request, number)

    def show(self, request: HttpRequest, act: str) -> HttpResponse:
        """Lead to what an act did, or back to the list if it changed nothing."""
        if log.deeds_of_act(act):
            return HttpResponseRedirect(reverse("admin:tasks_task_act_done", args=[act]))
        self.message_user(request, "No task was changed.", messages.WARNING)
        return HttpResponseRedirect(reverse("admin:tasks_task_changelist"))


@transaction.atomic
def do_and_record(request: HttpRequest, number: str, act: BulkAct, user_id: str, ids: list[int]) -> None:
    """Do an act to tasks of one person. Raises APIException, OperationalError."""
    changed = operations.change_selected(user_id, staff_actor(request), act.action, ids)
    if changed:  # The list is locked until the commit, so its revision is the one of this act.
        text = f"{act.done}: {counted(changed, 'task')}"
        log.record(request, user_id, text, act=number, revision=revision_of(user_id), tasks=changed)


def undo_and_record(request: HttpRequest, user_id: str, revision: int, *, act: str, task_id: int | None = None) -> str:
    """Undo a revision and record it; returns what happened, for the operator. Raises UndoRefusedError."""
    undone = undo(user_id, revision, staff_actor(request), None if task_id is None else [task_id])
    text = f"Undid revision {revision}: {counted(undone.tasks, 'task')}"
    log.record(request, user_id, text, revision=undone.revision, tasks=undone.tasks, act=act)
    return f"{text}."


def revision_of(user_id: str) -> int:
    return TaskList.objects.values_list("revision", flat=True).get(pk=user_id)


def reason_of(error: Exception) -> str:
    """Return why nothing was written. Raises the error again if it is none that an operator can do something about."""
    if isinstance(error, OperationalError):
        if not is_retryable(error):
            raise error
        return BUSY
    return str(getattr(error, "detail", error))


def parsed_ids(text: str) -> list[int]:
    parts = text.split(",") if text else []
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]


def counted(number: int, word: str, plural: str = "") -> str:
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
