"""The changes feed over HTTP: a client keeps a copy of its list in step."""

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import feed
from tasks.list_query import LARGEST_PAGE, page_size
from tasks.openapi.changes import describe_changes
from tasks.places import BEGINNING, Place
from tasks.sealing import NotSealedHereError
from tasks.views.owned import OwnedViewSet


class ChangesViewSet(OwnedViewSet):
    """What changed on the caller's list. Checks come in the contract's order: 401, 403, 422, 410."""

    @describe_changes
    def changes(self, request: Request, user_id: str) -> Response:
        """The changes after `since`; without it, the whole list as upserts."""
        since, limit = self.since(), self.limit()
        page = feed.read(self.caller_id, since, limit)
        # Where nothing changed the client keeps the token that it has.
        token = request.query_params["since"] if page.place == since else page.place.sealed(self.caller_id)
        more = "true" if page.more else "false"
        return Response(f'{{"changes":[{",".join(page.changes)}],"revision":"{token}","more":{more}}}'.encode())

    def since(self) -> Place:
        """The place that the caller's copy has come to. Raises ValidationError."""
        token = self.request.query_params.get("since")
        if token is None:
            return BEGINNING
        try:
            return Place.opened(token, self.caller_id)
        except NotSealedHereError as error:
            raise ValidationError({"since": ["Not a revision that you were given."]}) from error

    def limit(self) -> int:
        """How many changes the caller takes at once. Raises ValidationError."""
        if "limit" not in self.request.query_params:
            return LARGEST_PAGE
        try:
            return page_size(self.request.query_params.getlist("limit"))
        except ValueError as error:
            raise ValidationError({"limit": [str(error)]}) from error
