"""The statements of the changes feed (tasks/sync.py).

Each reads the list's state, the changes and the tasks from one snapshot of the database. A writer holds the lock of
its list until it commits, so if a revision is visible, all before it are.
"""

from tasks.sql.fragments import OWN_TASKS, own, task_as_json

OWN_CHANGES = own("task_changes")

# Each task at its latest change, as it is now. A task that changes again later is left to a later page. OFFSET 0 makes
# PostgreSQL look up each task by its id; without statistics it would otherwise read the whole list for each of them.
CHANGES = f"""
SELECT revision, task_id, number, CASE
    WHEN task.id IS NOT NULL THEN '{{"op":"upsert","task":' || {task_as_json("task")} || '}}'
    WHEN is_latest THEN '{{"op":"delete","id":' || task_id || '}}' END AS json
FROM (
    SELECT revision, task_id, number, is_latest
    FROM (
        SELECT revision, task_id, row_number() OVER (ORDER BY revision, task_id) AS number, revision = (
            SELECT max(later.revision) FROM task_changes AS later
            WHERE {own("later")} AND later.task_id = task_changes.task_id
        ) AS is_latest
        FROM task_changes
        WHERE {OWN_CHANGES} AND (revision, task_id) > (%(revision)s, %(task_id)s)
        ORDER BY revision, task_id LIMIT %(max_rows)s
    ) AS change
    WHERE is_latest OR number = %(max_rows)s ORDER BY revision, task_id LIMIT %(limit)s + 1
) AS change LEFT JOIN LATERAL (SELECT * FROM tasks WHERE tasks.id = change.task_id OFFSET 0) AS task
    ON is_latest AND {own("task")} AND task.deleted_at IS NULL
"""

# The live tasks ordered by id. OFFSET 0 keeps PostgreSQL from scanning everybody's ids.
SNAPSHOT = f"""
SELECT 0 AS revision, task.id AS task_id, 0 AS number,
    '{{"op":"upsert","task":' || {task_as_json("task")} || '}}' AS json
FROM (
    SELECT id FROM (SELECT id FROM tasks WHERE {OWN_TASKS} AND deleted_at IS NULL OFFSET 0) AS own
    WHERE id > %(task_id)s ORDER BY id LIMIT %(limit)s + 1
) AS page JOIN LATERAL (SELECT * FROM tasks WHERE tasks.id = page.id OFFSET 0) AS task ON {own("task")}
"""


def microseconds(timestamp: str) -> str:
    """Return SQL of a timestamp in microseconds since 1970."""
    return f"(extract(epoch FROM {timestamp}) * 1000000)::bigint"


def with_list_state(page: str) -> str:
    """Return SQL of the list's state next to each row of `page`; one row without a change if the page is empty."""
    return f"""
SELECT list.epoch::text, list.revision, {microseconds("list.changed_at")}, list.expired_revision,
    {microseconds("past.at")}, page.revision, page.task_id, page.json, page.number
FROM task_lists AS list
LEFT JOIN (
    SELECT at FROM task_changes WHERE {OWN_CHANGES} AND revision <= %(seen_revision)s ORDER BY revision DESC LIMIT 1
) AS past ON true
LEFT JOIN ({page}) AS page ON true
WHERE {own("list")} ORDER BY page.revision, page.task_id
"""


READ_CHANGES, READ_SNAPSHOT = with_list_state(CHANGES), with_list_state(SNAPSHOT)
