"""How a list is read: its tasks, its state, and the place where the next page begins, in one statement.

A page costs the same however long the list is: it takes no more rows than it has from each range of an index
(tasks/list_order.py), and merges them. One range for each status, because the list of all statuses is then as cheap
as that of one, without an index of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tasks.list_order import SORTS
from tasks.list_query import ListQuery
from tasks.statements import rows_of
from tasks.task_json import json_of

# The conditions of the filters, by their name in the query.
CONDITIONS = {
    "q": "(position(lower_case(%(q)s) IN lower_case(title)) > 0"
    " OR position(lower_case(%(q)s) IN lower_case(description)) > 0)",
    "tag": "tags @> %(tag)s::text[]",
    "priority": "priority = %(priority)s",
    "due_before": "due_date <= %(due_before)s::date",
    "due_after": "due_date >= %(due_after)s::date",
}

# What tells one state of a list from another. The moment is in it for restored backups, which count on from an older
# revision. A person without a list yet has the state 0.
LIST = """
WITH list AS MATERIALIZED (
    SELECT coalesce(max(
        left(epoch::text, 8) || '.' || revision || '.' || (extract(epoch FROM changed_at) * 1000000)::bigint
    ), '0') AS state FROM task_lists WHERE user_id = %(user_id)s
)"""
IS_NEW = "NOT coalesce(list.state = ANY (%(known)s::text[]), true)"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as it was read.

    json: a JSON array of tasks; None where the caller knows the list in this state.
    state: changes with every change of the list.
    last: the key and the id of the last task, where there are more after it.
    total: how many tasks match, on all pages, where that was asked for.
    """

    json: bytes | None
    state: str
    last: tuple[str | None, int] | None = None
    total: int | None = None


class Shape(NamedTuple):
    """What the SQL of a list depends on; all else is a parameter of it.

    begins: a page begins at the `start`, after a `key`, or among the tasks that have `no key`.
    """

    status: str
    sort: str
    order: str
    filters: tuple[str, ...]
    counted: bool
    begins: str


def read(user_id: str, query: ListQuery, *, known: Sequence[str] | None = (), counted: bool = False) -> Listed:
    """The tasks of `user_id` that `query` asks for.

    known: states in which the caller has the list already (None is any): no task is read then.
    counted: whether to count the tasks of the other pages too.
    """
    key, task_id = query.after or ("", 0)
    begins = "start" if query.after is None else "no key" if key is None else "key"
    shape = Shape(query.status, query.sort, query.order, tuple(query.filters), counted, begins)
    statement = whole_list(shape) if query.limit is None else page(shape)
    params = {"user_id": user_id, "known": known, "limit": query.limit, "key": key, "id": task_id}
    rows = rows_of(statement, {**params, **query.filters})
    state, total, *_ = rows[0]
    if known is None or state in known:
        return Listed(None, state)
    # Encoded first and put together then: text beyond ASCII takes two to four times the room in Python.
    json = b"[%b]" % b",".join(row[2].encode() for row in rows[: query.limit] if row[2] is not None)
    has_more = query.limit is not None and len(rows) > query.limit  # The last of them is of the next page.
    return Listed(json, state, rows[-2][3:] if has_more else None, total)


@lru_cache(maxsize=1024)  # Of the SQL of a page 30 µs go into putting it together.
def whole_list(shape: Shape) -> str:
    """SQL of the whole list: one row, with the JSON of all its tasks."""
    tasks = f"SELECT * FROM tasks WHERE {conditions(shape)} AND {IS_NEW} ORDER BY {ordered(shape)}"
    return f"""{LIST}
SELECT state, {total(shape)}, (SELECT string_agg({json_of("task")}, ',') FROM ({tasks}) task) FROM list
"""


@lru_cache(maxsize=1024)
def page(shape: Shape) -> str:
    """SQL of one page: a row a task, with its key and its id. It reads one more, to know whether there are more."""
    by = SORTS[shape.sort]
    ranges = " UNION ALL ".join(
        f"(SELECT * FROM tasks WHERE {condition}"
        f" ORDER BY {by.key(by.column)} {shape.order}, id {shape.order} LIMIT %(limit)s + 1)"
        for condition in ranges_of(shape)
    )
    return f"""{LIST}
SELECT state, {total(shape)}, page.* FROM list LEFT JOIN LATERAL (
    SELECT {json_of("task")}, {by.column}::text, id FROM ({ranges}) task
    WHERE {IS_NEW} ORDER BY {ordered(shape)} LIMIT %(limit)s + 1
) page ON true
"""


def total(shape: Shape) -> str:
    """SQL of how many tasks the list has, on all its pages; NULL where nobody asks."""
    if not shape.counted:
        return "NULL"
    return f"CASE WHEN {IS_NEW} THEN (SELECT count(*) FROM tasks WHERE {conditions(shape)}) END"


def ordered(shape: Shape) -> str:
    """What the list is ordered by. Tasks without a key come last either way."""
    by = SORTS[shape.sort]
    key = by.column if by.absent else by.key(by.column)
    return f"{key} {shape.order} NULLS LAST, id {shape.order}"


def conditions(shape: Shape) -> str:
    """What holds for every task of the list."""
    by = SORTS[shape.sort]
    return f"{matching(shape)} AND {by.status} IN ({', '.join(map(str, by.statuses(shape.status)))})"


def matching(shape: Shape) -> str:
    """What holds for every task of the list, whatever its status: it is the caller's, before all else."""
    return " AND ".join(["user_id = %(user_id)s", *(CONDITIONS[name] for name in shape.filters)])


def ranges_of(shape: Shape) -> list[str]:
    """What holds for the tasks of each range of the index that a page begins in, or may go on to."""
    by = SORTS[shape.sort]
    return [
        f"{matching(shape)} AND {by.status} = {status} AND {place}"
        for status in by.statuses(shape.status)
        for place in places_of(shape)
    ]


def places_of(shape: Shape) -> list[str]:
    """Where in a status those ranges lie.

    The id is compared beside the key alone: by itself it would fit the table's primary key, and a plan that thinks the
    table empty then reads the tasks of others.
    """
    by = SORTS[shape.sort]
    key, beyond = by.key(by.column), "<" if shape.order == "desc" else ">"
    after = f"({key}, id) {beyond} ({by.key(f'%(key)s::{by.sql_type}')}, %(id)s::bigint)"
    if by.absent is None or shape.order == "asc":
        return ["true" if shape.begins == "start" else after]
    # An index that is read backwards has the tasks without a key first.
    without_key = f"({key}, id) > ({by.absent}, 0)"
    if shape.begins == "no key":
        return [f"{without_key} AND {after}"]
    return [after if shape.begins == "key" else f"{key} < {by.absent}", without_key]
