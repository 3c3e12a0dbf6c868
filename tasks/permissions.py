"""Whether the path is the caller's own. Whose rows are read is decided in the queryset, by the token alone."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import caller_of_request


class IsOwner(BasePermission):
    """The `user_id` of the path is the token's user, compared as text; else 403, whether or not they exist."""

    message = "Cannot access another user's tasks"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True on the caller's own path."""
        return bool(view.kwargs["user_id"] == caller_of_request(request).id)
