"""System checks of the database: the triggers work on which versions, counters and history depend."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from tasks.triggers import missing_triggers


@register(Tags.database)
def check_triggers(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    return [
        Error(
            f'The trigger {name} of "{table}" is missing or disabled: versions, counters and history become wrong.',
            hint=f'If it is disabled: ALTER TABLE "{table}" ENABLE TRIGGER {name}. If it is missing, restore it from '
            "a whole dump, or from its file in tasks/migrations/sql. Then count the lists again (docs/operations.md).",
            id="tasks.E001",
        )
        for alias in databases or ()
        for table, name in missing_triggers(connections[alias])
    ]
