"""An index for each order of a list, within each status; built and dropped while others write."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import tasks.list_order
import tasks.lower_case
from tasks.repeatable_index import AddIndexRepeatably

KEYS = {
    "created": models.F("created_at"),
    "title": tasks.lower_case.LowerCase("title"),
    "updated": models.F("updated_at"),
    "due_date": models.F("due_date"),
    "priority": tasks.list_order.PriorityRank("priority"),
}


def status(first: int) -> models.Case:
    return models.Case(
        models.When(deleted_at__isnull=False, then=models.Value(first + 2)),
        models.When(completed=True, then=models.Value(first + 1)),
        default=models.Value(first),
        output_field=models.SmallIntegerField(),
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0009_moment_of_a_revision")]

    operations = [
        *(
            AddIndexRepeatably(
                "task", models.Index(models.F("user"), status(first), key, models.F("id"), name=f"task_list_{name}_idx")
            )
            for first, (name, key) in zip(range(10, 60, 10), KEYS.items(), strict=True)
        ),
        RemoveIndexConcurrently("task", "task_created_idx"),
        RemoveIndexConcurrently("task", "task_title_idx"),
    ]
