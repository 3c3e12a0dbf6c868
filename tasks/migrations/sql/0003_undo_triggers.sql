-- Undoes 0003_triggers.sql: the functions of 0001_triggers.sql.
CREATE OR REPLACE FUNCTION task_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    FROM new_tasks JOIN lists USING (user_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION task_after_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    FROM changed JOIN lists USING (user_id);
    RETURN NULL;
END $$;
