"""Adds fold(text), by which texts are compared without regard to case. Its SQL is frozen in sql/0005_fold.sql.

lower_case(text) stays: the previous release calls it until it is stopped.
"""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0004_two_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "sql" / "0005_fold.sql").read_text(encoding="utf-8"), "DROP FUNCTION fold(text)"
        ),
    ]
