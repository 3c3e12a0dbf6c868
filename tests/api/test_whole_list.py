"""Without a limit the whole list comes, however long: in one statement, as text that the database writes."""

import json
import tracemalloc
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tasks.models import Task
from tests.support.paging import has_many_tasks
from tests.support.people import Person

MOST = 10_000


@pytest.fixture
def long_list(owner: Person) -> Person:
    """The owner, with as many tasks as a list may have, one in ten of them with text that is not ASCII."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks (user_id, title, description, tags) SELECT 'owner', 'Task ' || n,"
            " repeat(CASE WHEN n %% 10 = 0 THEN '日' ELSE 'x' END, 200), ARRAY['home'] FROM generate_series(1, %s) n",
            [MOST],
        )
    return owner


def test_10_000_tasks_come_in_one_statement_and_without_a_model_instance(
    long_list: Person, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*row: Any, **named: Any) -> None:
        raise AssertionError("A list makes no model instance.")

    monkeypatch.setattr(Task, "__init__", refuse)
    monkeypatch.setattr(Task, "from_db", refuse)

    with django_assert_num_queries(1):
        answer = long_list.get(long_list.tasks)

    assert answer.status == 200
    assert [task["title"] for task in answer.json] == [f"Task {number}" for number in range(MOST, 0, -1)]


def test_the_memory_of_a_long_list_is_a_few_times_its_answer(long_list: Person) -> None:
    long_list.get(f"{long_list.tasks}?limit=1")  # What is loaded once is not a part of it.
    tracemalloc.start()
    try:
        answer = long_list.get(long_list.tasks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(answer.content) > MOST * 400
    assert peak < 6 * len(answer.content)


@pytest.mark.parametrize(
    "query", ["", "?limit=200", "?sort=due_date&order=desc", "?sort=due_date&order=desc&limit=200"]
)
def test_each_task_of_a_list_is_byte_for_byte_as_it_is_answered_alone(owner: Person, query: str) -> None:
    has_many_tasks(owner, 20)
    owner.has_task('"quoted" \\ / \x01 \x7f', description="\u2028 \r\n\t \U0001f600 </script> é\ud7ff\ue000\uffff")
    owner.has_task("x", tags=['"', "\\", "{}", "NULL", ",", "\U0001f600", "a b"], due_date="0001-01-01")

    answer = owner.get(owner.tasks + query)

    alone = [owner.get(owner.path(task)).content for task in answer.json]
    assert len(alone) == 17
    assert answer.content == b"[" + b",".join(alone) + b"]"
    assert json.loads(answer.content)
