"""Everything that tasks need: functions, tables, indexes and triggers. Its SQL is frozen in sql/0001_*.sql."""

import uuid
from collections.abc import Callable
from pathlib import Path

from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import UUID4, Length, Now
from django.db.models.lookups import LessThanOrEqual


def sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"0001_{name}.sql").read_text(encoding="utf-8")


def with_users_table(name: str) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """Return an operation that runs SQL in which "user" stands for the table of users, whatever it is called."""

    def run(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        users = schema_editor.quote_name(apps.get_model("accounts", "User")._meta.db_table)
        schema_editor.execute(sql(name).replace('"user"', users), params=None)

    return run


def status(offset: int) -> models.Case:
    return models.Case(
        models.When(models.Q(("deleted_at__isnull", False)), then=models.Value(offset + 2)),
        models.When(models.Q(("completed", True)), then=models.Value(offset + 1)),
        default=models.Value(offset),
        output_field=models.SmallIntegerField(),
    )


def list_index(name: str, offset: int, key: models.F | models.Func) -> models.Index:
    return models.Index(models.F("user"), status(offset), key, models.F("id"), name=f"task_list_{name}_idx")


TITLE = models.Func(
    models.F("title"), output_field=models.TextField(), template='lower_case(%(expressions)s) COLLATE "C"'
)
DUE_DATE = models.Func(
    models.F("due_date"), output_field=models.DateField(), template="coalesce(%(expressions)s, 'infinity'::date)"
)
PRIORITY = models.Func(
    models.F("priority"),
    output_field=models.IntegerField(),
    template="array_position(ARRAY['none', 'low', 'medium', 'high'], %(expressions)s)",
)
TRASH = models.Q(("deleted_at__isnull", False))
INDEXES = [
    ("task", list_index("created", 10, models.F("created_at"))),
    ("task", list_index("title", 20, TITLE)),
    ("task", list_index("updated", 30, models.F("updated_at"))),
    ("task", list_index("due_date", 40, DUE_DATE)),
    ("task", list_index("priority", 50, PRIORITY)),
    ("task", models.Index("user", "deleted_at", "id", name="task_trash_idx", condition=TRASH)),
    ("idempotencykey", models.Index("created_at", name="idempotency_key_created_idx")),
    ("taskchange", models.Index("task_list", "task_id", "revision", name="task_change_task_idx")),
]


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
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        related_name="task_list",
                        serialize=False,
                        to="accounts.user",
                    ),
                ),
                ("epoch", models.UUIDField(db_default=UUID4(), default=uuid.uuid4, editable=False)),
                ("revision", models.BigIntegerField(db_default=0, editable=False)),
                ("changed_at", models.DateTimeField(db_default=Now(), editable=False)),
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
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("updated_at", models.DateTimeField(db_default=Now(), editable=False)),
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
                    ArrayField(base_field=models.TextField(max_length=50), blank=True, db_default=[], default=list),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.BigIntegerField(db_default=1, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=models.DB_CASCADE, related_name="tasks", to="accounts.user"
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
                ("created_at", models.DateTimeField(db_default=Now())),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=models.DB_CASCADE, related_name="+", to="accounts.user"
                    ),
                ),
                ("task", models.ForeignKey(on_delete=models.DB_CASCADE, related_name="+", to="tasks.task")),
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
                        on_delete=models.DB_CASCADE,
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
                condition=models.Q(LessThanOrEqual(Length("description"), 1000)),
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
            [migrations.AddIndex(model, index) for model, index in INDEXES],
        ),
        migrations.RunPython(with_users_table("triggers"), with_users_table("drop_triggers")),
    ]
