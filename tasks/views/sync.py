"""The changes feed: clients keep a copy of their list in sync."""

from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.opaque_tokens import InvalidOpaqueTokenError
from tasks.openapi.sync import describe_changes
from tasks.serializers import CHANGES_QUERY
from tasks.sync import START, SyncToken, changes_as_json
from tasks.views.base import OwnedViewSet, json_response


class ChangesViewSet(OwnedViewSet):
    """What changed on the caller's list. Order of checks: 401, 403, 422, 410."""

    oauth_scope = "tasks"
    queries = {"changes": CHANGES_QUERY}

    @describe_changes
    def changes(self, request: Request, user_id: str) -> HttpResponse:
        """Return the changes after `since`; without it, start a snapshot of the whole list."""
        query = CHANGES_QUERY.parse(request.query_params)
        token: str | None = query.get("since")
        try:
            since = SyncToken.decrypt(token, self.caller.id) if token is not None else START
        except InvalidOpaqueTokenError as error:
            raise ValidationError({"since": ["Invalid `since` token."]}) from error
        return json_response(changes_as_json(self.caller.id, since, query["limit"], unchanged_token=token))
