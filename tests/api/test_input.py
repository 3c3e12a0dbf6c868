"""What a query and a path id may be; what is not acceptable changes nothing."""

import pytest

from tests.support.people import Person, TaskJSON
from tests.support.routes import (
    VALIDATION_ERROR,
    Route,
    every_route_of_a_task,
)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["done", "to do"]),
        ("?unknown=1&=&&page=x&status[]=x&STATUS=x&format=html", ["done", "to do"]),
        ("?status=all", ["done", "to do"]),
        ("?status=pending", ["to do"]),
        ("?status=completed", ["done"]),
        ("?status=all&status=pending", ["to do"]),  # of repeated ones the last counts
        ("?status=x&status=&status=completed", ["done"]),
        ("?sort=x&sort=title", ["done", "to do"]),
        ("?%73tatus=pend%69ng", ["to do"]),
    ],
)
def test_a_query_is_read_as_the_contract_says(owner: Person, query: str, titles: list[str]) -> None:
    owner.has_task("to do")
    owner.has_task("done", completed=True)

    assert [task["title"] for task in owner.get(owner.tasks + query).json] == titles


@pytest.mark.parametrize("name", ["status", "sort"])
@pytest.mark.parametrize(
    "value", ["", "done", "Pending", "TITLE", "pending ", "%20", "%00", "%FF", "-created", "created,title", "all;", "0"]
)
def test_a_query_value_outside_the_list_is_422(owner: Person, name: str, value: str) -> None:
    for query in (f"?{name}={value}", f"?{name}=all&{name}=title&{name}={value}"):
        answer = owner.get(owner.tasks + query)

        assert answer.error == VALIDATION_ERROR
        assert list(answer.json["errors"]) == [name]


@every_route_of_a_task
@pytest.mark.parametrize(
    "task_id",
    [
        "x",
        "7x",
        "7.0",
        "1e3",
        "0x7",
        "+7",
        "--7",
        "-",
        "7_0",
        "%207",
        "7%20",
        "7%0A",
        "%D9%A7",
        "²",
        "%00",
        "NaN",
        "null",
    ],
)
def test_a_path_id_that_is_not_an_integer_is_422(
    owner: Person, kept_task: TaskJSON, route: Route, task_id: str
) -> None:
    answer = owner.send(route.method, route.path("owner", task_id), route.body)

    assert answer.error == VALIDATION_ERROR
    assert list(answer.json["errors"]) == ["task_id"]


@every_route_of_a_task
@pytest.mark.parametrize(
    "task_id",
    [
        "0",
        "-0",
        "-1",
        str(2**31),
        str(2**63 - 1),
        str(2**63),
        str(-(2**63) - 1),
        "9" * 5000,
        "-" + "9" * 5000,
        "0" * 5000,
    ],
    ids=lambda task_id: task_id[:24],
)
def test_a_path_id_that_no_task_has_is_404(owner: Person, kept_task: TaskJSON, route: Route, task_id: str) -> None:
    answer = owner.send(route.method, route.path("owner", task_id), route.body)

    assert answer.error == (404, "NOT_FOUND")
    assert answer.json["detail"] == "Task not found"


def test_leading_zeros_make_no_other_number(owner: Person) -> None:
    task = owner.has_task()

    for zeros in ("0", "0" * 5000):
        assert owner.get(f"{owner.tasks}/{zeros}{task['id']}").json == task
