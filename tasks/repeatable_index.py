"""Indexes that a migration builds while others write."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexRepeatably(AddIndexConcurrently):
    """As Django's, which fails on the second try: a migration that was stopped leaves its index, whole or not."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop what an earlier try left, and build the index."""
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
