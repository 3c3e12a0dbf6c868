"""Adds an index of the changes' time, for the days of the admin's front page.

A BRIN index: changes are written in the order of their time, so it needs an entry for 128 pages and not for each row.
It is dropped first, because an interrupted CREATE INDEX CONCURRENTLY leaves an invalid one.
"""

import django.contrib.postgres.indexes
from django.db import migrations

NAME = "task_change_at_idx"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0006_title_index")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    model_name="taskchange",
                    index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name=NAME),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    [
                        f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}",
                        f"CREATE INDEX CONCURRENTLY {NAME} ON task_changes USING brin (at)",
                    ],
                    f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}",
                )
            ],
        )
    ]
