"""The creates that may be retried."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("tasks", "0003_lists_and_changes")]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=models.DB_CASCADE, related_name="+", to="accounts.user"
                    ),
                ),
                ("key", models.TextField()),
                ("body_digest", models.BinaryField()),
                ("task", models.ForeignKey(on_delete=models.DB_CASCADE, related_name="+", to="tasks.task")),
                ("answer", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "task_idempotency_keys",
                "indexes": [models.Index(models.F("created_at"), name="idempotency_key_created_idx")],
            },
        ),
    ]
