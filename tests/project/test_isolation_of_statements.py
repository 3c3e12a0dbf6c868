"""Every statement that the API sends about tasks is restricted to one owner, by a key: the token's user.

So no statement can reach another user's rows, and the tables can be split by user.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tasks.models import EDITABLE_FIELDS
from tasks.sorting import SORTS, STATUSES
from tasks.sql import lists, sync, undo, user_data, writes
from tests.support.owner_proof import NotProvedError, prove
from tests.support.people import Person
from tests.support.routes import OWN_ROUTES, Route

STATEMENTS = {
    "one task": lists.ONE_TASK,
    **{
        f"{name}, {part}": getattr(write, part)
        for name, write in {
            "create": writes.CREATE,
            "toggle": writes.TOGGLE,
            "trash": writes.TRASH,
            "restore": writes.RESTORE,
            "change nothing": writes.update_fields(frozenset()),
            "change everything": writes.update_fields(frozenset(EDITABLE_FIELDS)),
        }.items()
        for part in ("quick", "full")
    },
    **{f"{action} by id": statement for action, statement in writes.BULK_BY_ID.items()},
    **{f"{action} by status": statement for action, statement in writes.BULK_BY_STATUS.items()},
    "changes": sync.READ_CHANGES,
    "snapshot": sync.READ_SNAPSHOT,
    "export": user_data.EXPORT,
    "lock for an undo": undo.LOCK,
    "undo": undo.PUT_BACK,
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_names_one_owner(name: str) -> None:
    prove(STATEMENTS[name])


def test_every_list_names_one_owner() -> None:
    filters = [(), *itertools.combinations(lists.FILTERS, 1), tuple(lists.FILTERS)]
    shapes = itertools.product(STATUSES, SORTS, ("asc", "desc"), filters, (True, False), ("start", "key", "no key"))
    for shape in itertools.starmap(lists.Shape, shapes):
        prove(lists.page(shape))
        prove(lists.whole_list(shape))


@pytest.mark.parametrize("route", OWN_ROUTES, ids=str)
def test_every_statement_of_a_route_names_one_owner(owner: Person, route: Route) -> None:
    """Whatever sends it, ORM or SQL: Django's execute_wrapper sees it."""
    task = owner.has_task()
    proved = 0

    def check(execute: Callable[..., Any], sql: str, params: Any, *context: Any) -> Any:
        nonlocal proved
        if isinstance(params, dict):
            assert params["user_id"] == "owner"
            prove(sql)
            proved += 1
        elif re.search(r'"(user|tasks?(_\w+)?)"', sql) and "django_admin_log" not in sql:
            prove(sql, owner=[number for number, value in enumerate(params or (), 1) if value == "owner"])
            proved += 1
        return execute(sql, params, *context)

    with connection.execute_wrapper(check):
        assert owner.send(route.method, route.path("owner", task["id"]), route.body).status == route.success

    assert proved >= 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM tasks",
        "SELECT * FROM tasks WHERE id = %(id)s",
        "SELECT * FROM tasks WHERE user_id = %(user_id)s OR id = %(id)s",
        "SELECT * FROM tasks WHERE user_id <> %(user_id)s",
        "SELECT * FROM tasks WHERE user_id = %(other)s AND id = %(user_id)s",
        "SELECT * FROM task_lists AS list, tasks WHERE list.user_id = %(user_id)s",
        "SELECT (SELECT count(*) FROM tasks) FROM task_lists WHERE user_id = %(user_id)s",
        "WITH all_tasks AS (SELECT * FROM tasks) SELECT * FROM all_tasks WHERE user_id = %(user_id)s",
        "UPDATE tasks SET title = 'x' FROM task_lists WHERE task_lists.user_id = %(user_id)s",
        "DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE user_id = %(user_id)s)",
        "INSERT INTO tasks (user_id, title) SELECT %(other)s, user_id FROM task_lists WHERE user_id = %(user_id)s",
        "SELECT * FROM task_changes AS c LEFT JOIN tasks ON c.task_id = tasks.id WHERE c.user_id = %(user_id)s",
    ],
)
def test_the_proof_refuses_a_statement_that_reaches_others(statement: str) -> None:
    with pytest.raises(NotProvedError):
        prove(statement)
