"""What a body may say about a task. Reads need no serializer: `TaskQuerySet.as_json` takes the columns as they are."""

import re
from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks.models import Priority
from tasks.text import DESCRIPTION_LENGTH, MOST_TAGS, TAG_LENGTH, TITLE_LENGTH, distinct_tags


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


@extend_schema_field(OpenApiTypes.DATE)
class DayField(serializers.Field[date | None, Any, str, Any]):
    """A day as `2026-11-20`. Null is none; a time of day is refused, and not dropped."""

    default_error_messages = {"invalid": "Must be a day as 2026-11-20, without a time."}

    def to_internal_value(self, data: Any) -> date:
        """The day."""
        day = day_of(data) if isinstance(data, str) else None
        if day is None:
            self.fail("invalid")
        return day


def day_of(text: str) -> date | None:
    """The day that `text` (YYYY-MM-DD) names; None where it names none."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None


@extend_schema_field({"type": "string", "enum": Priority.values})
class PriorityField(serializers.Field[str, Any, str, Any]):
    """One of the priorities. Null is `none`."""

    default_error_messages = {"invalid": f"Must be one of: {', '.join(Priority)}."}

    def to_internal_value(self, data: Any) -> str:
        """The priority. DRF's own field takes 5 for "5" and true for "True"."""
        if not isinstance(data, str) or data not in Priority:
            self.fail("invalid")
        return data


class TagField(StrictTextField):
    """One tag: trimmed, and then not empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=TAG_LENGTH, **kwargs)


@extend_schema_field(
    {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": TAG_LENGTH}, "maxItems": MOST_TAGS}
)
class TagsField(serializers.Field[list[str], Any, list[str], Any]):
    """Distinct tags, in the order they came in. Null is none of them."""

    default_error_messages = {
        "not_a_list": "Must be a list of strings.",
        "too_many": f"Must be at most {MOST_TAGS} distinct tags.",
    }
    tag = TagField()

    def to_internal_value(self, data: Any) -> list[str]:
        """The tags."""
        if not isinstance(data, list):
            self.fail("not_a_list")
        tags = distinct_tags(self.tag.run_validation(tag) for tag in data)
        if len(tags) > MOST_TAGS:
            self.fail("too_many")
        return tags


class NewTaskSerializer(serializers.Serializer[Any]):
    """The body of POST. Members it does not name are ignored, `completed` among them."""

    # Of a body that is null. Without it the words depend on how DRF is called, and part A of the contract has these.
    default_error_messages = {"null": "No data provided"}

    title = StrictTextField(max_length=TITLE_LENGTH, help_text="Trimmed; not empty.")
    description = StrictTextField(
        max_length=DESCRIPTION_LENGTH,
        allow_blank=True,
        allow_null=True,
        required=False,
        trim_whitespace=False,
        help_text="Kept exactly as sent; null is none.",
    )
    due_date = DayField(required=False, allow_null=True, help_text="A day as 2026-11-20; null is none.")
    priority = PriorityField(required=False, allow_null=True, help_text="Null is `none`.")
    tags = TagsField(
        required=False,
        allow_null=True,
        help_text=f"At most {MOST_TAGS} distinct strings of 1 to {TAG_LENGTH} characters, trimmed. Null is none.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the body says, with null put to the default of its member."""
        defaults = {"priority": Priority.NONE.value, "tags": []}
        return {name: defaults.get(name) if value is None else value for name, value in attrs.items()}


class TaskChangesSerializer(NewTaskSerializer):
    """The body of PUT: every member is optional, and what is absent is kept."""

    title = StrictTextField(max_length=TITLE_LENGTH, required=False, help_text="Trimmed; not empty.")
    completed = StrictBooleanField(required=False)


class MarkAllSerializer(serializers.Serializer[Any]):
    """The body of a PATCH of the whole list."""

    completed = StrictBooleanField()


NEW_TASK = NewTaskSerializer()
TASK_CHANGES = TaskChangesSerializer()
MARK_ALL = MarkAllSerializer()


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
    due_date = serializers.DateField(allow_null=True)
    priority = PriorityField()
    tags = TagsField()
    deleted_at = serializers.DateTimeField(allow_null=True, help_text="When it was put into the trash; else null.")
    version = serializers.IntegerField(help_text="One more at every change; the entity tag is this in quotes.")
