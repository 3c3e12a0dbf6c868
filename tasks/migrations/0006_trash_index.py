"""The trash of a person, the oldest first, by an index that is built while the previous release writes."""

from django.db import migrations, models

from tasks.repeatable_index import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0005_triggers")]

    operations = [
        AddIndexRepeatably(
            "task",
            models.Index(
                models.F("user"),
                models.F("deleted_at"),
                models.F("id"),
                condition=models.Q(("deleted_at__isnull", False)),
                name="task_trash_idx",
            ),
        ),
    ]
