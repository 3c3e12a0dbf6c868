"""Drops the indexes of the columns whose types the next migration changes. Its SQL is frozen in sql/0002_*.sql.

The next one is a transaction, and this is none, so that in both directions no index is built or dropped under a lock.
"""

from pathlib import Path

from django.db import migrations


def statements(name: str) -> list[str]:
    """Return the statements of a file, one by one: CONCURRENTLY does not work inside of a transaction."""
    text = (Path(__file__).parent / "sql" / f"0002_{name}.sql").read_text(encoding="utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tasks", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            statements("indexes"),
            statements("undo_indexes"),
            state_operations=[
                migrations.RemoveIndex("task", "task_list_title_idx"),
                migrations.RemoveIndex("task", "task_list_priority_idx"),
            ],
        ),
    ]
