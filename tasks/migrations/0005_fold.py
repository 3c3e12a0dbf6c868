"""Adds fold(text), by which texts are compared without regard to case, and rebuilds the index of the title order on it.

lower_case(text) stays: the previous release calls it until it is stopped.
"""

from pathlib import Path
from typing import Any

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

NAME = "task_list_title_idx"
UNFINISHED = "task_list_title_new_idx"


def title_index(function: str) -> models.Index:
    key = models.Func(
        models.F("title"), output_field=models.TextField(), template=f'{function}(%(expressions)s) COLLATE "C"'
    )
    status = models.Case(
        models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(22)),
        models.When(models.Q(("completed", True)), then=models.Value(21)),
        default=models.Value(20),
        output_field=models.SmallIntegerField(),
    )
    return models.Index(models.F("user"), status, key, models.F("id"), name=NAME)


class RebuildIndex(Operation):
    """Replaces an index while others read and write, if there is one of its name.

    A CREATE INDEX CONCURRENTLY that is interrupted leaves an invalid index: it is built under another name, and a
    second run begins by dropping what the first one left.
    """

    atomic = False

    def __init__(self, index: models.Index) -> None:
        self.index = index

    def state_forwards(self, app_label: str, state: Any) -> None:
        if self.has_index(state, app_label):
            state.remove_index(app_label, "task", NAME)
            state.add_index(app_label, "task", self.index)

    def database_forwards(self, app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
        if not self.has_index(to_state, app_label):
            return
        model = to_state.apps.get_model(app_label, "Task")
        index = to_state.models[app_label, "task"].get_index_by_name(NAME).clone()
        index.name = UNFINISHED
        editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {UNFINISHED}")
        editor.add_index(model, index, concurrently=True)
        editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        editor.execute(f"ALTER INDEX {UNFINISHED} RENAME TO {NAME}")

    database_backwards = database_forwards  # `to_state` is then the one with the previous index.

    def has_index(self, state: Any, app_label: str) -> bool:
        return any(index.name == NAME for index in state.models[app_label, "task"].options["indexes"])

    def describe(self) -> str:
        return f"Rebuild the index {NAME}"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0001_initial")]

    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "sql" / "0005_fold.sql").read_text(encoding="utf-8"), "DROP FUNCTION fold(text)"
        ),
        RebuildIndex(title_index("fold")),
    ]
