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

from tasks.openapi import parameters as given
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

LIST_PARAMETERS = [
    given.USER_ID,
    given.STATUS,
    given.SORT,
    given.ORDER,
    given.Q,
    given.TAG,
    given.PRIORITY,
    given.DUE_BEFORE,
    given.DUE_AFTER,
    given.LIMIT,
    given.CURSOR,
    given.PREFER,
    given.IF_NONE_MATCH_LIST,
    given.LIST_ETAG,
    given.LINK,
    given.TOTAL_COUNT,
    given.PREFERENCE_APPLIED,
]


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
        parameters=LIST_PARAMETERS,
        responses={
            200: OpenApiResponse(
                TaskSerializer(many=True), description="The tasks.", examples=[OpenApiExample("A list", TASK)]
            ),
            304: OpenApiResponse(description="Nothing on the list has changed."),
        },
        tags=["tasks"],
    ),
    create=extend_schema(
        operation_id="create_task",
        summary="Create a task",
        parameters=[given.USER_ID, given.IDEMPOTENCY_KEY, given.LOCATION, given.ETAG, given.REPLAYED],
        request={"application/json": NewTaskSerializer},
        responses={201: task_answer("The new task.")},
        examples=[OpenApiExample("A new task", {"title": "Buy milk", "due_date": "2026-11-24"}, request_only=True)],
        tags=["tasks"],
    ),
    retrieve=extend_schema(
        operation_id="get_task",
        summary="Get a task",
        parameters=[given.USER_ID, given.TASK_ID, given.IF_NONE_MATCH, given.ETAG],
        responses={200: task_answer("The task."), 304: OpenApiResponse(description="It has not changed.")},
        tags=["tasks"],
    ),
    update=extend_schema(
        operation_id="update_task",
        summary="Change a task",
        description="What the body does not name is kept.",
        parameters=[given.USER_ID, given.TASK_ID, given.IF_MATCH, given.ETAG],
        request={"application/json": TaskChangesSerializer},
        responses=task_answer("The task as it is now.", title="Buy oat milk"),
        examples=[OpenApiExample("A new title", {"title": "Buy oat milk"}, request_only=True)],
        tags=["tasks"],
    ),
    destroy=extend_schema(
        operation_id="delete_task",
        summary="Delete a task",
        description="Moves the task to the trash: it is 404 everywhere but in `status=deleted`, until it is restored.",
        parameters=[given.USER_ID, given.TASK_ID, given.IF_MATCH],
        responses={204: OpenApiResponse(description="The task is in the trash.")},
        tags=["tasks"],
    ),
    complete=extend_schema(
        operation_id="toggle_task",
        summary="Toggle a task",
        parameters=[given.USER_ID, given.TASK_ID, given.IF_MATCH, given.ETAG],
        request=None,
        responses=task_answer("The task as it is now.", completed=True),
        tags=["tasks"],
    ),
    partial_update=extend_schema(
        operation_id="merge_task",
        summary="Merge into a task",
        description="A JSON merge patch (RFC 7396): what the body does not name is kept, null clears the description.",
        parameters=[given.USER_ID, given.TASK_ID, given.IF_MATCH, given.ETAG],
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
        parameters=[given.USER_ID, given.TASK_ID, given.IF_MATCH, given.ETAG],
        request=None,
        responses=task_answer("The task, live."),
        tags=["tasks"],
    ),
)

# drf-spectacular's view decorator knows DRF's own names of methods alone.
describe_mark_all = extend_schema(
    operation_id="mark_tasks",
    summary="Complete or reopen many tasks",
    parameters=[given.USER_ID, given.BULK_STATUS],
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
    parameters=[given.USER_ID, given.CLEAR_STATUS],
    responses={  # Of a DELETE drf-spectacular expects a 204.
        200: OpenApiResponse(
            inline_serializer("Deleted", {"deleted": serializers.IntegerField()}),
            description="How many tasks went into the trash.",
            examples=[OpenApiExample("Three", {"deleted": 3})],
        )
    },
    tags=["tasks"],
)
