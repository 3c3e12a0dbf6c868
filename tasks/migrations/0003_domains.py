"""Domains in place of CHECKs, and triggers with a short way for one task. Its SQL is frozen in sql/0003_*.sql.

The state keeps the constraints: Django validates forms by them, and it does not know domains.
"""

from pathlib import Path

from django.db import migrations


def sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"0003_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0002_drop_two_indexes"),
    ]

    operations = [
        migrations.RunSQL(sql("domains"), sql("undo_domains")),
        migrations.RunSQL(sql("triggers"), sql("undo_triggers")),
    ]
