"""An index in the order of titles. Its SQL is frozen in sql/0006_title_index.sql."""

from pathlib import Path

from django.db import migrations, models

KEY = models.Func(models.F("title"), output_field=models.TextField(), template='fold(%(expressions)s) COLLATE "C"')


def statements() -> list[str]:
    """Return the statements of the file, one by one: CONCURRENTLY does not work inside of a transaction."""
    text = (Path(__file__).parent / "sql" / "0006_title_index.sql").read_text(encoding="utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tasks", "0005_fold"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(statements(), "DROP INDEX CONCURRENTLY IF EXISTS task_title_idx")],
            [
                migrations.AddIndex(
                    "task",
                    models.Index(
                        models.F("user"),
                        models.F("completed"),
                        KEY,
                        models.F("id"),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="task_title_idx",
                    ),
                ),
            ],
        ),
    ]
