"""Request bodies and query parameters, validated strictly, and the task as the OpenAPI document describes it.

The fields of bodies come from the model. No response is serialized here: PostgreSQL writes the JSON of tasks.
"""

import re
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import QueryDict
from rest_framework import serializers

from tasks.constraints import Priority
from tasks.fields import (
    MAX_PAGE_SIZE,
    PageSizeField,
    StrictBooleanField,
    StrictChoiceField,
    StrictDateField,
    StrictTextField,
    TagsField,
    TitleField,
)
from tasks.models import EDITABLE_FIELDS, FIELD_DEFAULTS, Task
from tasks.operations import COMPLETED_STATES
from tasks.sorting import SORTS, STATUSES
from tasks.sql.fragments import FIELDS
from tasks.sql.lists import FILTERS
from tasks.sql.writes import NEW_FIELDS

MAX_Q_LENGTH = 200
MAX_UNKNOWN = 10  # So many names are quoted in a refusal; 64 KiB have room for thousands.
NO_PAGE_NUMBERS = "Pages have no numbers: follow the `Link` of the previous page."
ONLY_BY_STATUS = "This operation chooses tasks by `status` alone."


class TaskFieldsSerializer(serializers.ModelSerializer[Task]):
    """Fields of a task in a body. Other members of the body are ignored. Null means the field's default."""

    # The message for a `null` body. DRF's default differs by code path; the API fixes this text.
    default_error_messages = {"null": "No data provided"}
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: TitleField,
        models.TextField: StrictTextField,
        models.BooleanField: StrictBooleanField,
        models.DateField: StrictDateField,
        ArrayField: TagsField,
    }
    serializer_choice_field = StrictChoiceField

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: FIELD_DEFAULTS[name] if value is None else value for name, value in attrs.items()}


BODY_FIELDS: dict[str, dict[str, Any]] = {
    "title": {"help_text": "Trimmed; not empty."},
    "description": {"trim_whitespace": False, "help_text": "Kept exactly as sent; null means none."},
    "due_date": {"help_text": "A date such as 2026-11-20; null means none."},
    "priority": {"allow_null": True, "help_text": "Null means `none`."},
    "tags": {"allow_null": True, "help_text": "Distinct; each is trimmed. Null means no tags."},
}


class NewTaskSerializer(TaskFieldsSerializer):
    """The body of POST."""

    class Meta:
        model = Task
        fields = NEW_FIELDS
        extra_kwargs = BODY_FIELDS


class TaskChangesSerializer(TaskFieldsSerializer):
    """The body of PUT and PATCH: what is missing is kept."""

    class Meta:
        model = Task
        fields = EDITABLE_FIELDS
        extra_kwargs = {**BODY_FIELDS, "title": {"required": False, **BODY_FIELDS["title"]}}


class MarkAllSerializer(serializers.Serializer[Any]):
    """The body of PATCH on the whole list."""

    completed = StrictBooleanField()


HELP_TEXTS = {
    "id": "Never used again, even after the task is deleted.",
    "created_at": "RFC 3339, in UTC, with microseconds.",
    "updated_at": "RFC 3339, in UTC, with microseconds.",
    "completed_at": "When it was completed; null while it is pending.",
    "deleted_at": "When it was moved to the trash; null if it is not there.",
    "version": "One more at every change; the entity tag is this number in quotes.",
}


class TaskSerializer(TaskFieldsSerializer):
    """A task."""

    # Only the OpenAPI document is made from it: PostgreSQL writes the JSON.

    user_id = serializers.CharField(help_text="The Better Auth id of the task's owner.")

    class Meta:
        model = Task
        fields = FIELDS
        extra_kwargs = {
            name: {"required": True, "read_only": False, "help_text": HELP_TEXTS.get(name)} for name in FIELDS
        }


# Ignored in a body, in strict handling too: clients send a whole task back.
SET_BY_THE_API = tuple(name for name in FIELDS if name not in EDITABLE_FIELDS)


def refuse_unknown(sent: Iterable[str], known: Iterable[str], kind: str) -> None:
    """Raise ValidationError if a name in `sent` is not one of `known`; it suggests the name that looks like it.

    Only the first few are named: a suggestion costs CPU, and the answer would be longer than what was sent.
    kind: what the names are of, a field or a parameter.
    """
    names = {plain(name): name for name in known}
    unknown = [name for name in sent if name not in names.values()]
    errors: dict[str, list[str]] = {}
    for name in unknown[:MAX_UNKNOWN]:
        similar = get_close_matches(plain(name), names, n=1)
        suggestion = f" Did you mean `{names[similar[0]]}`?" if similar else ""
        errors[name] = [f"Unknown {kind}.{suggestion}"]
    if more := len(unknown) - len(errors):
        counted = f"There is 1 more unknown {kind}." if more == 1 else f"There are {more} more unknown {kind}s."
        errors.setdefault("non_field_errors", []).append(counted)
    if errors:
        raise serializers.ValidationError(errors)


def plain(name: str) -> str:
    """Return what `dueDate`, `due-date` and `due_date` have in common."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


class QuerySerializer(serializers.Serializer[Any]):
    """Query parameters. Unknown ones are ignored."""

    def parse(self, params: QueryDict) -> dict[str, Any]:
        """Return the validated values: all of a list, the last one of any other repeated parameter.

        Raises ValidationError.
        """
        values = {
            name: params.getlist(name) if isinstance(field, serializers.ListField) else params[name]
            for name, field in self.fields.items()
            if name in params
        }
        validated: dict[str, Any] = self.run_validation(values)
        return validated


# How other APIs name a page, or what comes before it.
PAGE_NUMBERS = ("page", "offset", "skip", "start")


class ListQuerySerializer(QuerySerializer):
    """The query parameters of a list. Its result has the names of ListQuery's fields, and `cursor`."""

    def parse(self, params: QueryDict) -> dict[str, Any]:
        """Return the validated values. With `limit`, refuse a page number: ignored, every page would be the first."""
        if "limit" in params and (numbers := [name for name in PAGE_NUMBERS if name in params]):
            raise serializers.ValidationError({name: [NO_PAGE_NUMBERS] for name in numbers})
        return super().parse(params)

    status = StrictChoiceField(
        STATUSES,
        default="all",
        help_text="Which tasks: all that are not in the trash, the pending ones, the completed ones, or the trash.",
    )
    sort = StrictChoiceField(
        SORTS,
        default="created",
        help_text="`created`: newest first. `title`: A to Z, ignoring case. `updated`: latest first."
        " `due_date`: soonest first, tasks without one last. `priority`: high first. The id breaks ties, in the same"
        " direction.",
    )
    order = StrictChoiceField(
        ("asc", "desc"),
        required=False,
        help_text="The direction of the sort, ties included. Tasks without a due date come last in both directions.",
    )
    q = StrictTextField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=MAX_Q_LENGTH,
        help_text="Tasks that contain this text in their title or description, ignoring case.",
    )
    tag = TagsField(required=False, help_text="Tasks with this tag; if repeated, with all of them.")
    priority = StrictChoiceField(Priority.values, required=False, help_text="Tasks of this priority.")
    due_before = StrictDateField(required=False, help_text="Tasks that are due on this date or before.")
    due_after = StrictDateField(required=False, help_text="Tasks that are due on this date or after.")
    limit = PageSizeField(
        required=False,
        help_text='Tasks per page; `Link: <…>; rel="next"` is sent while there are more. Without it: the whole list.',
    )
    cursor = serializers.CharField(
        required=False,
        trim_whitespace=False,
        help_text="Where the page begins: from the `Link` of the previous page, with the same sort, order and filters.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "cursor" in attrs and "limit" not in attrs:
            raise serializers.ValidationError({"cursor": ["`cursor` requires `limit`."]})
        filters = {name: as_filter(attrs.pop(name)) for name in FILTERS if name in attrs}
        order = attrs.get("order", SORTS[attrs["sort"]].order)
        return {**attrs, "order": order, "filters": {name: value for name, value in filters.items() if value}}


def as_filter(value: str | date | list[str]) -> str | list[str]:
    """Return the one form of a filter that is part of cursors and entity tags (JSON)."""
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, list) else value


class ChangesQuerySerializer(QuerySerializer):
    """The query parameters of the changes feed."""

    since = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="The `revision` of the last response. Without it, a snapshot of the list begins.",
    )
    limit = PageSizeField(default=MAX_PAGE_SIZE, help_text="The largest number of changes.")


class BulkQuerySerializer(QuerySerializer):
    """The query parameters of an operation on the whole list."""

    def parse(self, params: QueryDict) -> dict[str, Any]:
        """Return the validated values. Refuse what narrows a list: ignored, the others would be changed, too."""
        if narrowing := [name for name in (*FILTERS, "limit", "cursor") if name in params]:
            raise serializers.ValidationError({name: [ONLY_BY_STATUS] for name in narrowing})
        return super().parse(params)


BULK_STATUS = "Which tasks. Required, so that a client with an empty task id does not change the whole list."


class MarkAllQuerySerializer(BulkQuerySerializer):
    """The query parameters of PATCH on the whole list."""

    status = StrictChoiceField(COMPLETED_STATES, help_text=BULK_STATUS)


class ClearQuerySerializer(BulkQuerySerializer):
    """The query parameters of DELETE on the whole list."""

    status = StrictChoiceField(("all", "completed"), help_text=BULK_STATUS)


CONFIRM = "Must be your user id: everything is erased permanently."


class ErasureQuerySerializer(QuerySerializer):
    """The query parameters of DELETE on a user's path."""

    confirm = serializers.CharField(
        trim_whitespace=False,
        allow_blank=True,
        help_text="The `user_id` of the path once more.",
        error_messages={"required": CONFIRM},
    )


# One instance of each for all requests: DRF copies every field of a new one, which takes 0.15 ms.
NEW_TASK = NewTaskSerializer()
TASK_CHANGES = TaskChangesSerializer()
MARK_ALL = MarkAllSerializer()
LIST_QUERY = ListQuerySerializer()
CHANGES_QUERY = ChangesQuerySerializer()
MARK_ALL_QUERY = MarkAllQuerySerializer()
CLEAR_QUERY = ClearQuerySerializer()
ERASURE_QUERY = ErasureQuerySerializer()
