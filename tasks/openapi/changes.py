"""How the OpenAPI document describes the changes feed."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers

from tasks.list_query import LARGEST_PAGE
from tasks.openapi.parameters import USER_ID
from tasks.openapi.tasks import TASK
from tasks.serializers import TaskSerializer

REVISION = "Xb3mZk0dR1x2cGk4bC1hbi1vcGFxdWUtdG9rZW4"
SINCE = OpenApiParameter(
    "since",
    OpenApiTypes.STR,
    description="The `revision` of the last answer. Without it a snapshot of the list begins.",
    examples=[OpenApiExample("A revision", REVISION)],
)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
    description="How many changes at most.",
    default=LARGEST_PAGE,
)


@extend_schema_field({"type": "string", "const": "upsert"})
class Upsert(serializers.CharField):
    """Put the task into the copy, or in place of the one with its id."""


@extend_schema_field({"type": "string", "const": "delete"})
class Delete(serializers.CharField):
    """Take the task with this id out of the copy, where it is in it."""


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
        "Keeps a copy of the list. Begin without `since`, apply the changes in their order, and ask on with the"
        " `revision` of each answer: at once while `more` is true, else whenever you like. Each task that changed comes"
        " once, as it is now; one that went into the trash is a `delete`, one that was restored an `upsert`. A page may"
        " have fewer changes than `limit`, or none, while `more` is true. After 410 drop the copy and begin again."
    ),
    parameters=[USER_ID, SINCE, LIMIT],
    responses=OpenApiResponse(
        inline_serializer(
            "Changes",
            {
                "changes": CHANGE,
                "revision": serializers.CharField(help_text="Opaque: the next request's `since`."),
                "more": serializers.BooleanField(help_text="Whether there are more changes already."),
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
