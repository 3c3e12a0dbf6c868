"""How the OpenAPI document describes the changes feed."""

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers

from tasks.openapi.parameters import USER_ID
from tasks.openapi.tasks import TASK
from tasks.serializers import ChangesQuerySerializer, TaskSerializer

REVISION = "Xb3mZk0dR1x2cGk4bC1hbi1vcGFxdWUtdG9rZW4"


@extend_schema_field({"type": "string", "const": "upsert"})
class Upsert(serializers.CharField):
    """Add the task to the copy, or replace the one with its id."""


@extend_schema_field({"type": "string", "const": "delete"})
class Delete(serializers.CharField):
    """Remove the task with this id from the copy, if it is there."""


CHANGE = PolymorphicProxySerializer(
    component_name="Change",
    serializers={
        "upsert": inline_serializer("Upsert", {"op": Upsert(), "task": TaskSerializer()}),
        "delete": inline_serializer("Delete", {"op": Delete(), "id": serializers.IntegerField()}),
    },
    resource_type_field_name="op",
    many=True,
)

describe_changes = extend_schema(
    operation_id="list_changes",
    summary="Follow the changes of a list",
    description=(
        "Keeps a copy of the list in sync. Start without `since`, apply the changes in order, and ask again with the"
        " `revision` of each response: immediately while `more` is true, otherwise whenever you like. Each task that"
        " changed comes once, as it is now; a task that was moved to the trash is a `delete`, a restored one an"
        " `upsert`. A page may have fewer changes than `limit`, or none, while `more` is true. After 410, discard the"
        " copy and start again."
    ),
    parameters=[USER_ID, ChangesQuerySerializer],
    responses=OpenApiResponse(
        inline_serializer(
            "Changes",
            {
                "changes": CHANGE,
                "revision": serializers.CharField(help_text="Opaque: the next request's `since`."),
                "more": serializers.BooleanField(help_text="Whether there are more changes now."),
            },
        ),
        description="The changes, oldest first.",
        examples=[
            OpenApiExample(
                "Two changes",
                {
                    "changes": [{"op": "upsert", "task": TASK}, {"op": "delete", "id": 8}],
                    "revision": REVISION,
                    "more": False,
                },
            )
        ],
    ),
    tags=["tasks"],
)
