"""What the views under `/api/{user_id}` share: permission, the caller, and response headers."""

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.http import HttpResponse
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from accounts.caller import Caller
from tasks.models import Task, TaskQuerySet
from tasks.permissions import PathUserIsCaller
from tasks.serializers import QuerySerializer, refuse_unknown
from tasks.views.fixed_policies import FixedPoliciesMixin
from tasks.views.headers import is_strict


class OwnedViewSet(FixedPoliciesMixin, ViewSet):
    """Something that belongs to the caller. Another user's path is 403."""

    permission_classes = (IsAuthenticated, PathUserIsCaller)
    queries: Mapping[str, QuerySerializer] = {}  # The query parameters of each action that takes any.
    caller: Caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.caller = cast(Caller, request.user)  # DRF's types know only Django's own users.
        if is_strict(request):
            known = self.queries[self.action].fields if self.action in self.queries else ()
            refuse_unknown(request.query_params, known, "parameter")

    def get_queryset(self) -> TaskQuerySet:
        """Return the tasks of the token's user, regardless of the path. It only decides between 404 and 422."""
        return Task.objects.owned_by(self.caller.id)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        vary = (response.headers.get("Vary"), *settings.CREDENTIAL_HEADERS)
        response.headers["Vary"] = ", ".join(filter(None, vary))
        response.headers["Cache-Control"] = "private, no-cache"
        if is_strict(request):
            applied = (response.headers.get("Preference-Applied"), "handling=strict")
            response.headers["Preference-Applied"] = ", ".join(filter(None, applied))
        return response


def json_response(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return JSON that PostgreSQL has written, as it is: DRF's Response would select a renderer for it."""
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def empty_response(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return a response without a body, 204 or 304, and so without a content type."""
    response = HttpResponse(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response
