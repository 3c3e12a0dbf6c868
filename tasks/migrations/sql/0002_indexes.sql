-- The indexes of the columns that 0003_domains.sql changes: ALTER TABLE would build them again, with the table locked.
-- Each statement is a transaction of its own, and all can be run again after an interruption.
DROP INDEX CONCURRENTLY IF EXISTS task_list_title_idx;
DROP INDEX CONCURRENTLY IF EXISTS task_list_priority_idx;
