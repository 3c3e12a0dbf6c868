"""Django admin for users: to find and to view. Better Auth writes them; tokens and password hashes are never shown."""

from functools import cached_property
from typing import Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import User


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # of any model
    """Counts no further than staff users page: counting a million rows took most of the two seconds of a list."""

    max_count = 10_000

    @cached_property
    def count(self) -> int:
        return cast(QuerySet[Any], self.object_list)[: self.max_count].count()


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """Rows that only Better Auth writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Finds a user by id or by the beginning of the email."""

    list_display = ("email", "name", "id", "banned", "created_at")
    list_filter = (("banned", admin.BooleanFieldListFilter), "email_verified")
    search_fields = ("id", "email")
    search_help_text = "A user's id, or the beginning of their email"
    sortable_by = ("created_at",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # Facets count all rows.
    paginator = BoundedPaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Search by what the two indexes can find: a substring search would read every user."""
        term = search_term.strip()
        if term:
            queryset = queryset.filter(Q(id=term) | Q(email__startswith=term.lower()))
        return queryset, False
