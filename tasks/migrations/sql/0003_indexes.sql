-- Two indexes in place of six: docs/decisions/0023-cheaper-writes.md. Each statement is a transaction of its own.
CREATE INDEX CONCURRENTLY task_live_idx ON tasks (user_id, completed, created_at, id)
    INCLUDE (updated_at, due_date, priority, title) WHERE deleted_at IS NULL;
CREATE INDEX CONCURRENTLY task_trashed_idx ON tasks (user_id, deleted_at, id)
    INCLUDE (created_at, updated_at, due_date, priority, title) WHERE deleted_at IS NOT NULL;
DROP INDEX CONCURRENTLY task_list_created_idx;
DROP INDEX CONCURRENTLY task_list_title_idx;
DROP INDEX CONCURRENTLY task_list_updated_idx;
DROP INDEX CONCURRENTLY task_list_due_date_idx;
DROP INDEX CONCURRENTLY task_list_priority_idx;
DROP INDEX CONCURRENTLY task_trash_idx;
