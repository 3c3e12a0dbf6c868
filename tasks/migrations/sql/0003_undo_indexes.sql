-- Undoes 0003_indexes.sql: the indexes of 0001_indexes.sql. Each statement is a transaction of its own.
CREATE INDEX CONCURRENTLY task_list_created_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 12 WHEN completed THEN 11 ELSE 10 END), created_at, id
);
CREATE INDEX CONCURRENTLY task_list_title_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 22 WHEN completed THEN 21 ELSE 20 END),
    (lower_case(title) COLLATE "C"), id
);
CREATE INDEX CONCURRENTLY task_list_updated_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 32 WHEN completed THEN 31 ELSE 30 END), updated_at, id
);
CREATE INDEX CONCURRENTLY task_list_due_date_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 42 WHEN completed THEN 41 ELSE 40 END),
    (coalesce(due_date, 'infinity'::date)), id
);
CREATE INDEX CONCURRENTLY task_list_priority_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 52 WHEN completed THEN 51 ELSE 50 END),
    (array_position(ARRAY['none', 'low', 'medium', 'high'], priority)), id
);
CREATE INDEX CONCURRENTLY task_trash_idx ON tasks (user_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
DROP INDEX CONCURRENTLY task_live_idx;
DROP INDEX CONCURRENTLY task_trashed_idx;
