"""Everything that tasks need: functions, tables, indexes and triggers. Its SQL is frozen in sql/0001_*.sql."""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.functions.uuid
import django.db.models.lookups
from django.db import migrations, models


def sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"0001_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(sql("functions"), "DROP FUNCTION lower_case(text); DROP FUNCTION are_tags(text[])"),
        migrations.CreateModel(
            name="TaskList",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        primary_key=True,
                        related_name="task_list",
                        serialize=False,
                        to="accounts.user",
                    ),
                ),
                (
                    "epoch",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID4(), default=uuid.uuid4, editable=False
                    ),
                ),
                ("revision", models.BigIntegerField(db_default=0, editable=False)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("live_count", models.IntegerField(db_default=0, editable=False)),
                ("trash_count", models.IntegerField(db_default=0, editable=False)),
                ("expired_revision", models.BigIntegerField(db_default=0, editable=False)),
            ],
            options={
                "db_table": "task_lists",
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                ("completed_at", models.DateTimeField(editable=False, null=True)),
                ("due_date", models.DateField(blank=True, null=True)),
                (
                    "priority",
                    models.TextField(
                        choices=[("none", "None"), ("low", "Low"), ("medium", "Medium"), ("high", "High")],
                        db_default="none",
                        default="none",
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(max_length=50), blank=True, db_default=[], default=list
                    ),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.BigIntegerField(db_default=1, editable=False)),
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
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.TextField()),
                ("body_hash", models.BinaryField()),
                ("response_body", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DB_CASCADE, related_name="+", to="tasks.task"
                    ),
                ),
            ],
            options={
                "db_table": "task_idempotency_keys",
            },
        ),
        migrations.CreateModel(
            name="TaskChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.BigIntegerField()),
                ("task_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("source", models.TextField()),
                (
                    "task_list",
                    models.ForeignKey(
                        db_column="user_id",
                        db_index=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="changes",
                        to="tasks.tasklist",
                    ),
                ),
            ],
            options={
                "db_table": "task_changes",
            },
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
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
                    models.Q(("title", ""), _negated=True),
                ),
                name="task_title_is_trimmed",
                violation_error_message="A title must not be empty or have white space around it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("description"), 1000
                    )
                ),
                name="task_description_length",
                violation_error_message="A description has at most 1000 characters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["none", "low", "medium", "high"])), name="task_priority_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(models.F("tags"), function="are_tags", output_field=models.BooleanField())
                ),
                name="task_tags_are_distinct",
                violation_error_message="At most 20 distinct, trimmed tags of 1 to 50 characters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskchange",
            constraint=models.UniqueConstraint(
                fields=("task_list", "revision", "task_id"), name="task_change_revision_key"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(sql("indexes"), migrations.RunSQL.noop)],  # They are dropped with their tables.
            [
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        models.F("user"),
                        models.Case(
                            models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(12)),
                            models.When(models.Q(("completed", True)), then=models.Value(11)),
                            default=models.Value(10),
                            output_field=models.SmallIntegerField(),
                        ),
                        models.F("created_at"),
                        models.F("id"),
                        name="task_list_created_idx",
                    ),
                ),
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        models.F("user"),
                        models.Case(
                            models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(22)),
                            models.When(models.Q(("completed", True)), then=models.Value(21)),
                            default=models.Value(20),
                            output_field=models.SmallIntegerField(),
                        ),
                        models.Func(
                            models.F("title"),
                            output_field=models.TextField(),
                            template='lower_case(%(expressions)s) COLLATE "C"',
                        ),
                        models.F("id"),
                        name="task_list_title_idx",
                    ),
                ),
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        models.F("user"),
                        models.Case(
                            models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(32)),
                            models.When(models.Q(("completed", True)), then=models.Value(31)),
                            default=models.Value(30),
                            output_field=models.SmallIntegerField(),
                        ),
                        models.F("updated_at"),
                        models.F("id"),
                        name="task_list_updated_idx",
                    ),
                ),
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        models.F("user"),
                        models.Case(
                            models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(42)),
                            models.When(models.Q(("completed", True)), then=models.Value(41)),
                            default=models.Value(40),
                            output_field=models.SmallIntegerField(),
                        ),
                        models.Func(
                            models.F("due_date"),
                            output_field=models.DateField(),
                            template="coalesce(%(expressions)s, 'infinity'::date)",
                        ),
                        models.F("id"),
                        name="task_list_due_date_idx",
                    ),
                ),
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        models.F("user"),
                        models.Case(
                            models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(52)),
                            models.When(models.Q(("completed", True)), then=models.Value(51)),
                            default=models.Value(50),
                            output_field=models.SmallIntegerField(),
                        ),
                        models.Func(
                            models.F("priority"),
                            output_field=models.IntegerField(),
                            template="array_position(ARRAY['none', 'low', 'medium', 'high'], %(expressions)s)",
                        ),
                        models.F("id"),
                        name="task_list_priority_idx",
                    ),
                ),
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        models.F("user"),
                        models.F("deleted_at"),
                        models.F("id"),
                        condition=models.Q(("deleted_at__isnull", False)),
                        name="task_trash_idx",
                    ),
                ),
                migrations.AddIndex(
                    model_name="idempotencykey",
                    index=models.Index(models.F("created_at"), name="idempotency_key_created_idx"),
                ),
                migrations.AddIndex(
                    model_name="taskchange",
                    index=models.Index(
                        models.F("task_list"), models.F("task_id"), models.F("revision"), name="task_change_task_idx"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(sql("triggers"), sql("drop_triggers")),
    ]
