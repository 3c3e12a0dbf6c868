-- Undoes 0003_domains.sql. The constraints of a domain hold for all rows, so the CHECKs need not look at them.
-- PostgreSQL writes the table again with everybody waiting, because it does not see that the length of a title is kept.
SET LOCAL lock_timeout = '5s';
ALTER TABLE tasks
    ALTER COLUMN title TYPE varchar(200),
    ALTER COLUMN description TYPE text,
    ALTER COLUMN priority TYPE text,
    ALTER COLUMN tags TYPE text[],
    ADD CONSTRAINT task_title_is_trimmed CHECK (
        title = btrim(title, E'\t\n\u000b\u000c\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')
        AND NOT title = ''
    ) NOT VALID,
    ADD CONSTRAINT task_description_length CHECK (length(description) <= 1000) NOT VALID,
    ADD CONSTRAINT task_priority_is_known CHECK (priority IN ('none', 'low', 'medium', 'high')) NOT VALID,
    ADD CONSTRAINT task_tags_are_distinct CHECK (are_tags(tags)) NOT VALID;
DROP DOMAIN task_title, task_description, task_priority, task_tags;
