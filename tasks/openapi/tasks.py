"""How the OpenAPI document describes the operations on tasks."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from tasks.openapi import parameters as p
from tasks.serializers import (
    ClearQuerySerializer,
    ListQuerySerializer,
    MarkAllQuerySerializer,
    MarkAllSerializer,
    NewTaskSerializer,
    TaskChangesSerializer,
    TaskSerializer,
)

TASK = {
    "id": 7,
    "user_id": p.USER,
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


def task_response(description: str, **changed: Any) -> OpenApiResponse:
    return OpenApiResponse(
        TaskSerializer,
        description=description,
        examples=[OpenApiExample("A task", {**TASK, **changed})],
    )


describe_tasks = extend_schema_view(
    list=extend_schema(
        operation_id="list_tasks",
        summary="List tasks",
        parameters=[
            p.USER_ID,
            ListQuerySerializer,
            p.PREFER,
            p.IF_NONE_MATCH_LIST,
            p.LIST_ETAG,
            p.LINK,
            p.TOTAL_COUNT,
            p.PREFERENCE_APPLIED,
        ],
        responses={
            200: OpenApiResponse(
                TaskSerializer(many=True), description="The tasks.", examples=[OpenApiExample("A list", TASK)]
            ),
            304: OpenApiResponse(description="The list has not changed."),
        },
        tags=["tasks"],
    ),
    create=extend_schema(
        operation_id="create_task",
        summary="Create a task",
        parameters=[p.USER_ID, p.IDEMPOTENCY_KEY, p.LOCATION, p.ETAG, p.REPLAYED],
        request={"application/json": NewTaskSerializer},
        responses={201: task_response("The new task.")},
        examples=[OpenApiExample("A new task", {"title": "Buy milk", "due_date": "2026-11-24"}, request_only=True)],
        tags=["tasks"],
    ),
    retrieve=extend_schema(
        operation_id="get_task",
        summary="Get a task",
        parameters=[p.USER_ID, p.TASK_ID, p.IF_NONE_MATCH, p.ETAG],
        responses={200: task_response("The task."), 304: OpenApiResponse(description="It has not changed.")},
        tags=["tasks"],
    ),
    update=extend_schema(
        operation_id="update_task",
        summary="Change a task",
        description="Fields that the body does not name are kept.",
        parameters=[p.USER_ID, p.TASK_ID, p.IF_MATCH, p.ETAG],
        request={"application/json": TaskChangesSerializer},
        responses=task_response("The task after the change.", title="Buy oat milk"),
        examples=[OpenApiExample("A new title", {"title": "Buy oat milk"}, request_only=True)],
        tags=["tasks"],
    ),
    destroy=extend_schema(
        operation_id="delete_task",
        summary="Delete a task",
        description="Moves the task to the trash: until it is restored it is 404, and listed in `status=deleted` only.",
        parameters=[p.USER_ID, p.TASK_ID, p.IF_MATCH],
        responses={204: OpenApiResponse(description="The task is in the trash.")},
        tags=["tasks"],
    ),
    complete=extend_schema(
        operation_id="toggle_task",
        summary="Toggle a task",
        parameters=[p.USER_ID, p.TASK_ID, p.IF_MATCH, p.ETAG],
        request=None,
        responses=task_response("The task after the change.", completed=True),
        tags=["tasks"],
    ),
    partial_update=extend_schema(
        operation_id="merge_task",
        summary="Merge into a task",
        description="A JSON merge patch (RFC 7396): fields that it does not name are kept, null means the default.",
        parameters=[p.USER_ID, p.TASK_ID, p.IF_MATCH, p.ETAG],
        request={"application/merge-patch+json": TaskChangesSerializer, "application/json": TaskChangesSerializer},
        responses=task_response("The task after the change.", title="Buy oat milk"),
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
        description="Moves the task out of the trash. A live task is returned as it is, so a retry is safe.",
        parameters=[p.USER_ID, p.TASK_ID, p.IF_MATCH, p.ETAG],
        request=None,
        responses=task_response("The restored task."),
        tags=["tasks"],
    ),
)

# drf-spectacular's view decorator only knows DRF's own method names.
describe_mark_all = extend_schema(
    operation_id="mark_tasks",
    summary="Complete or reopen many tasks",
    parameters=[p.USER_ID, MarkAllQuerySerializer],
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
    summary="Move many tasks to the trash",
    parameters=[p.USER_ID, ClearQuerySerializer],
    responses={  # drf-spectacular expects a DELETE to return 204.
        200: OpenApiResponse(
            inline_serializer("Deleted", {"deleted": serializers.IntegerField()}),
            description="How many tasks were moved to the trash.",
            examples=[OpenApiExample("Three", {"deleted": 3})],
        )
    },
    tags=["tasks"],
)
