-- Three functions of triggers work as their owner (SECURITY DEFINER). pg_temp comes last in their path, where it is
-- otherwise first: in place of our tables they would write a temporary table of the role that calls them, and run its
-- triggers as the owner. And only the owner may make triggers of them: on a table of its own another role could let
-- them delete anybody's history.
DO $$
DECLARE
    name text;
    path text := (
        SELECT string_agg(quote_ident(schema), ', ' ORDER BY place)
        FROM unnest(current_schemas(false)) WITH ORDINALITY AS schemas (schema, place)
    );
BEGIN
    FOREACH name IN ARRAY ARRAY['task_after_delete', 'task_user_after_insert', 'task_user_before_delete'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = %s, pg_temp', name, path);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %I() FROM PUBLIC', name);
    END LOOP;
END $$;
