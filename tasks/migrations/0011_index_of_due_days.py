"""The index of due dates anew, with "never" in place of NULL; built while others write.

Until it is there, a page by due date sorts the list of its person.
"""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import tasks.list_order
from tasks.repeatable_index import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0010_list_indexes")]

    operations = [
        RemoveIndexConcurrently("task", "task_list_due_date_idx"),
        AddIndexRepeatably(
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
    ]
