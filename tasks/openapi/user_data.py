"""How the OpenAPI document describes the export and the erasure."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from accounts.models import User
from tasks.models import TaskChange
from tasks.openapi.parameters import CONTENT_DISPOSITION, USER, USER_ID
from tasks.openapi.tasks import TASK
from tasks.serializers import ErasureQuerySerializer, TaskSerializer


class UserSerializer(serializers.ModelSerializer[User]):
    """A user's row."""

    class Meta:
        model = User
        fields = read_only_fields = tuple(field.name for field in User._meta.concrete_fields)


class HistoryEntrySerializer(serializers.ModelSerializer[TaskChange]):
    """One task that a statement changed."""

    before = serializers.DictField(allow_null=True, help_text="The fields that changed, with their values before.")
    after = serializers.DictField(allow_null=True, help_text="The same fields, with their values after.")
    actor = serializers.CharField(help_text="Who changed it: the user's id, or a staff user's name.")
    door = serializers.CharField(source="source", help_text="From where: `api`, `admin`, `support` or `database`.")

    class Meta:
        model = TaskChange
        fields = ("revision", "task_id", "kind", "before", "after", "at", "actor", "door")


class ExportSerializer(serializers.Serializer[Any]):
    """Everything that is stored about a user."""

    user = UserSerializer(allow_null=True, help_text="Null if nothing is stored any more.")
    tasks = TaskSerializer(many=True, help_text="By id.")
    trash = TaskSerializer(many=True, help_text="By id.")
    history = HistoryEntrySerializer(many=True, help_text="In the order of the changes.")


USER_ROW = {
    "id": USER,
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
    "actor": USER,
    "door": "api",
}

describe_export = extend_schema(
    operation_id="export_user",
    summary="Export my data",
    description="Everything that is stored about the caller, from one snapshot of the database, as a file.",
    parameters=[USER_ID, CONTENT_DISPOSITION],
    responses={
        200: OpenApiResponse(
            ExportSerializer,
            description="The export.",
            examples=[
                OpenApiExample("One task", {"user": USER_ROW, "tasks": [TASK], "trash": [], "history": [CHANGE]}),
            ],
        )
    },
    tags=["me"],
)
describe_erasure = extend_schema(
    operation_id="erase_user",
    summary="Erase my data",
    description="Permanently erases everything that is stored about the caller. The account belongs to Better Auth.",
    parameters=[USER_ID, ErasureQuerySerializer],
    responses={204: OpenApiResponse(description="Nothing is stored any more.")},
    tags=["me"],
)
