"""How the OpenAPI document describes the task operations."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from tasks.serializers import NewTaskSerializer, TaskChangesSerializer, TaskSerializer

TASK = {
    "id": 7,
    "user_id": "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u",
    "title": "Buy milk",
    "description": None,
    "completed": False,
    "created_at": "2026-11-20T12:00:00.123456Z",
    "updated_at": "2026-11-20T12:00:00.123456Z",
}

USER_ID = OpenApiParameter(
    "user_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The id of the token's user; any other is 403.",
    examples=[OpenApiExample("A Better Auth id", TASK["user_id"])],
)
TASK_ID = OpenApiParameter(
    "task_id",
    OpenApiTypes.INT64,
    OpenApiParameter.PATH,
    description="The id of one of the caller's tasks.",
    examples=[OpenApiExample("An id", 7)],
)
STATUS = OpenApiParameter(
    "status",
    OpenApiTypes.STR,
    description="Which tasks: all of them, those still to do, or those that are done.",
    enum=["all", "pending", "completed"],
    default="all",
)
SORT = OpenApiParameter(
    "sort",
    OpenApiTypes.STR,
    description="`created`: newest first. `title`: A to Z without regard to case. The id breaks ties.",
    enum=["created", "title"],
    default="created",
)
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The address of the new task, relative to this server.",
    response=[201],
)


def task_answer(description: str, **changed: Any) -> OpenApiResponse:
    """An answer with one task, with an example of it."""
    return OpenApiResponse(
        TaskSerializer,
        description=description,
        examples=[OpenApiExample("A task", {**TASK, **changed})],
    )


describe_tasks = extend_schema_view(
    list=extend_schema(
        operation_id="list_tasks",
        summary="List tasks",
        parameters=[USER_ID, STATUS, SORT],
        responses=OpenApiResponse(
            TaskSerializer(many=True), description="The tasks.", examples=[OpenApiExample("A list", TASK)]
        ),
        tags=["tasks"],
    ),
    create=extend_schema(
        operation_id="create_task",
        summary="Create a task",
        parameters=[USER_ID, LOCATION],
        request=NewTaskSerializer,
        responses={201: task_answer("The new task.")},
        examples=[OpenApiExample("A new task", {"title": "Buy milk", "description": None}, request_only=True)],
        tags=["tasks"],
    ),
    retrieve=extend_schema(
        operation_id="get_task",
        summary="Get a task",
        parameters=[USER_ID, TASK_ID],
        responses=task_answer("The task."),
        tags=["tasks"],
    ),
    update=extend_schema(
        operation_id="update_task",
        summary="Change a task",
        parameters=[USER_ID, TASK_ID],
        request=TaskChangesSerializer,
        responses=task_answer("The task as it is now.", title="Buy oat milk"),
        examples=[OpenApiExample("A new title", {"title": "Buy oat milk"}, request_only=True)],
        tags=["tasks"],
    ),
    destroy=extend_schema(
        operation_id="delete_task",
        summary="Delete a task",
        parameters=[USER_ID, TASK_ID],
        responses={204: OpenApiResponse(description="The task is gone.")},
        tags=["tasks"],
    ),
    complete=extend_schema(
        operation_id="toggle_task",
        summary="Toggle a task",
        parameters=[USER_ID, TASK_ID],
        request=None,
        responses=task_answer("The task as it is now.", completed=True),
        tags=["tasks"],
    ),
)
