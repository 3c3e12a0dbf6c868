"""Domains in place of CHECKs, and triggers with a short way for one task. Its SQL is frozen in sql/0002_*.sql.

The state keeps the constraints: Django validates forms by them, and it does not know domains.
"""

from pathlib import Path

from django.db import migrations


def sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"0002_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql("domains"),
            sql("undo_domains"),
            state_operations=[
                migrations.RemoveIndex("task", "task_list_title_idx"),
                migrations.RemoveIndex("task", "task_list_priority_idx"),
            ],
        ),
        migrations.RunSQL(sql("triggers"), sql("undo_triggers")),
    ]
