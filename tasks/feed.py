"""What changed on a list since a client last asked: a snapshot to begin with, then each task that changed, once.

A list counts its revisions, and who writes holds the list until the commit: where a revision is seen, all before it
are. So the changes are read in the order of revisions, by one statement, which sees the list, the changes and the
tasks as they are in one moment.
"""

from dataclasses import dataclass
from typing import NamedTuple

from tasks.exceptions import RevisionExpired
from tasks.places import NO_LIST_YET, ListState, Place
from tasks.statements import rows_of
from tasks.task_json import json_of

# How many changes a page looks at: a list of which all tasks changed a hundred times has a million of them. A page that
# comes to this number ends there, with fewer changes than asked for.
MOST_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Changes as JSON texts, in their order; the place after them; and whether there are more already."""

    changes: list[str]
    place: Place
    more: bool


class Found(NamedTuple):
    """A change that was looked at.

    json: None where a later change tells of its task.
    number: how many were looked at up to this one.
    """

    revision: int
    task_id: int
    json: str | None
    number: int


# Each task at its latest change, and as it is now. One that changes again later on is left to a later page. OFFSET 0:
# PostgreSQL finds each by its id; where it has not counted the table, it would else read the whole list for each.
CHANGES = f"""
SELECT revision, task_id, number, CASE
    WHEN task.id IS NOT NULL THEN '{{"op":"upsert","task":' || {json_of("task")} || '}}'
    WHEN is_latest THEN '{{"op":"delete","id":' || task_id || '}}' END AS json
FROM (
    SELECT revision, task_id, number, is_latest
    FROM (
        SELECT revision, task_id, row_number() OVER (ORDER BY revision, task_id) AS number, revision = (
            SELECT max(revision) FROM task_changes AS later
            WHERE later.user_id = %(user_id)s AND later.task_id = change.task_id
        ) AS is_latest
        FROM task_changes AS change
        WHERE user_id = %(user_id)s AND (revision, task_id) > (%(revision)s, %(task_id)s)
        ORDER BY revision, task_id LIMIT %(most_looked_at)s
    ) change
    WHERE is_latest OR number = %(most_looked_at)s ORDER BY revision, task_id LIMIT %(limit)s + 1
) change LEFT JOIN LATERAL (SELECT * FROM tasks WHERE tasks.id = change.task_id OFFSET 0) task
    ON is_latest AND task.user_id = %(user_id)s AND task.deleted_at IS NULL
"""

# The live tasks by id. OFFSET 0 keeps PostgreSQL from going through everybody's ids to find those of one person.
SNAPSHOT = f"""
SELECT 0 AS revision, task.id AS task_id, 0 AS number, '{{"op":"upsert","task":' || {json_of("task")} || '}}' AS json
FROM (
    SELECT id FROM (SELECT id FROM tasks WHERE user_id = %(user_id)s AND deleted_at IS NULL OFFSET 0) own
    WHERE id > %(task_id)s ORDER BY id LIMIT %(limit)s + 1
) page JOIN tasks AS task USING (id)
"""


def microseconds(moment: str) -> str:
    """SQL of a moment as microseconds since 1970."""
    return f"(extract(epoch FROM {moment}) * 1000000)::bigint"


def statement(page: str) -> str:
    """SQL of a list's state beside each row of `page`; one row without a change where it has none."""
    return f"""
SELECT list.epoch::text, list.revision, {microseconds("list.changed_at")}, list.pruned, {microseconds("past.at")},
    page.revision, page.task_id, page.json, page.number
FROM task_lists AS list
LEFT JOIN (
    SELECT at FROM task_changes WHERE user_id = %(user_id)s AND revision <= %(seen)s ORDER BY revision DESC LIMIT 1
) past ON true
LEFT JOIN ({page}) page ON true
WHERE list.user_id = %(user_id)s ORDER BY page.revision, page.task_id
"""


READ_CHANGES, READ_SNAPSHOT = statement(CHANGES), statement(SNAPSHOT)


def read(user_id: str, since: Place, limit: int) -> Page:
    """At most `limit` changes of that person's list after `since`. Raises RevisionExpired."""
    now, found = fetch(user_id, since, limit)
    if now is None and since.epoch is None:
        return Page([], NO_LIST_YET, more=False)
    if now is None or not now.has_been_at(since) or not now.keeps_all_after(since):
        raise RevisionExpired
    # A snapshot ends at the revision that it began with: what has changed meanwhile comes after it.
    end = since.revision if since.in_snapshot and since.epoch is not None else now.revision
    place = Place(now.epoch, now.revision, now.changed_at, end)
    told = found[:limit]
    is_cut = len(found) > limit or (len(found) > 0 and found[-1].number == MOST_LOOKED_AT)
    if is_cut:
        revision = end if since.in_snapshot else told[-1].revision
        place = place._replace(revision=revision, task_id=told[-1].task_id, in_snapshot=since.in_snapshot)
    return Page([change.json for change in told if change.json], place, more=is_cut or end < now.revision)


def fetch(user_id: str, since: Place, limit: int) -> tuple[ListState | None, list[Found]]:
    """The list, None where there is none, and the changes of the page and one more."""
    params = {**since._asdict(), "user_id": user_id, "limit": limit, "most_looked_at": MOST_LOOKED_AT}
    rows = rows_of(READ_SNAPSHOT if since.in_snapshot else READ_CHANGES, params)
    if not rows:
        return None, []
    return ListState(*rows[0][:5]), [Found(*row[5:]) for row in rows if row[6] is not None]
