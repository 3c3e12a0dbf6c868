"""The index of due dates anew, with "never" in place of NULL; built while others write, and while the old one serves."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

import tasks.list_order


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0010_list_indexes")]

    operations = [
        migrations.RenameIndex("task", new_name="task_list_due_date_old_idx", old_name="task_list_due_date_idx"),
        AddIndexConcurrently(
            "task",
            models.Index(
                models.F("user"),
                models.Case(
                    models.When(deleted_at__isnull=False, then=models.Value(42)),
                    models.When(completed=True, then=models.Value(41)),
                    default=models.Value(40),
                    output_field=models.SmallIntegerField(),
                ),
                tasks.list_order.DueDay("due_date"),
                models.F("id"),
                name="task_list_due_date_idx",
            ),
        ),
        RemoveIndexConcurrently("task", "task_list_due_date_old_idx"),
    ]
