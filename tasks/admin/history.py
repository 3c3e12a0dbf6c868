"""The change history, as operators read it: one line for each act, in words, with its undo."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User as Operator
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import Count, F, Max, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

from accounts.admin_links import link_to
from accounts.models import User
from tasks.admin import log
from tasks.admin.bulk import counted, reason_of, undo_and_record
from tasks.models import Task, TaskChange, TaskChangeQuerySet
from tasks.undo import UNDOABLE, UndoRefusedError, undone_revision

MAX_CHANGES = 50
PER_PAGE = 30  # Revisions.
TASKS_PER_REVISION = 5  # Of an act on many tasks, so many are shown.

VERBS = {
    "created": "created",
    "changed": "changed",
    "deleted": "moved to the trash",
    "restored": "restored from the trash",
    "purged": "deleted for good",
    "moved": "moved here from another person",
}
SOURCES = {"api": "in the app", "admin": "in the admin", "support": "with manage.py", "database": "in the database"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changed something. link: their page, if they are a person who has one."""

    name: str
    email: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """What a revision did to one task. fields: name, before, after, in words."""

    task_id: int
    title: str
    verb: str
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """What one act did to a list. undid: the revision that it has undone."""

    revision: int
    at: datetime
    actor: Actor
    source: str
    summary: str
    can_be_undone: bool
    undid: int | None = None
    tasks: list[TaskLine] = field(default_factory=list)
    others: int = 0


def revision_lines(changes: TaskChangeQuerySet, before: int | None = None) -> list[RevisionLine]:
    """Return the latest revisions of `changes`, which are one user's; `before`: of those before this revision."""
    if before is not None:
        changes = changes.filter(revision__lt=before)
    groups: list[Any] = list(
        changes.order_by("-revision")
        .values("revision")
        .annotate(number=Count("pk"), kinds=ArrayAgg("kind", distinct=True), at=Max("at"))[:PER_PAGE]
    )
    # Of an act on 10,000 tasks, only the first few are read into memory.
    position = Window(RowNumber(), partition_by=F("revision"), order_by=F("task_id"))
    shown = changes.filter(revision__in=[group["revision"] for group in groups]).annotate(position=position)
    rows: dict[int, list[TaskChange]] = {}
    for change in shown.filter(position__lte=TASKS_PER_REVISION).order_by("-revision", "task_id"):
        rows.setdefault(change.revision, []).append(change)
    flat = [change for group in rows.values() for change in group]
    actors = actors_of(flat)
    titles = Task.objects.filter(id__in={change.task_id for change in flat}).values_list("id", "title")
    return [revision_line(group, rows[group["revision"]], actors, dict(titles)) for group in groups]


def revision_line(
    group: dict[str, Any], changes: list[TaskChange], actors: dict[tuple[str, str], Actor], titles: dict[int, str]
) -> RevisionLine:
    first, number = changes[0], group["number"]
    verb = verb_of(first) if len(group["kinds"]) == 1 and len({verb_of(item) for item in changes}) == 1 else "changed"
    return RevisionLine(
        first.revision,
        group["at"],
        actors[first.source, first.actor],
        SOURCES.get(first.source, first.source),
        f"{counted(number, 'task')} {verb}",
        can_be_undone=UNDOABLE.issuperset(group["kinds"]),
        undid=undone_revision(first),
        tasks=[
            TaskLine(item.task_id, titles.get(item.task_id, ""), verb_of(item), list(fields_in_words(item)))
            for item in changes
        ],
        others=number - len(changes),
    )


def verb_of(change: TaskChange) -> str:
    after = change.after or {}
    if change.kind == "changed" and after.keys() == {"completed"}:
        return "completed" if after["completed"] else "reopened"
    return VERBS.get(change.kind, change.kind)


def fields_in_words(change: TaskChange) -> Iterable[tuple[str, str, str]]:
    before, after = change.before or {}, change.after or {}
    for name in sorted(after.keys() - {"deleted_at"}):
        yield name.replace("_", " "), in_words(before.get(name)), in_words(after[name])


def in_words(value: Any) -> str:
    match value:
        case None | "" | []:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(f"“{tag}”" for tag in value)
    return str(value)


def actors_of(changes: Iterable[TaskChange]) -> dict[tuple[str, str], Actor]:
    """Return who the actors of changes are, by source and recorded name, with two queries."""
    recorded = {(change.source, change.actor): actor_name(change) for change in changes}
    people = User.objects.in_bulk({name for (source, _), name in recorded.items() if source == "api"})
    names = {name for (source, _), name in recorded.items() if source == "admin"}
    operators = {operator.get_username(): operator for operator in Operator.objects.filter(username__in=names)}
    found = {}
    for key, name in recorded.items():
        if person := people.get(name):
            link = link_to("accounts_user_change", person.pk)
            found[key] = Actor(person.name or person.email or name, person.email, link)
        elif operator := operators.get(name):
            found[key] = Actor(operator.get_full_name() or name, operator.email)
        else:
            found[key] = Actor(key[1])
    return found


def actor_name(change: TaskChange) -> str:
    """Return the name of an actor without what the history adds to it."""
    name = change.actor
    if undone_revision(change) is not None:
        name = name.rpartition(", undo of revision ")[0]
    return name.partition(", as by ")[0] if change.source == "api" else name


def one_line(change: TaskChange) -> str:
    """Return a change as one sentence, for messages."""
    fields = "; ".join(f"{name}: {before} → {after}" for name, before, after in fields_in_words(change))
    at = date_format(timezone.localtime(change.at), "H:i:s")
    return f"{at} {verb_of(change)} by {change.actor} ({change.source}){' ' if fields else ''}{fields}"


def stale_message(task: Task, seen_version: int | None) -> str:
    """Return what happened to `task` since a staff user opened its page at `seen_version`."""
    number = min(max(1, task.version - (seen_version or 0)), MAX_CHANGES)
    changes = "; ".join(one_line(change) for change in task.history.latest_first()[:number])
    return f"The task has changed since you opened this page: {changes}. Nothing was saved. Reload the page."


class HistoryMixin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """Django's History button leads to the change history, and from there acts are undone.

    changes_of: returns whose list an object is about, which task of it (None: all), and the changes.
    """

    changes_of: Callable[[Any], tuple[str, int | None, TaskChangeQuerySet]]

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_undo"
        undo = path("<path:object_id>/undo/", self.admin_site.admin_view(self.undo_view), name=name)
        return [undo, *super().get_urls()]

    def object_for(self, request: HttpRequest, object_id: str) -> Any:
        """Return the object. Raises Http404, PermissionDenied."""
        # First, so that nobody learns which objects exist who may not see them.
        if not self.has_view_permission(request):
            raise PermissionDenied
        if (obj := self.get_object(request, unquote(object_id))) is None:
            raise Http404
        if not request.user.has_perm("tasks.view_taskchange"):
            raise PermissionDenied
        return obj

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.object_for(request, object_id)
        user_id, task_id, changes = self.changes_of(obj)
        try:
            before = int(request.GET.get("before", ""))
        except ValueError:
            before = None
        lines = revision_lines(changes, before)
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "subtitle": str(obj),
            "object": obj,
            "opts": self.opts,
            "lines": lines,
            "task_id": task_id,
            "person": User.objects.filter(pk=user_id).first(),
            "can_undo": request.user.has_perm("tasks.change_task"),
            "older": f"?{urlencode({'before': lines[-1].revision})}" if len(lines) == PER_PAGE else "",
            "undo_url": link_to(f"{self.opts.app_label}_{self.opts.model_name}_undo", obj.pk),
        }
        return TemplateResponse(request, "operators/history.html", context)

    def undo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Undo one revision: of a person's list all of it, of a task what it did to the task."""
        obj = self.object_for(request, object_id)
        if not request.user.has_perm("tasks.change_task"):
            raise PermissionDenied
        revision = request.POST.get("revision", "")
        if request.method != "POST" or not (revision.isascii() and revision.isdigit() and len(revision) < 19):
            raise Http404
        user_id, task_id, _ = self.changes_of(obj)
        try:
            told = undo_and_record(request, user_id, int(revision), act=log.new_act(), task_id=task_id)
            self.message_user(request, told, messages.SUCCESS)
        except (UndoRefusedError, OperationalError) as error:
            self.message_user(request, reason_of(error), messages.ERROR)
        return HttpResponseRedirect(link_to(f"{self.opts.app_label}_{self.opts.model_name}_history", obj.pk))
