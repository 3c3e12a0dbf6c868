"""The statements of an undo (tasks/undo.py)."""

from tasks.models import EDITABLE_FIELDS
from tasks.sql.fragments import LOCK_LIST, OWN_TASKS, own

# Lock the list, as every writer does first. What follows in the transaction sees what was committed before.
LOCK = LOCK_LIST.format(owner=own("task_lists"))

COLUMNS = ", ".join((*EDITABLE_FIELDS, "deleted_at"))

# Give tasks the values that they had before the changes of one revision, in one statement and so in one revision. A
# task that was created then goes to the trash. `before` and `after` contain only the fields that changed:
# jsonb_populate_record() takes every other one from the task. A task that no longer has the values of `after` is left.
PUT_BACK = f"""
WITH change AS MATERIALIZED (
    SELECT task_id, coalesce(after, '{{}}') AS after, CASE kind
        WHEN 'created' THEN jsonb_build_object('deleted_at', clock_timestamp()) ELSE before END AS before
    FROM task_changes
    WHERE {own("task_changes")} AND revision = %(revision)s AND task_id = ANY (%(ids)s)
)
UPDATE tasks SET ({COLUMNS}) = (SELECT {COLUMNS} FROM jsonb_populate_record(tasks, change.before))
FROM change
WHERE {OWN_TASKS} AND tasks.id = change.task_id
    AND jsonb_populate_record(tasks, change.after) IS NOT DISTINCT FROM tasks
RETURNING tasks.deleted_at IS NULL AND change.after ->> 'deleted_at' IS NOT NULL
"""
