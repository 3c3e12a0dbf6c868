-- One index for each sort of a list. The number of the status comes second, so that a page reads one range for each
-- status; the numbers differ from index to index, so that PostgreSQL uses no index but that of the sort.
CREATE INDEX task_list_created_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 12 WHEN completed THEN 11 ELSE 10 END), created_at, id
);
CREATE INDEX task_list_title_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 22 WHEN completed THEN 21 ELSE 20 END),
    (lower_case(title) COLLATE "C"), id
);
CREATE INDEX task_list_updated_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 32 WHEN completed THEN 31 ELSE 30 END), updated_at, id
);
CREATE INDEX task_list_due_date_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 42 WHEN completed THEN 41 ELSE 40 END),
    (coalesce(due_date, 'infinity'::date)), id
);
CREATE INDEX task_list_priority_idx ON tasks (
    user_id, (CASE WHEN deleted_at IS NOT NULL THEN 52 WHEN completed THEN 51 ELSE 50 END),
    (array_position(ARRAY['none', 'low', 'medium', 'high'], priority)), id
);

-- The oldest trash of a user, for retention and for the limit of the trash.
CREATE INDEX task_trash_idx ON tasks (user_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE INDEX task_change_task_idx ON task_changes (user_id, task_id, revision);
CREATE INDEX idempotency_key_created_idx ON task_idempotency_keys (created_at);
