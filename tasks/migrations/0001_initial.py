"""The tasks table, and the function that its sort by title compares."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import tasks.lower_case
from tasks.lower_case import lower_case_function


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(lower_case_function(), "DROP FUNCTION lower_case(text)"),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, max_length=1000, null=True)),
                ("completed", models.BooleanField(db_default=False, default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="tasks",
                        to="accounts.user",
                    ),
                ),
            ],
            options={
                "db_table": "tasks",
                "ordering": ("-created_at", "-id"),
                "indexes": [
                    models.Index(
                        models.F("user"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="task_created_idx",
                    ),
                    models.Index(
                        models.F("user"), tasks.lower_case.LowerCase("title"), models.F("id"), name="task_title_idx"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "title",
                                models.Func(
                                    models.F("title"),
                                    models.Value(
                                        "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
                                    ),
                                    function="btrim",
                                    output_field=models.TextField(),
                                ),
                            ),
                            ("title__length__gte", 1),
                        ),
                        name="task_title_is_trimmed",
                        violation_error_message="A title must not be empty, nor have white space around it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("description__length__lte", 1000)),
                        name="task_description_length",
                        violation_error_message="A description has at most 1000 characters.",
                    ),
                ],
            },
        ),
    ]
