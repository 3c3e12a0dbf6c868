-- Undoes 0008_definers.sql.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['task_after_delete', 'task_user_after_insert', 'task_user_before_delete'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path FROM CURRENT', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I() TO PUBLIC', name);
    END LOOP;
END $$;
