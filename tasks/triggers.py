"""The promises that the tasks table keeps whoever writes: the SQL of its triggers, which the migrations install.

`version`, `updated_at` and `completed_at` of a task, the counters and the revision of its owner's list, and the
record of what changed are right after a request, a save in the admin, `QuerySet.update()`, `bulk_create` and psql.

The work on lists and changes is done once a statement and not once a row: for 10 000 rows that was 0.5 s instead
of 5 s. django-pgtrigger is not used because each call of its triggers runs a block that catches exceptions.
"""

# The members of a task whose changes are recorded. What follows from them (version, moments) is not.
RECORDED = ("title", "description", "completed", "due_date", "priority", "tags", "deleted_at")
BEFORE_AND_AFTER = ", ".join(f"('{name}', to_jsonb(was.{name}), to_jsonb(now_is.{name}))" for name in RECORDED)

BEFORE_ROW = """
CREATE OR REPLACE FUNCTION task_before_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        NEW.completed_at := CASE WHEN NEW.completed THEN coalesce(NEW.completed_at, NEW.created_at) END;
        RETURN NEW;
    END IF;
    IF NEW.id <> OLD.id OR NEW.user_id <> OLD.user_id THEN
        RAISE EXCEPTION 'A task keeps its id and its owner.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.version := OLD.version;
    NEW.updated_at := OLD.updated_at;
    NEW.completed_at := OLD.completed_at;
    IF NEW IS DISTINCT FROM OLD THEN
        NEW.version := OLD.version + 1;
        -- Two writes in one microsecond, or a clock set back: a later version is never older.
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at + interval '1 microsecond');
        IF NEW.completed <> OLD.completed THEN
            NEW.completed_at := CASE WHEN NEW.completed THEN NEW.updated_at END;
        END IF;
    END IF;
    RETURN NEW;
END $$
"""

# Who writes: the API and the admin say so in the transaction; else it is the connection's own name.
ACTOR = "coalesce(nullif(current_setting('todo.actor', true), ''), session_user)"
DOOR = (
    "coalesce(nullif(current_setting('todo.door', true), ''),"
    " CASE WHEN current_setting('application_name') LIKE 'manage.py%' THEN 'support' ELSE 'database' END)"
)

# The moment of a list's next revision: a later revision is never older, also where the clock was set back.
LATER = "greatest(clock_timestamp(), list.changed_at + interval '1 microsecond')"

AFTER_INSERT = f"""
CREATE OR REPLACE FUNCTION task_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH lists AS (
        INSERT INTO task_lists AS list (user_id, revision, changed_at, live, trashed)
        SELECT user_id, 1, clock_timestamp(), count(*) - count(deleted_at), count(deleted_at)
        FROM new_tasks GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET
            revision = list.revision + 1, changed_at = {LATER},
            live = list.live + excluded.live, trashed = list.trashed + excluded.trashed
        RETURNING user_id, revision, changed_at
    )
    INSERT INTO task_changes (user_id, revision, task_id, kind, at, actor, door)
    SELECT user_id, revision, new_tasks.id, 'created', changed_at, {ACTOR}, {DOOR}
    FROM new_tasks JOIN lists USING (user_id);
    RETURN NULL;
END $$
"""

AFTER_UPDATE = f"""
CREATE OR REPLACE FUNCTION task_after_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH changed AS MATERIALIZED (
        SELECT now_is.user_id, now_is.id,
            (now_is.deleted_at IS NULL)::int - (was.deleted_at IS NULL)::int AS live,
            CASE WHEN was.deleted_at IS NULL AND now_is.deleted_at IS NOT NULL THEN 'deleted'
                WHEN was.deleted_at IS NOT NULL AND now_is.deleted_at IS NULL THEN 'restored'
                ELSE 'changed' END AS kind,
            member.before, member.after
        FROM new_tasks now_is JOIN old_tasks was USING (id),
            LATERAL (
                SELECT jsonb_object_agg(name, before) AS before, jsonb_object_agg(name, after) AS after
                FROM (VALUES {BEFORE_AND_AFTER}) AS member (name, before, after)
                WHERE before IS DISTINCT FROM after
            ) member
        WHERE now_is.version <> was.version
    ), lists AS (
        UPDATE task_lists AS list
        SET revision = revision + 1, changed_at = {LATER},
            live = list.live + delta.live, trashed = list.trashed - delta.live
        FROM (SELECT user_id, sum(live) AS live FROM changed GROUP BY user_id) delta
        WHERE list.user_id = delta.user_id
        RETURNING list.user_id, list.revision, list.changed_at
    )
    INSERT INTO task_changes (user_id, revision, task_id, kind, before, after, at, actor, door)
    SELECT user_id, revision, id, kind, before, after, changed_at, {ACTOR}, {DOOR}
    FROM changed JOIN lists USING (user_id);
    RETURN NULL;
END $$
"""

# A purged task leaves a tombstone and no text. Where its owner is being deleted nothing is written: a row for
# somebody who is gone would make Better Auth's delete-user fail.
AFTER_DELETE = f"""
CREATE OR REPLACE FUNCTION task_after_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM old_tasks) THEN  -- A trash that is not full loses nothing: a twentieth of a delete.
        RETURN NULL;
    END IF;
    DELETE FROM task_changes USING old_tasks
    WHERE task_changes.user_id = old_tasks.user_id AND task_changes.task_id = old_tasks.id;
    WITH lists AS (
        UPDATE task_lists AS list
        SET revision = revision + 1, changed_at = {LATER},
            live = list.live - gone.live, trashed = list.trashed - gone.trashed
        FROM (
            SELECT user_id, count(*) - count(deleted_at) AS live, count(deleted_at) AS trashed
            FROM old_tasks GROUP BY user_id
        ) gone
        WHERE list.user_id = gone.user_id AND EXISTS (SELECT FROM "user" WHERE id = gone.user_id)
        RETURNING list.user_id, list.revision, list.changed_at
    )
    INSERT INTO task_changes (user_id, revision, task_id, kind, at, actor, door)
    SELECT user_id, revision, old_tasks.id, 'purged', changed_at, {ACTOR}, {DOOR}
    FROM old_tasks JOIN lists USING (user_id);
    RETURN NULL;
END $$
"""

# Writers take the list, then tasks. The cascade of a deleted user would take tasks first: it takes the list before.
USER_BEFORE_DELETE = """
CREATE OR REPLACE FUNCTION task_user_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM task_lists WHERE user_id = OLD.id FOR UPDATE;
    RETURN OLD;
END $$
"""

FUNCTIONS = (BEFORE_ROW, AFTER_INSERT, AFTER_UPDATE, AFTER_DELETE, USER_BEFORE_DELETE)

TRIGGERS = (
    "CREATE TRIGGER task_before_row BEFORE INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION task_before_row()",
    "CREATE TRIGGER task_after_insert AFTER INSERT ON tasks REFERENCING NEW TABLE AS new_tasks"
    " FOR EACH STATEMENT EXECUTE FUNCTION task_after_insert()",
    "CREATE TRIGGER task_after_update AFTER UPDATE ON tasks REFERENCING OLD TABLE AS old_tasks NEW TABLE AS new_tasks"
    " FOR EACH STATEMENT EXECUTE FUNCTION task_after_update()",
    "CREATE TRIGGER task_after_delete AFTER DELETE ON tasks REFERENCING OLD TABLE AS old_tasks"
    " FOR EACH STATEMENT EXECUTE FUNCTION task_after_delete()",
    'CREATE TRIGGER task_user_before_delete BEFORE DELETE ON "user" FOR EACH ROW'
    " EXECUTE FUNCTION task_user_before_delete()",
)

DROP_TRIGGERS = tuple(
    f"DROP TRIGGER {name} ON {table}"
    for name, table in (
        ("task_before_row", "tasks"),
        ("task_after_insert", "tasks"),
        ("task_after_update", "tasks"),
        ("task_after_delete", "tasks"),
        ("task_user_before_delete", '"user"'),
    )
)
DROP_FUNCTIONS = tuple(
    f"DROP FUNCTION {name}()"
    for name in (
        "task_before_row",
        "task_after_insert",
        "task_after_update",
        "task_after_delete",
        "task_user_before_delete",
    )
)
