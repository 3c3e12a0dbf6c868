"""One row a person with the counter of their list, and one table of what changed in it."""

import uuid

import django.db.models.functions.uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("tasks", "0002_task_versions_and_trash")]

    operations = [
        migrations.CreateModel(
            name="TaskList",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        related_name="task_list",
                        serialize=False,
                        to="accounts.user",
                    ),
                ),
                (
                    "epoch",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID4(), default=uuid.uuid4, editable=False
                    ),
                ),
                ("revision", models.BigIntegerField(db_default=0, editable=False)),
                ("live", models.IntegerField(db_default=0, editable=False)),
                ("trashed", models.IntegerField(db_default=0, editable=False)),
                ("pruned", models.BigIntegerField(db_default=0, editable=False)),
            ],
            options={"db_table": "task_lists"},
        ),
        migrations.CreateModel(
            name="TaskChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "task_list",
                    models.ForeignKey(
                        db_column="user_id",
                        db_index=False,
                        on_delete=models.DB_CASCADE,
                        related_name="changes",
                        to="tasks.tasklist",
                    ),
                ),
                ("revision", models.BigIntegerField()),
                ("task_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("door", models.TextField()),
            ],
            options={
                "db_table": "task_changes",
                "indexes": [
                    models.Index(
                        models.F("task_list"), models.F("task_id"), models.F("revision"), name="task_change_task_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task_list", "revision", "task_id"), name="task_change_revision_key"
                    )
                ],
            },
        ),
    ]
