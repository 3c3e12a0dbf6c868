"""The promises of the tasks table, kept by triggers from here on; lists for the people who have tasks already."""

from django.db import migrations

from tasks.triggers import DROP_FUNCTIONS, DROP_TRIGGERS, FUNCTIONS, TRIGGERS

# Until the triggers are there nobody else may write: a task made between the count and the trigger would never count.
LOCK = 'LOCK TABLE "user", tasks IN SHARE ROW EXCLUSIVE MODE'
# Lists that are there already come from before a way back, and missed what was written since.
LISTS = [
    "DELETE FROM task_lists",
    "INSERT INTO task_lists (user_id, live, trashed)"
    " SELECT user_id, count(*) - count(deleted_at), count(deleted_at) FROM tasks GROUP BY user_id",
]
COMPLETED = "UPDATE tasks SET completed_at = updated_at WHERE completed AND completed_at IS NULL"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0004_idempotency_keys")]

    operations = [
        migrations.RunSQL([LOCK, COMPLETED, *LISTS], migrations.RunSQL.noop),
        migrations.RunSQL([*FUNCTIONS, *TRIGGERS], [*DROP_TRIGGERS, *DROP_FUNCTIONS]),
    ]
