"""All filters together, in every order and in pages, agree with a model of them in Python."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tasks.constraints import Priority
from tasks.models import Task
from tasks.sorting import SORTS
from tests.support.paging import in_order, walk
from tests.support.people import Person

WORDS = ["", "a", "B", "b", "%", "_", "\\", "Ä", "ä", "'", "Ж", "ж", " "]
DAYS = [(date(2026, 11, 28) + timedelta(days=number)).isoformat() for number in range(6)]
TAGS = ["home", "Home", "a,b", "'"]
STATUS_OF: dict[str, Callable[[dict[str, Any]], bool]] = {
    "all": lambda task: task["deleted_at"] is None,
    "pending": lambda task: task["deleted_at"] is None and not task["completed"],
    "completed": lambda task: task["deleted_at"] is None and task["completed"],
    "deleted": lambda task: task["deleted_at"] is not None,
}


def matches(task: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether `task` is on the list, as the contract has it."""
    text = [task["title"].lower(), (task["description"] or "").lower()]
    due = task["due_date"]
    return all(
        [
            STATUS_OF[asked.get("status", "all")](task),
            any(asked.get("q", "").lower() in part for part in text),
            set(asked.get("tag", [])) <= set(task["tags"]),
            task["priority"] == asked.get("priority", task["priority"]),
            "due_before" not in asked or (due is not None and due <= asked["due_before"]),
            "due_after" not in asked or (due is not None and due >= asked["due_after"]),
        ]
    )


tasks_of_any_kind = st.lists(
    st.builds(
        Task,
        user_id=st.just("owner"),
        title=st.sampled_from([f"x{word}y" for word in WORDS]),
        description=st.none() | st.lists(st.sampled_from(WORDS), max_size=3).map("".join),
        completed=st.booleans(),
        due_date=st.none() | st.sampled_from(DAYS),
        priority=st.sampled_from(Priority.values),
        tags=st.lists(st.sampled_from(TAGS), unique=True),
        deleted_at=st.sampled_from([None, None, "2026-11-20T12:00:00Z"]),
    ),
    max_size=12,
)
any_query = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(sorted(STATUS_OF)),
        "q": st.lists(st.sampled_from(WORDS), max_size=2).map("".join),
        "tag": st.lists(st.sampled_from(TAGS), min_size=1, max_size=2),
        "priority": st.sampled_from(Priority.values),
        "due_before": st.sampled_from(DAYS),
        "due_after": st.sampled_from(DAYS),
    },
)


@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(tasks_of_any_kind, st.lists(any_query, min_size=1, max_size=4), st.data())
def test_all_filters_together_agree_with_a_model(
    owner: Person, tasks: list[Task], queries: list[dict[str, Any]], data: st.DataObject
) -> None:
    Task.objects.all().delete()
    Task.objects.bulk_create(tasks)
    held = [task for status in ("all", "deleted") for task in owner.get(f"{owner.tasks}?status={status}").json]
    assert len(held) == len(tasks)

    for asked in queries:
        sort, order = data.draw(st.sampled_from(sorted(SORTS))), data.draw(st.sampled_from(["asc", "desc"]))
        query = f"?{urlencode(asked, doseq=True)}&sort={sort}&order={order}"
        expected = in_order([task for task in held if matches(task, asked)], sort, order)

        assert owner.get(owner.tasks + query).json == expected
        assert walk(owner, f"{query}&limit={data.draw(st.integers(1, 5))}") == expected
        answer = owner.get(f"{owner.tasks}{query}&limit=1", prefer="count=exact")
        assert answer.headers["X-Total-Count"] == str(len(expected))
