"""Reads one task and lists of tasks: the tasks, the list's state and the next cursor in one statement.

A page in the default order costs the same for a long list as for a short one: it takes no more rows than it has from
each range of an index and merges them. There is one range for pending and one for completed tasks. For another order
PostgreSQL sorts the caller's list, of which it reads the sort keys from an index, and then reads the tasks of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from accounts.statements import fetch_all, fetch_one
from tasks.list_query import ListQuery
from tasks.sorting import INDEXED, SORTS, STATUSES
from tasks.sql.fragments import FIELDS, OWN_TASKS, field_of, own, task_as_json

ONE_TASK = (
    f"SELECT version, {task_as_json('tasks')} FROM tasks WHERE {OWN_TASKS} AND id = %(id)s AND deleted_at IS NULL"
)


def searched(text: str) -> str:
    """Return SQL of what a search compares: `text` without case, and without what its language would tell about case.

    STRASSE is the upper case of Straße. In Turkish, the lower case of I is U+0131, and that of İ is i, where
    other languages have i with a dot above (U+0307).
    """
    return f"replace(replace(replace(fold({text}), 'ß', 'ss'), 'i\u0307', 'i'), '\u0131', 'i')"


SEARCHED_Q = f"(SELECT {searched('%(q)s')})"  # As a subquery it is evaluated once, and not for each task.
FILTERS = {
    "q": f"(position({SEARCHED_Q} IN {searched('title')}) > 0"
    f" OR position({SEARCHED_Q} IN {searched('description')}) > 0)",
    "tag": "tags @> %(tag)s::text[]",
    "priority": "priority = %(priority)s",
    "due_before": "due_date <= %(due_before)s::date",
    "due_after": "due_date >= %(due_after)s::date",
}

# The state changes with every change of the list. It contains the timestamp because a restored backup reaches the same
# revisions again with other tasks.
LIST_STATE = f"""
WITH list AS MATERIALIZED (
    SELECT left(epoch::text, 8) || '.' || revision || '.' || (extract(epoch FROM changed_at) * 1000000)::bigint AS state
    FROM task_lists WHERE {own("task_lists")}
)"""
NO_LIST = "0"  # The state of the list of a user whose row was deleted.
IS_NEW = "NOT coalesce(list.state = ANY (%(known)s::text[]), true)"


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list, or a page of it.

    json: a JSON array of tasks; None if the client already has this state.
    last: sort key and id of the last task, if there are more after it.
    total: how many tasks match on all pages, if the query asked for it.
    """

    json: bytes | None
    state: str
    last: tuple[str | None, int] | None = None
    total: int | None = None


class Shape(NamedTuple):
    """What the SQL of a list depends on; everything else is a parameter of it.

    starts: a page starts at the `start`, after a `key`, or among the tasks that have `no key`.
    """

    status: str
    sort: str
    order: str
    filters: tuple[str, ...]
    with_total: bool
    starts: str


def find_task(user_id: str, task_id: int) -> tuple[int, str] | None:
    """Return version and JSON of a live task of `user_id`, or None."""
    row = fetch_one(ONE_TASK, {"user_id": user_id, "id": task_id})
    return None if row is None else (row[0], row[1])


def list_tasks(user_id: str, query: ListQuery, *, known_states: Sequence[str] | None = ()) -> ListPage:
    """Return the tasks of `user_id` that `query` asks for.

    known_states: states that the client already has (None: any state); then no task is read.
    """
    key, task_id = query.after or ("", 0)
    starts = "start" if query.after is None else "no key" if key is None else "key"
    shape = Shape(query.status, query.sort, query.order, tuple(query.filters), query.with_total, starts)
    statement = whole_list(shape) if query.limit is None else page(shape)
    params = {"user_id": user_id, "known": known_states, "limit": query.limit, "key": key, "id": task_id}
    rows = fetch_all(statement, params | dict(query.filters)) or [(NO_LIST, 0 if query.with_total else None, None)]
    state, total, *_ = rows[0]
    if known_states is None or state in known_states:
        return ListPage(None, state)
    # Encode first, join afterwards: a Python string beyond ASCII takes two to four times the memory.
    json = b"[%b]" % b",".join([row[2].encode() for row in rows[: query.limit] if row[2] is not None])
    has_more = query.limit is not None and len(rows) > query.limit  # The last row belongs to the next page.
    return ListPage(json, state, rows[-2][3:] if has_more else None, total)


@lru_cache(maxsize=1024)  # Building the SQL of a page takes 30 µs.
def whole_list(shape: Shape) -> str:
    """Return SQL of the whole list: one row, with the JSON of all its tasks."""
    tasks = f"SELECT * FROM tasks WHERE {matches(shape)} AND {IS_NEW} ORDER BY {order_by(shape)}"
    fields = ", ".join(field_of("task", name) for name in FIELDS)
    # row_to_json() of a flat subquery: 17 % less than a subquery for each row.
    return f"""{LIST_STATE}
SELECT state, {total(shape)}, (
    SELECT string_agg(row_to_json(task)::text, ',') FROM (SELECT {fields} FROM ({tasks}) AS task) AS task
) FROM list
"""


@lru_cache(maxsize=1024)
def page(shape: Shape) -> str:
    """Return SQL of one page: a row for each task and one more, each with its sort key and id."""
    sort = SORTS[shape.sort]
    is_indexed = sort.is_indexed and shape.status in INDEXED
    tasks = merged_ranges(shape) if is_indexed else sorted_list(shape)
    return f"""{LIST_STATE}
SELECT state, {total(shape)}, page.* FROM list LEFT JOIN LATERAL (
    SELECT {task_as_json("task")}, {sort.column}::text, id FROM ({tasks}) AS task
    WHERE {IS_NEW} ORDER BY {order_by(shape)} LIMIT %(limit)s + 1
) AS page ON true
"""


def merged_ranges(shape: Shape) -> str:
    """Return SQL of the first tasks of each range of the index, of which the page takes the first."""
    return " UNION ALL ".join(
        f"(SELECT * FROM tasks WHERE {filtered(shape)} AND {STATUSES[status]} AND {follows(shape)}"
        f" ORDER BY {order_by(shape)} LIMIT %(limit)s + 1)"
        for status in INDEXED[shape.status]
    )


def sorted_list(shape: Shape) -> str:
    """Return SQL of the tasks of a page, after sorting the list by its keys alone: whole rows took three times as long.

    OFFSET 0 makes PostgreSQL look up each task by its id.
    """
    return f"""
    SELECT task.* FROM (
        SELECT id FROM tasks WHERE {matches(shape)} AND {follows(shape)} ORDER BY {order_by(shape)} LIMIT %(limit)s + 1
    ) AS page JOIN LATERAL (SELECT * FROM tasks WHERE tasks.id = page.id OFFSET 0) AS task ON {own("task")}"""


def total(shape: Shape) -> str:
    """Return SQL of how many tasks match on all pages; NULL if nobody asked."""
    if not shape.with_total:
        return "NULL"
    return f"CASE WHEN {IS_NEW} THEN (SELECT count(*) FROM tasks WHERE {matches(shape)}) END"


def order_by(shape: Shape) -> str:
    """Return the order of the list. Tasks without a key come last in both directions."""
    sort = SORTS[shape.sort]
    key = f"{sort.column} {shape.order} NULLS LAST" if sort.missing else f"{sort.key(sort.column)} {shape.order}"
    return f"{key}, id {shape.order}"


def matches(shape: Shape) -> str:
    """Return the condition for every task of the list."""
    return f"{filtered(shape)} AND {STATUSES[shape.status]}"


def filtered(shape: Shape) -> str:
    """Return the condition for every task of the list, except for its status. First of all, it is the caller's."""
    return " AND ".join([OWN_TASKS, *(FILTERS[name] for name in shape.filters)])


def follows(shape: Shape) -> str:
    """Return the condition for the tasks that follow the cursor.

    The id is compared together with the key only. Compared alone, it would match the table's primary key, and a plan
    made while the table was empty would then read other users' tasks.
    """
    if shape.starts == "start":
        return "true"
    sort, after = SORTS[shape.sort], "<" if shape.order == "desc" else ">"
    key = sort.key(sort.column)
    after_last = f"({key}, id) {after} ({sort.key(f'%(key)s::{sort.sql_type}')}, %(id)s::bigint)"
    if sort.missing is None or shape.order == "asc":
        return after_last
    # In descending order their key comes first, but they come last.
    without_key = f"({key}, id) > ({sort.missing}, 0)"
    return f"{without_key} AND {after_last}" if shape.starts == "no key" else f"({after_last} OR {without_key})"
