-- Undoes 0004_indexes.sql: four indexes of 0001_indexes.sql. It can be run again after an interruption, too.
DROP INDEX CONCURRENTLY IF EXISTS task_list_created_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_list_updated_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_list_due_date_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_trash_idx;
CREATE INDEX CONCURRENTLY task_list_created_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 12 WHEN completed THEN 11 ELSE 10 END), created_at, id
);
CREATE INDEX CONCURRENTLY task_list_updated_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 32 WHEN completed THEN 31 ELSE 30 END), updated_at, id
);
CREATE INDEX CONCURRENTLY task_list_due_date_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 42 WHEN completed THEN 41 ELSE 40 END),
    (coalesce(due_date, 'infinity'::date)), id
);
CREATE INDEX CONCURRENTLY task_trash_idx ON tasks (user_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS task_live_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_trashed_idx;
