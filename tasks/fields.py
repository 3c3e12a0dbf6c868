"""Serializer fields that are stricter than DRF's: no value is converted from another type."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks.constraints import MAX_TAGS, TAG_LENGTH, distinct_tags, is_blank

MAX_PAGE_SIZE = 200


class StrictTextField(serializers.CharField):
    """A JSON string. DRF's own field turns the number 5 into "5"."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TitleField(StrictTextField):
    """A text with something to see in it. DRF takes only white space for blank."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, str) and is_blank(data):
            self.fail("blank")
        return super().run_validation(data)


class StrictBooleanField(serializers.BooleanField):
    """JSON true or false. DRF's own field takes "yes", 1 and a dozen more."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field(OpenApiTypes.DATE)
class StrictDateField(serializers.DateField):
    """A date such as `2026-11-20`. A time of day is refused, not dropped."""

    default_error_messages = {"invalid": "Must be a date such as 2026-11-20, without a time."}

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            self.fail("invalid")
        try:
            return date.fromisoformat(data)
        except ValueError:  # February 30
            self.fail("invalid")


class StrictChoiceField(serializers.ChoiceField):
    """One of some strings. DRF's own field takes 5 for "5" and true for "True"."""

    def __init__(self, choices: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(list(choices), **kwargs)
        message = f"Must be one of: {', '.join(self.choices)}."
        self.error_messages |= {"required": message, "invalid_choice": message}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice")
        return data


@extend_schema_field(
    {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": TAG_LENGTH}, "maxItems": MAX_TAGS}
)
class TagsField(serializers.ListField):
    """Distinct tags, trimmed, in the order in which they came."""

    child = StrictTextField(max_length=TAG_LENGTH)
    default_error_messages = {
        "not_a_list": "Must be a list of strings.",
        "too_many": f"Must be at most {MAX_TAGS} distinct tags.",
    }

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        tags = distinct_tags(self.child.run_validation(tag) for tag in data)
        if len(tags) > MAX_TAGS:
            self.fail("too_many")
        return tags


class PageSizeField(serializers.IntegerField):
    """A number from 1 to MAX_PAGE_SIZE, in plain digits."""

    default_error_messages = {"invalid": f"Must be a number from 1 to {MAX_PAGE_SIZE}."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_PAGE_SIZE, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch("[1-9][0-9]{0,2}", data) or int(data) > MAX_PAGE_SIZE:
            self.fail("invalid")
        return int(data)
