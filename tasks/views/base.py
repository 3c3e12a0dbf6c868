"""What the views under `/api/{user_id}` share: permission, the caller, and response headers."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from accounts.caller import Caller
from tasks.models import Task, TaskQuerySet
from tasks.permissions import PathUserIsCaller


class OwnedViewSet(ViewSet):
    """Something that belongs to the caller. Another user's path is 403."""

    permission_classes = (IsAuthenticated, PathUserIsCaller)
    caller: Caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.caller = cast(Caller, request.user)  # DRF's types know only Django's own users.

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Return the only renderer, regardless of `Accept`."""
        renderer = self.renderer_classes[0]()
        return renderer, renderer.media_type

    def get_queryset(self) -> TaskQuerySet:
        """Return the tasks of the token's user, regardless of the path. It only decides between 404 and 422."""
        return Task.objects.owned_by(self.caller.id)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, settings.CREDENTIAL_HEADERS)
        return response


def json_response(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return JSON that PostgreSQL has written, as it is: DRF's Response would select a renderer for it."""
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
