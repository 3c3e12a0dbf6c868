"""Changes of the new members are recorded, and the constraints on them hold for every row."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

from tasks.triggers import FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("tasks", "0007_due_date_priority_tags")]

    operations = [
        migrations.RunSQL(list(FUNCTIONS), migrations.RunSQL.noop),
        ValidateConstraint("task", "task_priority_is_known"),
        ValidateConstraint("task", "task_tags_are_distinct"),
    ]
