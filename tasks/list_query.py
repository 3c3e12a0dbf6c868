"""What the query of a list asks for: `?status=pending&tag=home&sort=due_date&limit=20`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from tasks.list_order import SORTS, STATUSES
from tasks.models import Priority
from tasks.sealing import NotSealedHereError, seal, unseal
from tasks.serializers import day_of
from tasks.text import MOST_TAGS, TAG_LENGTH, trimmed

LARGEST_PAGE = 200
LONGEST_Q = 200
ORDERS = ("asc", "desc")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which of a person's tasks, in which order, and how many of them.

    filters: by name, the values that every task of the list matches.
    limit: the tasks of a page; None is the whole list.
    after: the key and the id of the task that the page before ended with.
    """

    status: str = "all"
    sort: str = "created"
    order: str = "desc"
    filters: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    after: tuple[str | None, int] | None = None

    def purpose(self, user_id: str) -> tuple[Any, ...]:
        """What a cursor is good for: this list, this order and these filters of this person."""
        return ("list", user_id, self.status, self.sort, self.order, sorted(self.filters.items()))

    def cursor(self, user_id: str, key: str | None, task_id: int) -> str:
        """The cursor of the page that goes on after that task."""
        return seal([key, task_id], *self.purpose(user_id))


def read(params: QueryDict, user_id: str) -> ListQuery:
    """The query of a list of `user_id`. Raises ValidationError, which names every parameter that is not acceptable."""
    errors: dict[str, list[str]] = {}
    said: dict[str, Any] = {}
    for name, parameter in PARAMETERS.items():
        if name in params:
            try:
                said[name] = parameter(params.getlist(name))
            except ValueError as error:
                errors[name] = [str(error)]
    if "cursor" in params and "limit" not in params:
        errors["cursor"] = ["A cursor wants the limit that it came with."]
    if errors:
        raise ValidationError(errors)
    sort = said.get("sort", "created")
    query = ListQuery(
        said.get("status", "all"),
        sort,
        said.get("order", SORTS[sort].order),
        {name: said[name] for name in FILTERS if said.get(name)},
        said.get("limit"),
    )
    return query if "cursor" not in said else going_on(query, user_id, said["cursor"])


def going_on(query: ListQuery, user_id: str, cursor: str) -> ListQuery:
    """The query, from where `cursor` says. Raises ValidationError for one that was not given for this list."""
    try:
        key, task_id = unseal(cursor, *query.purpose(user_id))
    except NotSealedHereError as error:
        raise ValidationError({"cursor": ["Not a cursor of this list: begin again without it."]}) from error
    return replace(query, after=(key, task_id))


def one_of(choices: Mapping[str, Any] | tuple[str, ...]) -> Callable[[list[str]], str]:
    """What reads a parameter that has so many values."""

    def choice(values: list[str]) -> str:
        if values[-1] not in choices:
            raise ValueError(f"Must be one of: {', '.join(choices)}.")
        return values[-1]

    return choice


def text(values: list[str]) -> str:
    """The last of `values`, which may be empty."""
    if "\0" in values[-1]:
        raise ValueError("Null characters are not allowed.")
    if len(values[-1]) > LONGEST_Q:
        raise ValueError(f"Must have at most {LONGEST_Q} characters.")
    return values[-1]


def tags(values: list[str]) -> list[str]:
    """All of `values`, as tags are kept."""
    wanted = sorted(set(map(trimmed, values)))
    if len(wanted) > MOST_TAGS:
        raise ValueError(f"A task has at most {MOST_TAGS} tags.")
    if not all(0 < len(tag) <= TAG_LENGTH and "\0" not in tag for tag in wanted):
        raise ValueError(f"A tag has 1 to {TAG_LENGTH} characters.")
    return wanted


def day(values: list[str]) -> str:
    """The last of `values`, a day."""
    if (found := day_of(values[-1])) is None:
        raise ValueError("Must be a day as 2026-11-20, without a time.")
    return date.isoformat(found)


def page_size(values: list[str]) -> int:
    """The last of `values`, a number of tasks in plain digits."""
    if not re.fullmatch("[1-9][0-9]{0,2}", values[-1]) or int(values[-1]) > LARGEST_PAGE:
        raise ValueError(f"Must be a number from 1 to {LARGEST_PAGE}.")
    return int(values[-1])


def sealed(values: list[str]) -> str:
    """The last of `values`, which `going_on` looks into."""
    return values[-1]


FILTERS: dict[str, Callable[[list[str]], Any]] = {
    "q": text,
    "tag": tags,
    "priority": one_of(tuple(Priority.values)),
    "due_before": day,
    "due_after": day,
}
PARAMETERS: dict[str, Callable[[list[str]], Any]] = {
    "status": one_of(STATUSES),
    "sort": one_of(SORTS),
    "order": one_of(ORDERS),
    **FILTERS,
    "limit": page_size,
    "cursor": sealed,
}
