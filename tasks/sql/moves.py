"""The statements that move everything of one user to another (tasks/moves.py)."""

from tasks.models import Task
from tasks.sql.fragments import USERS, own

SEQUENCE = "pg_get_serial_sequence('tasks', 'id')"
KEPT = tuple(field.attname for field in Task._meta.concrete_fields if field.attname not in {"id", "user_id"})

# In a fixed order, as every writer locks: users, then lists.
LOCK_USERS = f"SELECT id FROM {USERS} WHERE id IN (%(source)s, %(user_id)s) ORDER BY id FOR KEY SHARE"
LOCK_LISTS = """
SELECT user_id, set_config('todo.actor', %(actor)s, true), set_config('todo.source', %(door)s, true)
FROM task_lists WHERE user_id IN (%(source)s, %(user_id)s) ORDER BY user_id FOR UPDATE
"""

# A task cannot change its owner (a trigger), so it is created under the new one and purged under the old one. It gets a
# new id: under the old id, clients of the two lists would take one version for another.
# The history comes along. Its revisions are those of the old list, so they end at 0, before all of the new list.
MOVE = f"""
WITH map AS MATERIALIZED (
    SELECT nextval({SEQUENCE}) AS new_id, task.* FROM (
        SELECT * FROM tasks WHERE tasks.user_id = %(source)s ORDER BY id
    ) AS task
), created AS (
    INSERT INTO tasks (id, user_id, {", ".join(KEPT)})
    SELECT new_id, %(user_id)s, {", ".join(KEPT)} FROM map ORDER BY new_id
), history AS (
    INSERT INTO task_changes (user_id, revision, task_id, kind, before, after, at, actor, source)
    SELECT %(user_id)s, change.revision - list.revision, map.new_id, change.kind, change.before, change.after,
        change.at, change.actor, change.source
    FROM task_changes AS change JOIN map ON map.id = change.task_id
        JOIN task_lists AS list ON list.user_id = %(source)s
    WHERE change.user_id = %(source)s
), purged AS (
    DELETE FROM tasks WHERE tasks.user_id = %(source)s
)
SELECT count(*) FROM map
"""

# The triggers have recorded that the tasks were created. Say what it was.
RECORD = f"""
UPDATE task_changes AS change SET kind = 'moved',
    before = jsonb_build_object('user_id', %(source)s::text), after = jsonb_build_object('user_id', %(user_id)s::text)
FROM task_lists AS list
WHERE {own("list")} AND {own("change")} AND change.revision = list.revision
"""
