"""Leaving, over HTTP: all that is held about the caller, to take home or to be erased."""

from django.http import FileResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.views import MeView
from tasks import leaving
from tasks.openapi.leaving import describe_erasure, describe_export
from tasks.views.owned import OwnedViewSet


class LeavingViewSet(OwnedViewSet):
    """All that is held about the caller."""

    @describe_export
    def export(self, request: Request, user_id: str) -> FileResponse:
        """All of it, as a file."""
        file = leaving.exported(self.caller_id)
        return FileResponse(file, as_attachment=True, filename="todo-export.json", content_type="application/json")

    @describe_erasure
    def erase(self, request: Request, user_id: str) -> Response:
        """Erase all of it. The id is asked for twice: one stray DELETE must not be the end of everything."""
        if request.query_params.get("confirm") != self.caller_id:
            raise ValidationError({"confirm": ["Must be your user id: everything is erased for good."]})
        leaving.erase(self.caller_id)
        return Response(status=204)


class MeOrErasureView(MeView):
    """Who the caller is; and the address of the person whose id is `me`, who may leave as everybody may."""

    @extend_schema(exclude=True)
    def delete(self, request: Request) -> HttpResponseBase:
        """What DELETE does on everybody's own address."""
        return LeavingViewSet.as_view({"delete": "erase"})(request._request, user_id="me")
