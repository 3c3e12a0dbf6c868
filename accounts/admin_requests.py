"""A list of the admin refuses what no page sends; Django passes on to the database what it should compare with what."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse


class StrictListMixin(admin.ModelAdmin):  # type: ignore[type-arg]  # ModelAdmin[…] fails at run time
    """known_lookups: what addresses of the list may ask for beside its filters."""

    known_lookups: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow what the filters of the list ask for. Of all others, many fail, and some read every row for long."""
        return lookup in self.known_lookups or any(
            lookup in parameters_of(item) for item in self.get_list_filter(request)
        )

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Do an action on the selected rows. Raises BadRequest."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError as error:
            raise BadRequest("A selected row has no such key.") from error
        response: HttpResponse | None = super().response_action(request, *args, **kwargs)
        return response


def parameters_of(list_filter: Any) -> set[str]:
    """Return the parameters that a filter puts into addresses. list_filter: an item of ModelAdmin.list_filter."""
    if isinstance(list_filter, str):
        return {f"{list_filter}__{lookup}" for lookup in ("exact", "id__exact", "isnull")}
    return {list_filter.parameter_name}
