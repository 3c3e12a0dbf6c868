"""Lists of a million rows: one bounded query finds the page and says how much there is."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

MAX_ROWS = 1000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # of any model
    """Pages of the first MAX_ROWS rows, in the order of the list.

    Their keys are read once, for the number of rows and for the page alike: of a filter that matches nearly nothing,
    each of both would read the whole table.
    """

    @cached_property
    def keys(self) -> list[Any]:
        """One more than are shown: then there are more."""
        return list(self.object_list.values_list("pk", flat=True)[: MAX_ROWS + 1])  # type: ignore[union-attr]  # a queryset

    @cached_property
    def count(self) -> int:
        return min(len(self.keys), MAX_ROWS)

    @property
    def is_cut_off(self) -> bool:
        return len(self.keys) > MAX_ROWS

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        keys = self.keys[:MAX_ROWS][start : start + self.per_page]
        rows = self.object_list
        # By key alone: the conditions of the list have been met already, and the planner would begin with them.
        page = rows.model._default_manager.filter(pk__in=keys).order_by(*rows.query.order_by)  # type: ignore[union-attr]
        page.query.select_related = rows.query.select_related  # type: ignore[union-attr]
        return self._get_page(page, number, self)


class BoundedChangeList(ChangeList):
    """count_text: the true number of rows, in words; `more than 1,000` if it is not known."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.show_all:
            self.result_list = self.paginator.page(self.page_num if self.multi_page else 1).object_list
        names = (self.opts.verbose_name, self.opts.verbose_name_plural)
        if not self.paginator.is_cut_off:
            self.count_text = f"{self.result_count:,} {names[self.result_count != 1]}"
            return
        total = None if self.has_active_filters or self.query else self.model_admin.total(request)
        number = f"more than {MAX_ROWS:,}" if total is None else f"{total:,}"
        self.count_text = f"{number} {names[1]}; the first {MAX_ROWS:,} are listed"


class CreatedFilter(admin.SimpleListFilter):
    """When a task was created. Django's own filter of dates offers future days, too."""

    title = "created"
    parameter_name = "created"
    days = {"today": 0, "7": 6, "30": 29}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today"), ("7", "Last 7 days"), ("30", "Last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.days:
            return queryset
        return queryset.filter(created_at__gte=start_of_day(self.days[str(self.value())]))


def start_of_day(days_ago: int = 0) -> datetime:
    """Return the beginning of the day so many days ago, in the zone of the page."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days_ago)
