-- One index for the live tasks and one for the trash, in place of one for each sort
-- (docs/decisions/0023-cheaper-writes.md).
-- Each statement is a transaction of its own, and all can be run again after an interruption: an index whose creation
-- was interrupted is there, but is not valid.
DROP INDEX CONCURRENTLY IF EXISTS task_live_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_trashed_idx;
CREATE INDEX CONCURRENTLY task_live_idx ON tasks (user_id, completed, created_at, id)
    INCLUDE (updated_at, due_date, priority, title) WHERE deleted_at IS NULL;
CREATE INDEX CONCURRENTLY task_trashed_idx ON tasks (user_id, deleted_at, id)
    INCLUDE (created_at, updated_at, due_date, priority, title) WHERE deleted_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS task_list_created_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_list_updated_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_list_due_date_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_trash_idx;
