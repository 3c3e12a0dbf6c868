"""People, for operators: to find and to look at. Better Auth writes them; no token or password hash is shown."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.pagination import BoundedPaginator


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """Rows that somebody else writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    """Finds a person among a million by their id or by the beginning of their email."""

    list_display = ("email", "name", "id", "banned", "created_at")
    list_filter = (("banned", admin.BooleanFieldListFilter), "email_verified")
    search_fields = ("id", "email")
    search_help_text = "A user's id, or the beginning of their email"
    sortable_by = ("created_at",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # They count every row that there is.
    paginator = BoundedPaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Rows that the two indexes find: a substring search would read every person."""
        term = search_term.strip()
        if term:
            queryset = queryset.filter(Q(id=term) | Q(email__startswith=term.lower()))
        return queryset, False
