"""Export and erasure of the caller's data."""

from django.http import FileResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import user_data
from tasks.openapi.user_data import describe_erasure, describe_export
from tasks.serializers import CONFIRM, ERASURE_QUERY
from tasks.views.base import OwnedViewSet


class UserDataViewSet(OwnedViewSet):
    """Everything that is stored about the caller."""

    queries = {"erase": ERASURE_QUERY}

    @describe_export
    def export(self, request: Request, user_id: str) -> FileResponse:
        file = user_data.export(self.caller.id, may_be_gone=True)
        return FileResponse(file, as_attachment=True, filename="todo-export.json", content_type="application/json")

    @describe_erasure
    def erase(self, request: Request, user_id: str) -> Response:
        """Erase everything. The id is required twice, so that one stray DELETE cannot do it."""
        if ERASURE_QUERY.parse(request.query_params)["confirm"] != self.caller.id:
            raise ValidationError({"confirm": [CONFIRM]})
        user_data.erase(self.caller.id, may_be_gone=True)
        return Response(status=204)
