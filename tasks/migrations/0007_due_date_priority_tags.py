"""More of a task: its due date, priority and tags. Constraints are checked while others write."""

import django.contrib.postgres.fields
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import tasks.text


class Migration(migrations.Migration):
    dependencies = [("tasks", "0006_trash_index")]

    operations = [
        migrations.AddField("task", "due_date", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "task",
            "priority",
            models.TextField(
                choices=[("none", "None"), ("low", "Low"), ("medium", "Medium"), ("high", "High")],
                db_default="none",
                default="none",
            ),
        ),
        migrations.AddField(
            "task",
            "tags",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), blank=True, db_default=[], default=list
            ),
        ),
        migrations.RunSQL(tasks.text.ARE_TAGS, "DROP FUNCTION are_tags(text[])"),
        AddConstraintNotValid(
            "task",
            models.CheckConstraint(
                condition=models.Q(("priority__in", ["none", "low", "medium", "high"])), name="task_priority_is_known"
            ),
        ),
        AddConstraintNotValid(
            "task",
            models.CheckConstraint(
                condition=models.Q(tasks.text.AreTags("tags")),
                name="task_tags_are_distinct",
                violation_error_message="At most 20 distinct, trimmed tags of 1 to 50 characters.",
            ),
        ),
    ]
