"""The task form. Only edited fields are written."""

import json
from typing import Any

from django import forms
from django.forms import ModelForm
from rest_framework.exceptions import ValidationError

from tasks import fields
from tasks.admin.history import stale_message
from tasks.models import EDITABLE_FIELDS, Task


class DescriptionField(forms.CharField):
    """Text as it was sent: browsers turn every line break into two characters, and an empty field means none."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        return (value or "").replace("\r\n", "\n") or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class TagsField(forms.Field):
    """Tags as a JSON list, because a tag may contain any separator."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: Any) -> str:
        """Return JSON of the tags, or unchanged what a staff user has typed."""
        return value if isinstance(value, str) else json.dumps(value or [], ensure_ascii=False)

    def to_python(self, value: Any) -> list[str]:
        """Return the tags, validated by the rules of the API."""
        try:
            tags: list[str] = fields.TagsField().run_validation(json.loads((value or "").strip() or "[]"))
        except ValidationError as error:
            raise forms.ValidationError([str(detail) for detail in error.detail]) from error
        except (ValueError, RecursionError) as error:  # RecursionError: brackets nested thousands deep.
            raise forms.ValidationError('Must be a list in JSON, such as ["home", "garden"].') from error
        return tags


class TaskForm(ModelForm):  # type: ignore[type-arg]  # ModelForm[…] fails at run time
    """The fields that staff users may change, and the version that they saw."""

    description = DescriptionField(required=False, strip=False)
    tags = TagsField(required=False, help_text='A list in JSON, each tag in quotes: ["home", "milk, bread"]')
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Task
        fields = ("user", *EDITABLE_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version if self.instance.pk else None

    def clean(self) -> dict[str, Any]:
        """Refuse a form that was opened before somebody else's change, and show that change."""
        cleaned = super().clean() or {}
        seen = cleaned.get("seen_version")
        if self.instance.pk and seen != self.instance.version:
            raise forms.ValidationError(stale_message(self.instance, seen))
        return cleaned
