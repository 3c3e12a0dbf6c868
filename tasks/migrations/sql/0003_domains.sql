-- What a column may hold is checked by its type and no longer by a CHECK of the table
-- (docs/decisions/0023-cheaper-writes.md).
-- The domains get their constraints at the end: for a type without constraints PostgreSQL does not rewrite the table.
-- NOT VALID: the CHECKs have proved every row until now.
-- The lock lasts for milliseconds, but everybody waits with it behind a long transaction: better fail, and try again.
SET LOCAL lock_timeout = '5s';

CREATE DOMAIN task_title AS varchar(200);
CREATE DOMAIN task_description AS text;
CREATE DOMAIN task_priority AS text;
CREATE DOMAIN task_tags AS text[];

ALTER TABLE tasks
    ALTER COLUMN title TYPE task_title,
    ALTER COLUMN description TYPE task_description,
    ALTER COLUMN priority TYPE task_priority,
    ALTER COLUMN tags TYPE task_tags;

ALTER DOMAIN task_title ADD CONSTRAINT task_title_is_trimmed CHECK (
    VALUE <> '' AND VALUE = btrim(VALUE, E'\t\n\u000b\u000c\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')
) NOT VALID;
ALTER DOMAIN task_description ADD CONSTRAINT task_description_length CHECK (char_length(VALUE) <= 1000) NOT VALID;
ALTER DOMAIN task_priority ADD CONSTRAINT task_priority_is_known
    CHECK (VALUE IN ('none', 'low', 'medium', 'high')) NOT VALID;
-- The type is checked first. A NULL is left to the column, which refuses it with the error that Django expects.
ALTER DOMAIN task_tags ADD CONSTRAINT task_tags_are_distinct CHECK (VALUE IS NULL OR are_tags(VALUE)) NOT VALID;

ALTER TABLE tasks
    DROP CONSTRAINT task_title_is_trimmed,
    DROP CONSTRAINT task_description_length,
    DROP CONSTRAINT task_priority_is_known,
    DROP CONSTRAINT task_tags_are_distinct;
