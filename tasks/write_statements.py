"""The statements that write tasks: one for each operation (tasks/writes.py).

Each takes the owner's list first and the task second, so that no two of them wait for each other. Whether the
task exists, whether the caller's version is the current one, and whether the limit allows it, is decided inside
the statement that writes.
"""

from tasks.task_json import json_of

# A statement sees the database as it was when it began, before it waited for the list: only of the rows that it
# locks or writes does it see what the writer before it did (PostgreSQL's READ COMMITTED). So what decides is asked of
# locked rows, and a condition that a waited-for writer may have changed stands on the written row itself.

# The list of the owner, taken until the statement is committed, with the writer's name for the triggers.
TAKEN = """
    SELECT user_id, revision, live, trashed,
        set_config('todo.actor', %(actor)s, true), set_config('todo.door', %(door)s, true)
    FROM task_lists WHERE user_id = {owner} FOR UPDATE
"""
LIST = f"list AS MATERIALIZED ({TAKEN.format(owner='%(user_id)s')})"

# Deleting a user takes the user, then the list. The foreign key of a new task looks at the user too, but last.
OWNER_AND_LIST = f"""
owner AS MATERIALIZED (SELECT id FROM "user" WHERE id = %(user_id)s FOR KEY SHARE),
list AS MATERIALIZED ({TAKEN.format(owner="(SELECT id FROM owner)")})"""

# Tasks that leave the trash for good, the oldest first, where those just `done` made it hold more than a list may.
# By an array of their ids, because PostgreSQL may else look through everybody's trash at each delete. FOR UPDATE passes
# over those that left while this one waited, and takes the next in their place.
EVICTED = """
evicted AS (
    DELETE FROM tasks WHERE deleted_at IS NOT NULL AND id = ANY (ARRAY(
        SELECT id FROM tasks WHERE user_id = %(user_id)s AND deleted_at IS NOT NULL ORDER BY deleted_at, id
        LIMIT greatest(0, (SELECT trashed FROM list) + (SELECT count(*) FROM done) - %(limit)s) FOR UPDATE
    ))
)"""

HOLDS = "(%(versions)s::bigint[] IS NULL OR current.version = ANY (%(versions)s))"


def change_statement(
    assignments: str, *, visible: str = "deleted_at IS NULL", allowed: str = "true", more: str = ""
) -> str:
    """SQL that changes one task and tells: is the version right, is it allowed, the version and the task after it.

    No row: the owner has no such task.
    """
    return f"""
WITH {LIST}, current AS MATERIALIZED (
    SELECT tasks.* FROM tasks JOIN list USING (user_id)
    WHERE id = %(id)s AND {visible} FOR UPDATE OF tasks
), done AS (
    UPDATE tasks SET {assignments} FROM current, list
    WHERE tasks.id = current.id AND {HOLDS} AND {allowed} RETURNING tasks.*
){more}
SELECT {HOLDS}, {allowed}, coalesce(done.version, current.version),
    CASE WHEN done.id IS NULL THEN {json_of("current")} ELSE {json_of("done")} END
FROM list, current LEFT JOIN done ON true
"""


TOGGLE = change_statement("completed = NOT tasks.completed")
TRASH = change_statement("deleted_at = clock_timestamp()", more="," + EVICTED)
RESTORE = change_statement(
    "deleted_at = NULL", visible="true", allowed="(current.deleted_at IS NULL OR list.live < %(limit)s)"
)

CREATE = f"""
WITH {OWNER_AND_LIST}, seen AS (
    SELECT body_digest = %(digest)s AS is_same, answer FROM task_idempotency_keys
    WHERE user_id = %(user_id)s AND key = %(key)s
), done AS (
    INSERT INTO tasks (user_id, title, description, due_date, priority, tags)
    SELECT user_id, %(title)s, %(description)s, %(due_date)s::date, %(priority)s, %(tags)s::text[] FROM list
    WHERE live < %(limit)s AND NOT EXISTS (SELECT FROM seen)
    RETURNING *
), remembered AS (
    INSERT INTO task_idempotency_keys (user_id, key, body_digest, task_id, answer)
    SELECT user_id, %(key)s, %(digest)s, id, {json_of("done")} FROM done WHERE %(key)s IS NOT NULL
)
SELECT done.version, {json_of("done")}, seen.is_same, seen.answer
FROM list LEFT JOIN done ON true LEFT JOIN seen ON true
"""

# The tasks that a bulk operation is about. Where somebody else wrote meanwhile (the list has another revision than it
# had when the statement began), every task is looked at: one that it saw completed may be pending now.
BULK = f"""
{LIST}, live AS MATERIALIZED (
    SELECT tasks.id, completed FROM tasks JOIN list USING (user_id) JOIN task_lists AS seen USING (user_id)
    WHERE deleted_at IS NULL AND (completed = ANY (%(from)s) OR list.revision <> seen.revision) FOR UPDATE OF tasks
), meant AS (
    SELECT id FROM live WHERE completed = ANY (%(from)s)
)"""

MARK_ALL = f"""
WITH {BULK}, done AS (
    UPDATE tasks SET completed = %(completed)s FROM meant WHERE tasks.id = meant.id RETURNING 1
)
SELECT count(*) FROM done
"""

CLEAR = f"""
WITH {BULK}, done AS (
    UPDATE tasks SET deleted_at = clock_timestamp() FROM meant WHERE tasks.id = meant.id RETURNING 1
), {EVICTED}
SELECT count(*) FROM done
"""

SELECTED = {
    "complete": ("completed = true", "found.deleted_at IS NULL AND NOT found.completed"),
    "reopen": ("completed = false", "found.deleted_at IS NULL AND found.completed"),
    "trash": ("deleted_at = clock_timestamp()", "found.deleted_at IS NULL"),
    "restore": ("deleted_at = NULL", "found.deleted_at IS NOT NULL"),
}


def selected_statement(what: str) -> str:
    """SQL that does one of SELECTED to some tasks of a list, and tells whether the limit allowed it."""
    assignment, condition = SELECTED[what]
    # A list may hold more than the limit (psql is exempt, and the limit may be lowered): nothing restored is no excess.
    fits = "NOT EXISTS (SELECT FROM meant) OR live + (SELECT count(*) FROM meant) <= %(limit)s"
    return f"""
WITH {LIST}, found AS MATERIALIZED (
    SELECT tasks.id, completed, deleted_at FROM tasks JOIN list USING (user_id)
    WHERE id = ANY (%(ids)s) FOR UPDATE OF tasks
), meant AS (
    SELECT id FROM found WHERE {condition}
), fits AS (
    SELECT {fits if what == "restore" else "true"} AS fits FROM list
), done AS (
    UPDATE tasks SET {assignment} FROM meant, fits WHERE tasks.id = meant.id AND fits.fits RETURNING 1
){"," + EVICTED if what == "trash" else ""}
SELECT (SELECT count(*) FROM done), fits FROM fits
"""


START_LIST = """
WITH owner AS MATERIALIZED (SELECT id FROM "user" WHERE id = %(user_id)s FOR KEY SHARE), started AS (
    INSERT INTO task_lists (user_id) SELECT id FROM owner ON CONFLICT DO NOTHING
)
SELECT id FROM owner
"""
