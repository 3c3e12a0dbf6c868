-- Undoes 0001_triggers.sql.
DROP TRIGGER task_user_after_insert ON "user";
DROP TRIGGER task_user_before_delete ON "user";
DROP TRIGGER task_before_row ON tasks;
DROP TRIGGER task_after_insert ON tasks;
DROP TRIGGER task_after_update ON tasks;
DROP TRIGGER task_after_delete ON tasks;
DROP FUNCTION task_before_row(), task_after_insert(), task_after_update(), task_after_delete(),
    task_user_after_insert(), task_user_before_delete(), task_actor(), task_source();
