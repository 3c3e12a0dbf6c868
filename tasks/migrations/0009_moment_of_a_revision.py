"""When a list came to its revision: after a restored backup the same number is another state."""

import django.db.models.functions.datetime
from django.db import migrations, models

from tasks.triggers import FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("tasks", "0008_record_due_date_priority_tags")]

    operations = [
        migrations.AddField(
            "tasklist",
            "changed_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.RunSQL(list(FUNCTIONS), migrations.RunSQL.noop),
    ]
