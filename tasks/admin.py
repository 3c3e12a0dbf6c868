"""Tasks, for operators. What is saved goes through the same methods as a request."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.admin import UserAdmin
from accounts.models import User
from accounts.pagination import BoundedPaginator
from tasks.models import Task


class DescriptionField(forms.CharField):
    """Text as it was sent: browsers turn every line break into two characters, and an empty field is none."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        """The text with its own line breaks; None where it is empty."""
        return (value or "").replace("\r\n", "\n") or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text is another, line breaks apart."""
        return self.to_python(initial) != self.to_python(data)


class TaskForm(ModelForm):  # type: ignore[type-arg]  # ModelForm[…] fails at run time
    """The fields an operator may change.

    The page carries what it showed of each, beside what was typed: compared with the row as it is at the save, a
    box left alone would undo what the owner ticked meanwhile.
    """

    description = DescriptionField(required=False, strip=False)

    class Meta:
        model = Task
        fields = ("user", "title", "description", "completed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"title", "description", "completed"} & set(self.fields):
            self.fields[name].show_hidden_initial = True


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """Finds a task by its id, or a person's tasks by the person's id or email."""

    form = TaskForm
    list_display = ("title", "owner", "completed", "created_at", "updated_at")
    list_filter = ("completed",)
    list_select_related = ("user",)
    search_fields = ("id", "user")
    search_help_text = "A task's id, or its owner's id or the beginning of their email"
    readonly_fields = ("created_at", "updated_at")
    autocomplete_fields = ("user",)
    sortable_by = ("created_at",)
    ordering = ("-id",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # They count every row that there is.
    paginator = BoundedPaginator

    @admin.display(description="owner")
    def owner(self, task: Task) -> str:
        """A link to the owner's page."""
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[task.user_id]), task.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        """A task keeps its owner."""
        return (*self.readonly_fields, "user") if obj else self.readonly_fields

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

    def save_model(self, request: HttpRequest, obj: Task, form: "ModelForm[Task]", change: bool) -> None:
        """A new task is inserted; of a changed one only the changed fields are written."""
        if not change:
            obj.save()
        elif form.changed_data:
            Task.objects.filter(pk=obj.pk).change(**{name: form.cleaned_data[name] for name in form.changed_data})


admin.site.unregister(User)


@admin.register(User)
class UserWithTasksAdmin(UserAdmin):
    """A person's page, with a link to their tasks."""

    readonly_fields = ("tasks_of_user",)

    @admin.display(description="tasks")
    def tasks_of_user(self, user: User) -> str:
        """A link to the list of this person's tasks."""
        address = f"{reverse('admin:tasks_task_changelist')}?{urlencode({'q': user.pk})}"
        return format_html('<a href="{}">Show this person\'s tasks</a>', address)
