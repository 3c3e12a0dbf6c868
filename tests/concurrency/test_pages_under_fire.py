"""Whatever is written between pages: a task that was there throughout, its sort field unchanged, comes exactly once."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import User
from accounts.tokens.cache import seen_tokens
from tasks.models import Task, TaskChange, TaskList
from tasks.sorting import SORTS, STATUSES
from tests.support.crowds import all_at_once
from tests.support.paging import has_many_tasks, next_path, walk
from tests.support.people import Person, again, token_of

ROUNDS = 25
FIELDS = {"created": "created_at", "updated": "updated_at"}  # The others are called as their order.

# What may be written to a task without changing where it stands.
HARMLESS: dict[str, list[dict[str, Any]]] = {
    "created": [{"title": "z"}, {"title": "a"}, {"due_date": "2030-01-01"}, {"priority": "high"}, {"completed": True}],
    "title": [{"due_date": None}, {"priority": "low"}, {"completed": True}, {"completed": False}],
    "updated": [{}],
    "due_date": [{"title": "z"}, {"title": "a"}, {"completed": True}, {"completed": False}],
    "priority": [{"title": "z"}, {"due_date": "2000-01-01"}, {"completed": True}, {"completed": False}],
}


def any_write(me: Person, task: dict[str, Any], choose: random.Random) -> None:
    """Do anything to `task`."""
    kind = choose.choice(["edit", "edit", "toggle", "delete", "restore", "purge"])
    if kind == "edit":
        day, priority = choose.choice([None, "2026-12-02"]), choose.choice(["low", "high"])
        me.put(me.path(task), {"title": choose.choice("azmb"), "due_date": day, "priority": priority})
    elif kind == "toggle":
        me.patch(f"{me.path(task)}/complete")
    elif kind == "delete":
        me.delete(me.path(task))
    elif kind == "restore":
        me.post(f"{me.path(task)}/restore")
    elif choose.random() < 0.1:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tasks WHERE id = %s", [task["id"]])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sort", SORTS)
def test_tasks_that_stay_come_exactly_once_while_others_write(owner: Person, sort: str) -> None:
    has_many_tasks(owner, 96)
    tasks = owner.get(owner.tasks).json
    staying, others = tasks[::2], tasks[1::2]
    working = set(range(3))  # Walks go on until all writers have finished.

    def writer(seed: int) -> Callable[[], None]:
        def write() -> None:
            me, choose = again(owner), random.Random(seed)
            try:
                for _ in range(ROUNDS):
                    any_write(me, choose.choice(others), choose)
                    others.append(me.has_task(choose.choice("azmb"), due_date=choose.choice([None, "2026-12-02"])))
                    me.put(me.path(choose.choice(staying)), choose.choice(HARMLESS[sort]))
            finally:
                working.discard(seed)

        return write

    def read() -> list[list[int]]:
        me, walks = again(owner), []
        kinds = itertools.cycle(itertools.product((3, 7, 1, 16), ("asc", "desc")))
        while working:
            limit, order = next(kinds)
            walks.append([task["id"] for task in walk(me, f"?sort={sort}&order={order}&limit={limit}")])
        return walks

    walks, *_ = all_at_once(read, *map(writer, range(3)))

    assert walks
    for walked in walks:
        times = Counter(walked)
        assert [times[task["id"]] for task in staying] == [1] * len(staying)


class Walk(RuleBasedStateMachine):
    """One walk through a list, with any writes between any two of its pages."""

    @initialize(
        sort=st.sampled_from(sorted(SORTS)),
        status=st.sampled_from(sorted(STATUSES)),
        order=st.sampled_from(["asc", "desc"]),
        count=st.integers(0, 16),
        q=st.sampled_from(["", "&q=e", "&tag=home", "&due_before=2026-12-03"]),
    )
    def begin(self, sort: str, status: str, order: str, count: int, q: str) -> None:
        """A list, of which no page has been read."""
        for model in (Task, TaskChange, TaskList, User):
            model.objects.all()._raw_delete("default")
        seen_tokens.clear()
        self.me = Person("me", token_of("me"))
        assert self.me.get("/api/me").status == 200
        has_many_tasks(self.me, count)
        self.tasks = list(Task.objects.values_list("pk", flat=True))
        self.field = FIELDS.get(sort, sort)
        self.whole = f"{self.me.tasks}?sort={sort}&order={order}&status={status}{q}"
        self.path: str | None = f"{self.whole}&limit=2"
        self.walked: list[int] = []
        self.stayed = self.standing()

    def standing(self) -> dict[int, Any]:
        """Where each task of the list stands."""
        return {task["id"]: task[self.field] for task in self.me.get(self.whole).json}

    @rule(limit=st.integers(1, 4))
    def read_a_page(self, limit: int) -> None:
        """The next page, of any size."""
        if self.path is not None:
            answer = self.me.get(f"{self.path}&limit={limit}")
            self.walked += [task["id"] for task in answer.json]
            self.path = next_path(answer)

    @rule(seed=st.randoms(use_true_random=False), place=st.integers(0, 30))
    def write(self, seed: random.Random, place: int) -> None:
        """Anything, to any task."""
        if self.tasks:
            any_write(self.me, {"id": self.tasks[place % len(self.tasks)]}, seed)

    @rule(title=st.sampled_from(["a", "m", "Ж"]), day=st.sampled_from([None, "2026-12-02"]))
    def create(self, title: str, day: str | None) -> None:
        """One task more."""
        self.tasks.append(self.me.has_task(title, due_date=day, tags=["home"])["id"])

    @invariant()
    def still_there(self) -> None:
        """Whoever left, or moved, is no longer promised anything."""
        if hasattr(self, "stayed"):
            standing = self.standing()
            self.stayed = {pk: at for pk, at in self.stayed.items() if pk in standing and standing[pk] == at}

    def teardown(self) -> None:
        """Read the rest."""
        while self.path is not None:
            self.read_a_page(limit=200)
        times = Counter(self.walked)
        assert {pk: times[pk] for pk in self.stayed} == dict.fromkeys(self.stayed, 1)
        assert set(times) <= set(self.tasks)


@pytest.mark.django_db
def test_any_writes_between_any_pages_leave_out_and_double_no_task_that_stays() -> None:
    run_state_machine_as_test(
        Walk,
        settings=hypothesis_settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
