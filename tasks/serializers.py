"""What a body may say about a task. Reads need no serializer: `TaskQuerySet.as_json` takes the columns as they are."""

from typing import Any

from rest_framework import serializers

from tasks.text import DESCRIPTION_LENGTH, TITLE_LENGTH


class StrictTextField(serializers.CharField):
    """A JSON string. DRF's own field makes the title "5" of the number 5. NUL and lone surrogates are refused."""

    def to_internal_value(self, data: Any) -> str:
        """`data`, where it is a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """JSON true or false. DRF's own field takes "yes", 1 and a dozen more."""

    def to_internal_value(self, data: Any) -> bool:
        """`data`, where it is a boolean."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class NewTaskSerializer(serializers.Serializer[Any]):
    """The body of POST. Members it does not name are ignored, `completed` among them."""

    title = StrictTextField(max_length=TITLE_LENGTH, help_text="Trimmed; not empty.")
    description = StrictTextField(
        max_length=DESCRIPTION_LENGTH,
        allow_blank=True,
        allow_null=True,
        required=False,
        trim_whitespace=False,
        help_text="Kept exactly as sent; null is none.",
    )


class TaskChangesSerializer(NewTaskSerializer):
    """The body of PUT: every member is optional, and what is absent is kept."""

    title = StrictTextField(max_length=TITLE_LENGTH, required=False, help_text="Trimmed; not empty.")
    completed = StrictBooleanField(required=False)


class MarkAllSerializer(serializers.Serializer[Any]):
    """The body of a PATCH of the whole list."""

    completed = StrictBooleanField()


class TaskSerializer(serializers.Serializer[Any]):
    """A task as it is answered."""

    # The OpenAPI document is made from it; no answer is: `TaskQuerySet.as_json` takes the columns as they are.
    id = serializers.IntegerField(help_text="Never used again, also after the task is deleted.")
    user_id = serializers.CharField(help_text="Better Auth's id of the task's owner.")
    title = serializers.CharField(max_length=TITLE_LENGTH)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH, allow_null=True)
    completed = serializers.BooleanField()
    created_at = serializers.DateTimeField(help_text="RFC 3339, UTC, with microseconds.")
    updated_at = serializers.DateTimeField(help_text="RFC 3339, UTC, with microseconds.")
    completed_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was completed; null while it is pending."
    )
    deleted_at = serializers.DateTimeField(allow_null=True, help_text="When it was put into the trash; else null.")
    version = serializers.IntegerField(help_text="One more at every change; the entity tag is this in quotes.")
