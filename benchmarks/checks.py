"""Whether a server does the work that it is measured by: statuses, the JSON of tasks, and what a write leaves behind.

Each check raises RefusedError with the server's answer: figures of a server that answers wrongly are worth nothing.
"""

import json
from datetime import datetime
from http.client import HTTPMessage
from typing import Any

from benchmarks.driving import Driver
from benchmarks.population import token
from benchmarks.workloads import WORKLOADS

FIELDS = ("id", "user_id", "title", "description", "completed", "created_at", "updated_at")


def check_answers(driver: Driver) -> None:
    """Check every kind of request that the workloads contain, and that nobody reaches another user's tasks."""
    check_lists(driver)
    check_poll(driver)
    check_writes(driver)
    check_isolation(driver)


def check_lists(driver: Driver) -> None:
    """The whole lists and the first page have the right number of the owner's tasks, the newest first."""
    for length, query, expected in ((20, "", 20), (100, "", 100), (10_000, "?limit=20", 20)):
        if not driver.population.with_list_of(length):
            continue
        number = driver.population.with_list_of(length)[0]
        tasks = answer(driver, number, "GET", query)
        for task in tasks:
            check_task(driver, task)
        times = [datetime.fromisoformat(task["created_at"]) for task in tasks]
        demand(driver, len(tasks) == expected, f"{len(tasks)} tasks instead of {expected}")
        demand(driver, times == sorted(times, reverse=True), "the newest task is not first")
        crowd = driver.population.crowd(length)
        owners = {crowd.owner_of(task["id"]) for task in tasks}
        demand(driver, owners == {number}, f"tasks of {owners} for {number}")


def check_poll(driver: Driver) -> None:
    """A client that sends the list's entity tag, if it has one, gets 304; learn_tags checks it."""
    driver.learn_tags()


def check_writes(driver: Driver) -> None:
    """Each write returns the task as it then is; a deleted task is gone."""
    owner = driver.crowd.owner_of(doomed := driver.next_doomed())
    made = answer(driver, owner, "POST", "", 201, body={"title": "Buy milk", "description": "Today."})
    demand(driver, (made["title"], made["description"], made["completed"]) == ("Buy milk", "Today.", False), made)
    demand(driver, answer(driver, owner, "GET", f"/{made['id']}") == made, "a new task is read otherwise")
    before = answer(driver, owner, "GET", f"/{doomed}")
    changed = answer(driver, owner, "PUT", f"/{doomed}", 200, body={"title": "Buy milk instead"})
    demand(driver, changed["title"] == "Buy milk instead", changed)
    demand(driver, changed["description"] == before["description"], "a field that was not sent has changed")
    toggled = answer(driver, owner, "PATCH", f"/{doomed}/complete")
    demand(driver, toggled["completed"] is not before["completed"], toggled)
    demand(driver, toggled["updated_at"] > before["updated_at"], "updated_at stays as it was")
    for task in (made, changed, toggled):
        check_task(driver, task)
    ask(driver, owner, "DELETE", f"/{doomed}", 204)
    for method, path in (("GET", ""), ("DELETE", ""), ("PATCH", "/complete")):
        ask(driver, owner, method, f"/{doomed}{path}", 404)
    status, _, content = driver.ask(owner, "POST", "", json.dumps({"title": ""}))
    demand(driver, status in {400, 422}, f"{status} for an empty title: {content[:300]!r}")


def check_isolation(driver: Driver) -> None:
    """Without a valid token 401, on another user's path 403, another user's task under one's own path 404."""
    owner = driver.crowd.owner_of(task := driver.crowd.first)
    stranger = owner + 1
    ask(driver, owner, "GET", f"/{task}", 401, Authorization="Bearer " + token(owner)[:-4] + "AAAA")
    ask(driver, owner, "GET", f"/{task}", 403, Authorization="Bearer " + token(stranger))
    for method in ("GET", "DELETE"):
        ask(driver, stranger, method, f"/{task}", 404)
    ask(driver, owner, "GET", f"/{task}", 200)


def check_task(driver: Driver, task: dict[str, Any]) -> None:
    """The seven fields of a task come first, in this order."""
    demand(driver, tuple(task)[: len(FIELDS)] == FIELDS, f"a task has the fields {tuple(task)}")


def answer(driver: Driver, number: int, method: str, path: str, status: int = 200, *, body: Any = None) -> Any:
    """Return the JSON of the answer, which must have this status."""
    _, content = ask(driver, number, method, path, status, body=body)
    return json.loads(content)


def ask(
    driver: Driver, number: int, method: str, path: str, status: int = 200, *, body: Any = None, **headers: str
) -> tuple[HTTPMessage, bytes]:
    """Send a request to a user's list. Raises RefusedError unless the answer has this status."""
    text = None if body is None else json.dumps(body)
    given, answered, content = driver.ask(number, method, path, text, headers)
    demand(driver, given == status, f"{method} {path}: {given} instead of {status}: {content[:300]!r}")
    return answered, content


def demand(driver: Driver, is_right: bool, otherwise: object) -> None:
    """Raise RefusedError unless it is right."""
    if not is_right:
        raise driver.refused(WORKLOADS["get"], str(otherwise))
