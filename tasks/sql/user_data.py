"""The statement of the export (tasks/user_data.py)."""

from typing import Any

from django.db.models import DateTimeField

from accounts.fields import PluginField
from accounts.models import User
from tasks.sql.fragments import OWN_TASKS, USERS, json_object, own, task_as_json, timestamp


def user_field(field: Any) -> str:
    """Return SQL of a column of the user's row, under the name of the model's field."""
    column = field.sql(USERS) if isinstance(field, PluginField) else f'"{field.column}"'
    return f"{timestamp(column) if isinstance(field, DateTimeField) else column} AS {field.name}"


USER = json_object(user_field(field) for field in User._meta.concrete_fields)


def changed_fields(column: str) -> str:
    """Return SQL of `before` or `after` of a change, with its timestamp in the API's format."""
    deleted_at = f"{column} ->> 'deleted_at'"
    in_utc = f"to_jsonb({timestamp(f'({deleted_at})::timestamptz')})"
    replaced = f"jsonb_set({column}, '{{deleted_at}}', {in_utc})"
    return f"CASE WHEN {deleted_at} IS NULL THEN {column} ELSE {replaced} END AS {column}"


CHANGE = json_object(
    (
        "revision",
        "task_id",
        "kind",
        changed_fields("before"),
        changed_fields("after"),
        f"{timestamp('at')} AS at",
        "actor",
        "source AS door",  # The name of the field in the API.
    )
)

# One statement, so that everything comes from one snapshot, even if the user writes in the meantime. Each part begins
# with a heading; together the rows are the text of one JSON object.
EXPORT = f"""
SELECT is_heading, text FROM (
    SELECT part, 0::bigint AS position, 0::bigint AS task_id, true AS is_heading, text FROM (
        VALUES (1, '{{"user":'), (2, ',"tasks":['), (3, '],"trash":['), (4, '],"history":['), (5, ']}}')
    ) AS heading (part, text)
    UNION ALL
    SELECT 1, 1, 0, false, coalesce((SELECT {USER} FROM {USERS} WHERE id = %(user_id)s), 'null')
    UNION ALL
    SELECT CASE WHEN deleted_at IS NULL THEN 2 ELSE 3 END, id, 0, false, {task_as_json("tasks")}
    FROM tasks WHERE {OWN_TASKS}
    UNION ALL
    SELECT 4, revision, task_id, false, {CHANGE} FROM task_changes WHERE {own("task_changes")}
) AS export ORDER BY part, position, task_id
"""
