"""What a person takes with them, and how nothing of them is left: the export of all that is held, and its erasure.

Support calls `exported` and `erase` in a shell as the API does: the same is read, erased and logged.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField

from accounts.models import User
from tasks.task_json import json_object, json_of, moment
from tasks.writes import tried_again

logger = logging.getLogger(__name__)

BATCH = 500  # Rows in memory at once.

# Every column of the person's row, under our names.
PERSON = json_object(
    f"{moment(f'"{field.column}"') if isinstance(field, DateTimeField) else f'"{field.column}"'} AS {field.name}"
    for field in User._meta.concrete_fields
)


def recorded(members: str) -> str:
    """SQL of the column `before` or `after` of a change, the moment in it written as everywhere else."""
    deleted_at = f"{members} ->> 'deleted_at'"
    in_utc = f"to_jsonb({moment(f'({deleted_at})::timestamptz')})"
    written = f"jsonb_set({members}, '{{deleted_at}}', {in_utc})"
    return f"CASE WHEN {deleted_at} IS NULL THEN {members} ELSE {written} END AS {members}"


CHANGE = json_object(
    ("revision", "task_id", "kind", recorded("before"), recorded("after"), f"{moment('at')} AS at", "actor", "door")
)

# One statement, so that all of it is of one moment, whoever writes meanwhile. Each part begins with a heading.
HELD = f"""
SELECT is_heading, text FROM (
    SELECT part, 0::bigint AS place, 0::bigint AS task_id, true AS is_heading, text FROM (
        VALUES (1, '{{"user":'), (2, ',"tasks":['), (3, '],"trash":['), (4, '],"history":['), (5, ']}}')
    ) heading (part, text)
    UNION ALL
    SELECT 1, 1, 0, false, coalesce((SELECT {PERSON} FROM "user" WHERE id = %(user_id)s), 'null')
    UNION ALL
    SELECT CASE WHEN deleted_at IS NULL THEN 2 ELSE 3 END, id, 0, false, {json_of("tasks")}
    FROM tasks WHERE user_id = %(user_id)s
    UNION ALL
    SELECT 4, revision, task_id, false, {CHANGE} FROM task_changes WHERE user_id = %(user_id)s
) held ORDER BY part, place, task_id
"""


def exported(user_id: str) -> IO[bytes]:
    """All that is held about a person, as the JSON of an object with `user`, `tasks`, `trash` and `history`.

    It lies in a file without a name, which is gone once it is closed. Sent right from the database it would keep a
    connection of the small pool for as long as the slowest reader takes, and could break off half-way.
    """
    with ExitStack() as undone:
        file = undone.enter_context(TemporaryFile())
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(HELD, {"user_id": user_id})
            batches = iter(lambda: cursor.fetchmany(BATCH), [])
            file.writelines(text.encode() for text in separated(chain.from_iterable(batches)))
        undone.pop_all()
    if not connection.in_atomic_block:
        connection.close()  # To the pool: Django would give it back once the last byte has been sent.
    file.seek(0)
    logger.info("Exported all that is held about user %r.", user_id)
    return file


def separated(rows: Iterable[tuple[bool, str]]) -> Iterator[str]:
    """The texts of `rows`, with a comma between two that are no headings."""
    begins = True
    for is_heading, text in rows:
        yield text if is_heading or begins else f",{text}"
        begins = is_heading


# The person's row, then the list, as every writer takes them; only then is everything seen that those before wrote.
# The list is made where there is none: it is what a first task waits for.
TAKE = """
INSERT INTO task_lists (user_id) SELECT id FROM "user" WHERE id = %(user_id)s {lock}
ON CONFLICT (user_id) DO UPDATE SET revision = task_lists.revision
"""
TAKE_ALL_BUT_ACCOUNT = TAKE.format(lock="FOR KEY SHARE")
TAKE_ALL = TAKE.format(lock="FOR UPDATE")
# Django's own log keeps for ever what operators did with the person and with each of their tasks.
ERASE_LOG = """
DELETE FROM django_admin_log USING django_content_type AS kind WHERE kind.id = content_type_id AND (
    ((app_label, model) = ('accounts', 'user') AND object_id = %(user_id)s)
    OR ((app_label, model) = ('tasks', 'task') AND object_id IN (
        SELECT id::text FROM tasks WHERE user_id = %(user_id)s
        UNION SELECT task_id::text FROM task_changes WHERE user_id = %(user_id)s
    ))
)
"""
# The list first, with its history: without it the triggers of the tasks write nothing.
ERASE_LIST = "DELETE FROM task_lists WHERE user_id = %(user_id)s"
ERASE_TASKS = "DELETE FROM tasks WHERE user_id = %(user_id)s"  # and with each the key of its create
ERASE_PERSON = 'DELETE FROM "user" WHERE id = %(user_id)s'


def erase(user_id: str) -> None:
    """Erase all that is held about a person, for good and at once: after an error nothing is erased.

    Where Better Auth shares the database, the account is its own: the person's row and their sessions stay.
    """
    statements = [ERASE_LOG, ERASE_LIST, ERASE_TASKS]
    if settings.BETTER_AUTH_SHARED_DATABASE:
        was_there = tried_again(lambda: erase_by(TAKE_ALL_BUT_ACCOUNT, statements, user_id))
    else:
        was_there = tried_again(lambda: erase_by(TAKE_ALL, [*statements, ERASE_PERSON], user_id))
    logger.info("Erased all that was held about user %r." if was_there else "Nothing is held about user %r.", user_id)


def erase_by(take: str, statements: Sequence[str], user_id: str) -> bool:
    """Run `statements` in one transaction, once everything is taken; False for an id that nobody has."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(take, {"user_id": user_id})
        if not cursor.rowcount:  # Not to go on without the lock: who comes back in this moment would be waited for.
            return False
        for statement in statements:
            cursor.execute(statement, {"user_id": user_id})
        return True
