-- Undoes 0002_indexes.sql: two indexes of 0001_indexes.sql. It can be run again after an interruption, too: an index
-- whose creation was interrupted is there, but is not valid.
DROP INDEX CONCURRENTLY IF EXISTS task_list_title_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_list_priority_idx;
CREATE INDEX CONCURRENTLY task_list_title_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 22 WHEN completed THEN 21 ELSE 20 END),
    (lower_case(title) COLLATE "C"), id
);
CREATE INDEX CONCURRENTLY task_list_priority_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 52 WHEN completed THEN 51 ELSE 50 END),
    (array_position(ARRAY['none', 'low', 'medium', 'high'], priority)), id
);
