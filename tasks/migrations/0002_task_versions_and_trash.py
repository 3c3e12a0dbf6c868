"""What a task tells of itself: its version, when it was completed, and when it was put into the trash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]

    operations = [
        migrations.AddField("task", "completed_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("task", "deleted_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("task", "version", models.BigIntegerField(db_default=1, editable=False)),
    ]
