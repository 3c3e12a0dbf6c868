"""One index for the live tasks and one for the trash, in place of one for each sort. Its SQL is in sql/0004_*.sql."""

from pathlib import Path

from django.db import migrations, models

LIVE, TRASHED = models.Q(("deleted_at__isnull", True)), models.Q(("deleted_at__isnull", False))


def statements(name: str) -> list[str]:
    """Return the statements of a file, one by one: CONCURRENTLY does not work inside of a transaction."""
    text = (Path(__file__).parent / "sql" / f"0004_{name}.sql").read_text(encoding="utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tasks", "0003_domains"),
    ]

    operations = [
        migrations.RunSQL(
            statements("indexes"),
            statements("undo_indexes"),
            state_operations=[
                migrations.RemoveIndex("task", "task_list_created_idx"),
                migrations.RemoveIndex("task", "task_list_updated_idx"),
                migrations.RemoveIndex("task", "task_list_due_date_idx"),
                migrations.RemoveIndex("task", "task_trash_idx"),
                migrations.AddIndex(
                    "task",
                    models.Index(
                        fields=("user", "completed", "created_at", "id"),
                        include=("updated_at", "due_date", "priority", "title"),
                        condition=LIVE,
                        name="task_live_idx",
                    ),
                ),
                migrations.AddIndex(
                    "task",
                    models.Index(
                        fields=("user", "deleted_at", "id"),
                        include=("created_at", "updated_at", "due_date", "priority", "title"),
                        condition=TRASHED,
                        name="task_trashed_idx",
                    ),
                ),
            ],
        ),
    ]
