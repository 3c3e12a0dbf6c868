"""A person's page: how they stand, what they have, how they sign in, and what an operator can do about it."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode

from accounts.admin import UserAdmin
from accounts.admin_links import link_to
from accounts.models import Account, Session, User
from accounts.standing import in_words, standings_of
from accounts.users import as_utc
from tasks.admin import log
from tasks.admin.errands import ERRANDS, Errand
from tasks.admin.filters import STATUS_WORDS, has_status, of_people
from tasks.admin.history import HistoryMixin, revision_lines
from tasks.models import Task, TaskChange, TaskChangeQuerySet, TaskList

PERMISSIONS = {"tasks_of_person": "tasks.view_task", "latest_acts": "tasks.view_taskchange"}
SHOWN = 5  # Latest acts on the page of a person.

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(HistoryMixin, UserAdmin):
    """The page of accounts/admin.py, which knows nothing about tasks, with what this app adds."""

    change_form_template = "operators/person.html"
    fieldsets = (
        (None, {"fields": ("name", "email", "id", "standing", "signed_up", "last_activity")}),
        ("Tasks", {"fields": ("tasks_of_person", "latest_acts")}),
        ("Signing in", {"fields": ("email_verified", "role", "providers", "sessions")}),
    )
    readonly_fields = (
        "standing",
        "signed_up",
        "last_activity",
        "tasks_of_person",
        "latest_acts",
        "providers",
        "sessions",
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the parts that have pages of their own, which this operator may not view."""
        hidden = {name for name, permission in PERMISSIONS.items() if not request.user.has_perm(permission)}
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name not in hidden)})
            for title, options in self.fieldsets
        ]

    def get_urls(self) -> list[Any]:
        errand = path(
            "<path:object_id>/errands/<str:name>/",
            self.admin_site.admin_view(self.errand_view),
            name="accounts_user_errand",
        )
        return [errand, *super().get_urls()]

    def changes_of(self, obj: User) -> tuple[str, int | None, TaskChangeQuerySet]:
        return obj.pk, None, TaskChange.objects.of_user(obj.pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        person = kwargs["obj"]
        context["errands"] = [
            (name, errand) for name, errand in ERRANDS.items() if may(request, errand) and errand.applies(person)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="state")
    def standing(self, user: User) -> str:
        standing = standings_of([user])[user.pk]
        return format_html('<span class="status {}">{}</span> {}', standing.name, standing.text, standing.details)

    @admin.display(description="signed up")
    def signed_up(self, user: User) -> Any:
        return in_words(user.created_at)

    @admin.display(description="last activity", empty_value="None is recorded")
    def last_activity(self, user: User) -> Any:
        """Of the list and of the sessions, the later one. A list that nobody has written to has none."""
        list_changed = TaskList.objects.filter(pk=user.pk, revision__gt=0).values_list("changed_at", flat=True).first()
        session = Session.objects.filter(user=user).order_by("-updated_at").values_list("updated_at", flat=True).first()
        latest = max((as_utc(at) for at in (list_changed, session) if at), default=None)
        return in_words(latest) if latest else None

    @admin.display(description="tasks")
    def tasks_of_person(self, user: User) -> str:
        counts = Task.objects.filter(of_people([user.pk])).aggregate(
            **{name: Count("pk", filter=has_status(name)) for name in STATUS_WORDS}
        )
        words = {
            "all": "tasks",
            "pending": "open",
            "overdue": "overdue",
            "completed": "completed",
            "deleted": "in the trash",
        }
        url = reverse("admin:tasks_task_changelist")
        return format_html_join(
            ", ",
            '<a href="{}?{}">{} {}</a>',
            (
                (url, urlencode({"person": user.pk, "status": name}), f"{counts[name]:,}", word)
                for name, word in words.items()
            ),
        )

    @admin.display(description="latest acts")
    def latest_acts(self, user: User) -> str:
        lines = revision_lines(TaskChange.objects.of_user(user.pk))[:SHOWN]
        url = link_to("accounts_user_history", user.pk)
        return render_to_string("operators/latest_acts.html", {"lines": lines, "history": url})

    @admin.display(description="linked providers")
    def providers(self, user: User) -> str:
        names = Account.objects.filter(user=user).order_by("provider_id").values_list("provider_id", flat=True)
        words = [("password" if name == "credential" else name,) for name in names]
        return format_html_join(", ", "{}", words) or nothing_here()

    @admin.display(description="sessions")
    def sessions(self, user: User) -> str:
        """List the sessions without their tokens, which are credentials."""
        rows = Session.objects.filter(user=user).order_by("-updated_at").defer("token")[:20]
        return (
            render_to_string("operators/sessions.html", {"sessions": rows, "now": timezone.now()})
            if rows
            else nothing_here()
        )

    def errand_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """Ask for an errand, and do it. Raises Http404, PermissionDenied."""
        errand = ERRANDS.get(name)
        if errand is None:
            raise Http404
        # First, so that nobody learns which people exist who may not see them.
        if not may(request, errand) or not self.has_view_permission(request):
            raise PermissionDenied
        if (person := self.get_object(request, unquote(object_id))) is None:
            raise Http404
        back = link_to("accounts_user_change", person.pk)
        if not errand.applies(person):
            self.message_user(request, f"“{errand.title}” does not apply to this person now.", messages.ERROR)
            return HttpResponseRedirect(back)
        form = errand.form(request.POST or None, user=person)
        if request.method == "POST" and form.is_valid():
            done = errand.run(request, person, form.cleaned_data)
            if not isinstance(done, str):
                return done
            log.record(request, person.pk, done)
            self.message_user(request, f"{person.name or person.pk}: {done}.", messages.SUCCESS)
            return HttpResponseRedirect(
                back if User.objects.filter(pk=person.pk).exists() else reverse("admin:accounts_user_changelist")
            )
        context = {
            **self.admin_site.each_context(request),
            "title": f"{errand.title}: {person.name or person.email}",
            "opts": self.opts,
            "person": person,
            "errand": errand,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "operators/errand.html", context)


def may(request: HttpRequest, errand: Errand) -> bool:
    return request.user.has_perm(f"accounts.{errand.permission}")


def nothing_here() -> str:
    """Say why there is none: the tables may be in another database."""
    return "None" if settings.BETTER_AUTH_SHARED_DATABASE else "Not known here: Better Auth has a database of its own"
