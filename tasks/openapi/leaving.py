"""How the OpenAPI document describes the export and the erasure."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from accounts.models import User
from tasks.models import TaskChange
from tasks.openapi.parameters import USER_ID
from tasks.openapi.tasks import TASK
from tasks.serializers import TaskSerializer

CONFIRM = OpenApiParameter(
    "confirm",
    OpenApiTypes.STR,
    required=True,
    description="The `user_id` of the path once more.",
    examples=[OpenApiExample("The same id", "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u")],
)
CONTENT_DISPOSITION = OpenApiParameter(
    "Content-Disposition",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="An attachment, with a name for the file.",
    required=True,
    response=[200],
)


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person's row."""

    class Meta:
        model = User
        fields = read_only_fields = tuple(field.name for field in User._meta.concrete_fields)


class HistoryEntrySerializer(serializers.ModelSerializer[TaskChange]):
    """One task in one statement that changed it."""

    before = serializers.DictField(allow_null=True, help_text="The members that changed, as they were.")
    after = serializers.DictField(allow_null=True, help_text="The same members, as they were then.")
    actor = serializers.CharField(help_text="Who changed it: the user's id, or an operator's name.")
    door = serializers.CharField(help_text="Through which door: `api`, `admin`, `support` or `database`.")

    class Meta:
        model = TaskChange
        fields = ("revision", "task_id", "kind", "before", "after", "at", "actor", "door")


class ExportSerializer(serializers.Serializer[Any]):
    """All that is held about a person."""

    user = PersonSerializer(allow_null=True, help_text="Null where nothing is held any more.")
    tasks = TaskSerializer(many=True, help_text="By id.")
    trash = TaskSerializer(many=True, help_text="By id.")
    history = HistoryEntrySerializer(many=True, help_text="In the order of the changes.")


USER = {
    "id": "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u",
    "name": "Ada",
    "email": "ada@example.com",
    "email_verified": True,
    "image": None,
    "created_at": "2026-11-20T12:00:00.123456Z",
    "updated_at": "2026-11-20T12:00:00.123456Z",
    "role": None,
    "banned": None,
    "ban_reason": None,
    "ban_expires": None,
}
CHANGE = {
    "revision": 2,
    "task_id": 7,
    "kind": "changed",
    "before": {"title": "Buy milk"},
    "after": {"title": "Buy oat milk"},
    "at": "2026-11-20T12:05:00.123456Z",
    "actor": "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u",
    "door": "api",
}

describe_export = extend_schema(
    operation_id="export_user",
    summary="Take everything home",
    description="All that is held about the caller, of one moment, as a file.",
    parameters=[USER_ID, CONTENT_DISPOSITION],
    responses={
        200: OpenApiResponse(
            ExportSerializer,
            description="All of it.",
            examples=[
                OpenApiExample("One task", {"user": USER, "tasks": [TASK], "trash": [], "history": [CHANGE]}),
            ],
        )
    },
    tags=["me"],
)
describe_erasure = extend_schema(
    operation_id="erase_user",
    summary="Erase everything",
    description="Erases all that is held about the caller, for good and at once. The account is Better Auth's.",
    parameters=[USER_ID, CONFIRM],
    responses={204: OpenApiResponse(description="Nothing is held any more.")},
    tags=["me"],
)
