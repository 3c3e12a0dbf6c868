"""Domains check what a column may hold, in place of CHECKs of the table. Its SQL is frozen in sql/0004_*.sql.

The state keeps the constraints: Django validates forms by them, and it does not know domains.
"""

from pathlib import Path

from django.db import migrations


def sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"0004_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0003_two_indexes"),
    ]

    operations = [
        migrations.RunSQL(sql("domains"), sql("undo_domains")),
    ]
