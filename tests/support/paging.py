"""Lists with tasks of every kind, and the walk through their pages."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from accounts.models import User
from tasks.constraints import Priority
from tasks.models import Task
from tests.support.people import Answer, Person

NEXT = re.compile(r'<([^<>"\s]*)>; rel="next"')
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TITLES = ("milk", "Bread", "bread", "50% off", "Äpfel", "äpfel", "Жar")


def has_many_tasks(person: Person, count: int) -> None:
    """Give `user` so many tasks: of every status, with and without a due date, and in every order with ties."""
    Task.objects.bulk_create(
        Task(
            user_id=person.id,
            title=TITLES[number % len(TITLES)],
            description=None if number % 3 else f"No. {number}",
            completed=number % 5 in {1, 4},
            created_at=NOON + timedelta(microseconds=number * 7 % 4),
            updated_at=NOON + timedelta(hours=number * 5 % 3),
            due_date=None if number % 3 == 0 else date(2026, 12, 1 + number * 11 % 4),
            priority=Priority.values[number * 3 % 4],
            tags=["home", "a,b", "Home"][: number % 4],
            deleted_at=NOON if number % 4 == 3 else None,
        )
        for number in range(count)
    )


def has_signed_up(*names: str) -> None:
    """Make users of these names, none of whom has sent a request."""
    User.objects.bulk_create([User(id=name, name="", email=name, email_verified=False) for name in names])


def next_path(answer: Answer) -> str | None:
    """The URL of the page after this one; None where it is the last."""
    if "Link" not in answer.headers:
        return None
    link = NEXT.fullmatch(answer.headers["Link"])
    assert link, answer.headers["Link"]
    return link[1]


def cursor_of(answer: Answer) -> str:
    """The cursor of the page after this one."""
    path = next_path(answer)
    assert path
    (cursor,) = parse_qs(path.partition("?")[2])["cursor"]
    return cursor


def pages(person: Person, query: str, **headers: str) -> Iterator[Answer]:
    """The pages of a list, each asked for when it is wanted."""
    path = person.tasks + query
    for _ in range(1000):
        answer = person.get(path, **headers)
        assert answer.status == 200, answer.content
        yield answer
        if "Link" not in answer.headers:
            return
        path = str(next_path(answer))
    raise AssertionError("The pages have no end.")


def walk(person: Person, query: str) -> list[dict[str, Any]]:
    """The tasks of all pages."""
    return [task for page in pages(person, query) for task in page.json]


def in_order(tasks: list[dict[str, Any]], sort: str, order: str) -> list[dict[str, Any]]:
    """`tasks` in the order that the contract asks for, by a way of its own."""
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "created": lambda task: task["created_at"],
        "title": lambda task: task["title"].lower(),
        "updated": lambda task: task["updated_at"],
        "due_date": lambda task: task["due_date"],
        "priority": lambda task: Priority.values.index(task["priority"]),
    }
    without = [task for task in tasks if keys[sort](task) is None]
    others = [task for task in tasks if keys[sort](task) is not None]
    return [
        *sorted(others, key=lambda task: (keys[sort](task), task["id"]), reverse=order == "desc"),
        *sorted(without, key=lambda task: task["id"], reverse=order == "desc"),
    ]
