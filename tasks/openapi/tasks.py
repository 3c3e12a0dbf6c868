"""How the OpenAPI document describes the operations on tasks."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from tasks.serializers import MarkAllSerializer, NewTaskSerializer, TaskChangesSerializer, TaskSerializer

TASK = {
    "id": 7,
    "user_id": "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u",
    "title": "Buy milk",
    "description": None,
    "completed": False,
    "created_at": "2026-11-20T12:00:00.123456Z",
    "updated_at": "2026-11-20T12:00:00.123456Z",
    "completed_at": None,
    "due_date": "2026-11-24",
    "priority": "high",
    "tags": ["home"],
    "deleted_at": None,
    "version": 1,
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
    enum=["all", "pending", "completed", "deleted"],
    default="all",
)
BULK_STATUS = OpenApiParameter(
    "status",
    OpenApiTypes.STR,
    required=True,
    description="Which tasks. Required, so that a client with an empty task id does not reach the whole list.",
    enum=["all", "pending", "completed"],
)
CLEAR_STATUS = OpenApiParameter(
    "status",
    OpenApiTypes.STR,
    required=True,
    description="Which tasks. Required, so that a client with an empty task id does not reach the whole list.",
    enum=["all", "completed"],
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Write only where this is the task's entity tag (its version in quotes); else 412.",
    examples=[OpenApiExample("A version", '"3"')],
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The entity tag that is known: 304 where it is still the task's.",
    examples=[OpenApiExample("A version", '"3"')],
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters: the same key and body again make no second task.",
    examples=[OpenApiExample("A UUID", "6a1e4a3e-7c0b-4f5e-9f0e-0d6b8f1f2a11")],
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The task's version in quotes.",
    required=True,
    response=[200, 201, 304],
)
REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    OpenApiTypes.BOOL,
    OpenApiParameter.HEADER,
    description="Sent, and true, where this is the first answer again.",
    required=False,
    response=[201],
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
    required=True,
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
        parameters=[USER_ID, IDEMPOTENCY_KEY, LOCATION, ETAG, REPLAYED],
        request={"application/json": NewTaskSerializer},
        responses={201: task_answer("The new task.")},
        examples=[OpenApiExample("A new task", {"title": "Buy milk", "due_date": "2026-11-24"}, request_only=True)],
        tags=["tasks"],
    ),
    retrieve=extend_schema(
        operation_id="get_task",
        summary="Get a task",
        parameters=[USER_ID, TASK_ID, IF_NONE_MATCH, ETAG],
        responses={200: task_answer("The task."), 304: OpenApiResponse(description="It has not changed.")},
        tags=["tasks"],
    ),
    update=extend_schema(
        operation_id="update_task",
        summary="Change a task",
        description="What the body does not name is kept.",
        parameters=[USER_ID, TASK_ID, IF_MATCH, ETAG],
        request={"application/json": TaskChangesSerializer},
        responses=task_answer("The task as it is now.", title="Buy oat milk"),
        examples=[OpenApiExample("A new title", {"title": "Buy oat milk"}, request_only=True)],
        tags=["tasks"],
    ),
    destroy=extend_schema(
        operation_id="delete_task",
        summary="Delete a task",
        description="Moves the task to the trash: it is 404 everywhere but in `status=deleted`, until it is restored.",
        parameters=[USER_ID, TASK_ID, IF_MATCH],
        responses={204: OpenApiResponse(description="The task is in the trash.")},
        tags=["tasks"],
    ),
    complete=extend_schema(
        operation_id="toggle_task",
        summary="Toggle a task",
        parameters=[USER_ID, TASK_ID, IF_MATCH, ETAG],
        request=None,
        responses=task_answer("The task as it is now.", completed=True),
        tags=["tasks"],
    ),
    partial_update=extend_schema(
        operation_id="merge_task",
        summary="Merge into a task",
        description="A JSON merge patch (RFC 7396): what the body does not name is kept, null clears the description.",
        parameters=[USER_ID, TASK_ID, IF_MATCH, ETAG],
        request={"application/merge-patch+json": TaskChangesSerializer, "application/json": TaskChangesSerializer},
        responses=task_answer("The task as it is now.", title="Buy oat milk"),
        examples=[
            OpenApiExample(name, {"title": "Buy oat milk"}, request_only=True, media_type=media_type)
            for name, media_type in (
                ("A new title", "application/merge-patch+json"),
                ("A new title, as plain JSON", "application/json"),
            )
        ],
        tags=["tasks"],
    ),
    restore=extend_schema(
        operation_id="restore_task",
        summary="Restore a task",
        description="Takes the task out of the trash. A live task is answered as it is, so a retry is safe.",
        parameters=[USER_ID, TASK_ID, IF_MATCH, ETAG],
        request=None,
        responses=task_answer("The task, live."),
        tags=["tasks"],
    ),
)

# drf-spectacular's view decorator knows DRF's own names of methods alone.
describe_mark_all = extend_schema(
    operation_id="mark_tasks",
    summary="Complete or reopen many tasks",
    parameters=[USER_ID, BULK_STATUS],
    request={"application/json": MarkAllSerializer},
    responses=OpenApiResponse(
        inline_serializer("Updated", {"updated": serializers.IntegerField()}),
        description="How many tasks changed.",
        examples=[OpenApiExample("Three", {"updated": 3})],
    ),
    examples=[OpenApiExample("Done", {"completed": True}, request_only=True)],
    tags=["tasks"],
)
describe_clear = extend_schema(
    operation_id="clear_tasks",
    summary="Put many tasks into the trash",
    parameters=[USER_ID, CLEAR_STATUS],
    responses={  # Of a DELETE drf-spectacular expects a 204.
        200: OpenApiResponse(
            inline_serializer("Deleted", {"deleted": serializers.IntegerField()}),
            description="How many tasks went into the trash.",
            examples=[OpenApiExample("Three", {"deleted": 3})],
        )
    },
    tags=["tasks"],
)
