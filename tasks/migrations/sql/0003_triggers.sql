-- Frozen: a function is changed by a new migration (docs/decisions/0013-squashed-migrations.md).
--
-- One task in a statement, as the API writes, takes a short way: simple statements with variables instead of joins and
-- aggregates. Several tasks take the general way of 0001_triggers.sql, planned anew by EXECUTE for the rows that are
-- there: a plan that PostgreSQL kept from a statement of one task compared every old row with every new one, 20 s for
-- 10,000 tasks (docs/decisions/0023-cheaper-writes.md).
--
-- Replaced in the transaction of 0003_domains.sql: a session keeps the types of a function's expressions until then.

CREATE OR REPLACE FUNCTION task_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task record;
    list record;
BEGIN
    SELECT user_id, id, (deleted_at IS NOT NULL)::int AS trashed,
        EXISTS (SELECT FROM new_tasks OFFSET 1) AS is_one_of_many
    INTO task FROM new_tasks LIMIT 1;
    IF task.id IS NULL THEN
        RETURN NULL;
    END IF;
    IF NOT task.is_one_of_many THEN
        UPDATE task_lists SET
            revision = revision + 1,
            changed_at = greatest(clock_timestamp(), changed_at + interval '1 microsecond'),
            live_count = live_count + 1 - task.trashed,
            trash_count = trash_count + task.trashed
        WHERE user_id = task.user_id
        RETURNING revision, changed_at INTO list;
        IF FOUND THEN
            INSERT INTO task_changes (user_id, revision, task_id, kind, at, actor, source)
            VALUES (task.user_id, list.revision, task.id, 'created', list.changed_at, task_actor(), task_source());
            RETURN NULL;
        END IF;
    END IF;
    EXECUTE $statement$
        WITH lists AS (
            -- An upsert, because only an INSERT locks the lists of several owners in a fixed order.
            INSERT INTO task_lists AS list (user_id, revision, changed_at, live_count, trash_count)
            SELECT user_id, 1, clock_timestamp(), count(*) - count(deleted_at), count(deleted_at)
            FROM new_tasks GROUP BY user_id ORDER BY user_id
            ON CONFLICT (user_id) DO UPDATE SET
                revision = list.revision + 1,
                changed_at = greatest(clock_timestamp(), list.changed_at + interval '1 microsecond'),
                live_count = list.live_count + excluded.live_count,
                trash_count = list.trash_count + excluded.trash_count
            RETURNING user_id, revision, changed_at
        )
        INSERT INTO task_changes (user_id, revision, task_id, kind, at, actor, source)
        SELECT user_id, revision, new_tasks.id, 'created', changed_at, task_actor(), task_source()
        FROM new_tasks JOIN lists USING (user_id)
    $statement$;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION task_after_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task record;
    list record;
    kind text := 'changed';
    live int := 0;
    before jsonb := '{}';
    after jsonb := '{}';
BEGIN
    SELECT new_row.user_id, new_row.id, new_row.version, new_row.title, new_row.description, new_row.completed,
        new_row.due_date, new_row.priority, new_row.tags, new_row.deleted_at,
        old_row.version AS old_version, old_row.title AS old_title,
        old_row.description AS old_description, old_row.completed AS old_completed, old_row.due_date AS old_due_date,
        old_row.priority AS old_priority, old_row.tags AS old_tags, old_row.deleted_at AS old_deleted_at,
        EXISTS (SELECT FROM new_tasks OFFSET 1) AS is_one_of_many
    INTO task FROM new_tasks AS new_row, old_tasks AS old_row LIMIT 1;
    IF task.is_one_of_many THEN
        EXECUTE $statement$
            WITH changed AS MATERIALIZED (
                SELECT new_row.user_id, new_row.id,
                    (new_row.deleted_at IS NULL)::int - (old_row.deleted_at IS NULL)::int AS live,
                    CASE WHEN old_row.deleted_at IS NULL AND new_row.deleted_at IS NOT NULL THEN 'deleted'
                        WHEN old_row.deleted_at IS NOT NULL AND new_row.deleted_at IS NULL THEN 'restored'
                        ELSE 'changed' END AS kind,
                    field.before, field.after
                FROM new_tasks AS new_row JOIN old_tasks AS old_row USING (id),
                    LATERAL (
                        SELECT jsonb_object_agg(name, before) AS before, jsonb_object_agg(name, after) AS after
                        FROM (
                            VALUES ('title', to_jsonb(old_row.title), to_jsonb(new_row.title)),
                                ('description', to_jsonb(old_row.description), to_jsonb(new_row.description)),
                                ('completed', to_jsonb(old_row.completed), to_jsonb(new_row.completed)),
                                ('due_date', to_jsonb(old_row.due_date), to_jsonb(new_row.due_date)),
                                ('priority', to_jsonb(old_row.priority), to_jsonb(new_row.priority)),
                                ('tags', to_jsonb(old_row.tags), to_jsonb(new_row.tags)),
                                ('deleted_at', to_jsonb(old_row.deleted_at), to_jsonb(new_row.deleted_at))
                        ) AS field (name, before, after)
                        WHERE before IS DISTINCT FROM after
                    ) AS field
                WHERE new_row.version <> old_row.version
            ), lists AS (
                UPDATE task_lists AS list SET
                    revision = revision + 1,
                    changed_at = greatest(clock_timestamp(), list.changed_at + interval '1 microsecond'),
                    live_count = list.live_count + delta.live,
                    trash_count = list.trash_count - delta.live
                FROM (SELECT user_id, sum(live) AS live FROM changed GROUP BY user_id) AS delta
                WHERE list.user_id = delta.user_id
                RETURNING list.user_id, list.revision, list.changed_at
            )
            INSERT INTO task_changes (user_id, revision, task_id, kind, before, after, at, actor, source)
            SELECT user_id, revision, id, kind, before, after, changed_at, task_actor(), task_source()
            FROM changed JOIN lists USING (user_id)
        $statement$;
        RETURN NULL;
    END IF;
    IF task.version IS NOT DISTINCT FROM task.old_version THEN  -- Nothing changed, or no task was found.
        RETURN NULL;
    END IF;
    -- Expressions of plpgsql, because PostgreSQL prepares every expression of a statement whenever it runs, needed or not.
    IF task.title <> task.old_title THEN
        before := before || jsonb_build_object('title', task.old_title);
        after := after || jsonb_build_object('title', task.title);
    END IF;
    IF task.description IS DISTINCT FROM task.old_description THEN
        before := before || jsonb_build_object('description', task.old_description);
        after := after || jsonb_build_object('description', task.description);
    END IF;
    IF task.completed <> task.old_completed THEN
        before := before || jsonb_build_object('completed', task.old_completed);
        after := after || jsonb_build_object('completed', task.completed);
    END IF;
    IF task.due_date IS DISTINCT FROM task.old_due_date THEN
        before := before || jsonb_build_object('due_date', task.old_due_date);
        after := after || jsonb_build_object('due_date', task.due_date);
    END IF;
    IF task.priority <> task.old_priority THEN
        before := before || jsonb_build_object('priority', task.old_priority);
        after := after || jsonb_build_object('priority', task.priority);
    END IF;
    IF task.tags <> task.old_tags THEN
        before := before || jsonb_build_object('tags', task.old_tags);
        after := after || jsonb_build_object('tags', task.tags);
    END IF;
    IF task.deleted_at IS DISTINCT FROM task.old_deleted_at THEN
        before := before || jsonb_build_object('deleted_at', task.old_deleted_at);
        after := after || jsonb_build_object('deleted_at', task.deleted_at);
        live := (task.deleted_at IS NULL)::int - (task.old_deleted_at IS NULL)::int;
        kind := (ARRAY['deleted', 'changed', 'restored'])[live + 2];
    END IF;
    UPDATE task_lists SET
        revision = revision + 1,
        changed_at = greatest(clock_timestamp(), changed_at + interval '1 microsecond'),
        live_count = live_count + live,
        trash_count = trash_count - live
    WHERE user_id = task.user_id
    RETURNING revision, changed_at INTO list;
    IF FOUND THEN  -- A list may be missing only if somebody deleted it; then nothing is recorded.
        INSERT INTO task_changes (user_id, revision, task_id, kind, before, after, at, actor, source)
        VALUES (task.user_id, list.revision, task.id, kind, nullif(before, '{}'), nullif(after, '{}'), list.changed_at,
            task_actor(), task_source());
    END IF;
    RETURN NULL;
END $$;
