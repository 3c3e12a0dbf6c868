"""A short way through the triggers for statements that write one task. Its SQL is frozen in sql/0002_*.sql."""

from pathlib import Path

from django.db import migrations


def sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"0002_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(sql("triggers"), sql("undo_triggers")),
    ]
