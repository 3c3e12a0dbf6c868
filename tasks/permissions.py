"""Who may use a path under `/api/{user_id}`."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class PathUserIsCaller(BasePermission):
    """Allow the request if `user_id` in the path is the token's user, compared as text; otherwise 403.

    The path decides only between 403 and access: rows are always selected by the token's user (tasks/sql/fragments.py).
    """

    message = "Cannot access another user's tasks"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(view.kwargs["user_id"] == request.user.id)
