from rest_framework.permissions import BasePermission


class PathUserIsCaller(BasePermission):
    def has_permission(self, request, view):
        return view.kwargs["user_id"] == request.user.id

    def has_object_permission(self, request, view, task):
        return task.user_id == request.user.id
