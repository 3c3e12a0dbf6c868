"""The task operations over HTTP."""

import re
from collections.abc import Collection
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller_of_request, credential_headers
from accounts.mirror import is_missing_user, restore_row
from tasks import openapi
from tasks.exceptions import LengthRequired
from tasks.models import SORTS, STATUSES, Task, TaskJSON, TaskQuerySet
from tasks.permissions import IsOwner
from tasks.serializers import NewTaskSerializer, TaskChangesSerializer, TaskSerializer

LARGEST_ID = 2**63 - 1


@openapi.describe_tasks
class TaskViewSet(GenericViewSet[Task]):
    """The caller's own tasks. Checks come in the contract's order: 401, 403, 404, then the input."""

    permission_classes = (IsAuthenticated, IsOwner)
    serializer_class = TaskSerializer
    queryset = Task.objects.none()
    lookup_url_kwarg = "task_id"
    lookup_value_converter = "str"

    def get_queryset(self) -> TaskQuerySet:
        """The tasks of the token's user. The path is not asked whose they are."""
        return Task.objects.owned_by(caller_of_request(self.request).id)

    def list(self, request: Request, user_id: str) -> Response:
        """All of the caller's tasks, or those of one status."""
        status = self.choice("status", STATUSES, "all")
        sort = self.choice("sort", SORTS, "created")
        return Response(self.get_queryset().listed(status=status, sort=sort).as_json())

    def create(self, request: Request, user_id: str) -> Response:
        """A new task of the caller's."""
        caller = caller_of_request(request)
        fields = self.validated(NewTaskSerializer)
        try:
            task = Task.objects.create(user_id=caller.id, **fields)
        except IntegrityError as error:
            if not is_missing_user(error):
                raise
            restore_row(caller)
            task = Task.objects.create(user_id=caller.id, **fields)
        location = reverse("task-detail", kwargs={"user_id": caller.id, "task_id": task.pk})
        return Response(task.as_json(), status=201, headers={"Location": location})

    def retrieve(self, request: Request, user_id: str, task_id: str) -> Response:
        """One task."""
        return Response(only(self.tasks_of_path().as_json()))

    def update(self, request: Request, user_id: str, task_id: str) -> Response:
        """Change the members that the body names, and no other."""
        changes = self.validated(TaskChangesSerializer)
        tasks = self.tasks_of_path()
        return Response(only(tasks.change(**changes) if changes else tasks.as_json()))

    def destroy(self, request: Request, user_id: str, task_id: str) -> Response:
        """Delete the task."""
        if not self.tasks_of_path().erase():
            raise NotFound(TASK_NOT_FOUND)
        return Response(status=204)

    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, user_id: str, task_id: str) -> Response:
        """Complete a pending task, reopen a completed one. A body is not looked at."""
        return Response(only(self.tasks_of_path().toggle()))

    def tasks_of_path(self) -> TaskQuerySet:
        """The caller's task that the path names: one row, or none where there is no such task of theirs."""
        text = self.kwargs["task_id"]
        if not re.fullmatch(r"-?[0-9]+", text):
            raise ValidationError({"task_id": ["A valid integer is required."]})
        number = text.lstrip("0")  # Python makes no integer of thousands of digits, be they zeros.
        if not re.fullmatch(r"[0-9]{1,19}", number) or int(number) > LARGEST_ID:
            raise NotFound(TASK_NOT_FOUND)
        return self.get_queryset().filter(pk=int(number))

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """The query parameter `name`, the last of repeated ones. Raises ValidationError outside `choices`."""
        value = self.request.query_params.get(name, default)
        if value not in choices:
            raise ValidationError({name: [f"Must be one of: {', '.join(choices)}."]})
        return value

    def validated(self, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
        """What the body says. Where it is refused and the path names a task, that task is looked for first."""
        try:
            if "HTTP_TRANSFER_ENCODING" in self.request.META:
                raise LengthRequired
            if not self.request._request.body:
                raise ParseError("The body is empty: a JSON object is needed.")
            serializer = serializer_class(data=self.request.data)
            serializer.is_valid(raise_exception=True)
        except (APIException, RequestDataTooBig):
            if "task_id" in self.kwargs and not self.tasks_of_path().exists():
                raise NotFound(TASK_NOT_FOUND) from None
            raise
        validated: dict[str, Any] = serializer.validated_data
        return validated

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Task answers and their errors are for the caller alone, and asked for anew each time."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, credential_headers())
        return response


TASK_NOT_FOUND = "Task not found"


def only(tasks: list[TaskJSON]) -> TaskJSON:
    """The one task there is. Raises NotFound where there is none: it does not exist for this caller."""
    if not tasks:
        raise NotFound(TASK_NOT_FOUND)
    return tasks[0]
