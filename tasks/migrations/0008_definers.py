"""No role can make the functions that work as their owner run its own code. The SQL is frozen in sql/0008_*.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0007_change_time"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "0008_definers.sql").read_text(encoding="utf-8"),
            (SQL / "0008_undo_definers.sql").read_text(encoding="utf-8"),
        ),
    ]
