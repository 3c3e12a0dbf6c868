"""Any interleaving of all writes from all sources leaves tasks, versions, revision, record and counters in agreement.

hypothesis makes up the interleavings and compares the database with a model in Python after each step.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tokens.cache import seen_tokens
from tasks import operations
from tasks.exceptions import TaskLimitReached
from tasks.models import IdempotencyKey, Task, TaskChange, TaskList
from tasks.sql.writes import BULK_ACTIONS, BulkAction
from tests.support.people import Person, token_of

TITLES = st.sampled_from(["a", "b", "Ж", "long " * 20 + "x"])
TEXTS = st.sampled_from([None, "", "text", "line\nline"])


@dataclass
class ExpectedTask:
    """What the model says of one task."""

    title: str
    description: str | None
    completed: bool = False
    trashed: bool = False
    trashed_as: int = 0  # The larger, the later it went into the trash.
    version: int = 1
    kinds: list[str] = field(default_factory=lambda: ["created"])

    def write(self, kind: str = "changed", **changes: Any) -> bool:
        """Apply `changes`; whether anything changed."""
        if all(getattr(self, name) == value for name, value in changes.items()):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1
        self.kinds.append(kind)
        return True


def did_any(changed: list[bool]) -> bool:
    """Whether one of several writes, all of which were done, changed something."""
    return any(changed)


class Writes(RuleBasedStateMachine):
    """One user's list, written through every source."""

    tasks = Bundle("tasks")
    limit = 10_000

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[int, ExpectedTask] = {}
        self.revision = 0
        self.trashings = 0

    @initialize()
    def begin(self) -> None:
        """An empty list."""
        for model in (IdempotencyKey, Task, TaskChange, TaskList, User):
            model.objects.all()._raw_delete("default")
        seen_tokens.clear()
        self.me = Person("me", token_of("me"))
        assert self.me.get("/api/me").status == 200

    @rule(target=tasks, title=TITLES, description=TEXTS)
    def create(self, title: str, description: str | None) -> int:
        """A request."""
        if self.live >= self.limit:
            assert self.me.post(self.me.tasks, {"title": title}).status == 409
            return 0  # no task's id
        task = self.me.has_task(title, description=description)
        self.expected[task["id"]] = ExpectedTask(title.strip(), description)
        self.revision += 1
        return int(task["id"])

    @rule(target=tasks, title=TITLES)
    def bulk_create(self, title: str) -> int:
        """A shell."""
        (task,) = Task.objects.bulk_create([Task(user_id="me", title=title)])
        self.expected[task.pk] = ExpectedTask(title, None)
        self.revision += 1
        return task.pk

    @rule(task=tasks, title=TITLES, completed=st.booleans())
    def put(self, task: int, title: str, completed: bool) -> None:
        """A request."""
        answer = self.me.put(f"{self.me.tasks}/{task}", {"title": title, "completed": completed})
        if not self.is_live(task):
            assert answer.status == 404
        else:
            assert answer.json["title"] == title
            self.revision += self.expected[task].write(title=title, completed=completed)

    @rule(task=tasks, off=st.sampled_from([0, 0, 1, -1]))
    def toggle_if_match(self, task: int, off: int) -> None:
        """A request that names a version, right or wrong."""
        version = self.expected[task].version + off if task in self.expected else 1
        answer = self.me.patch(f"{self.me.tasks}/{task}/complete", if_match=f'"{version}"')
        if not self.is_live(task):
            assert answer.status == 404
        elif off:
            assert answer.status == 412
        else:
            assert answer.status == 200
            self.revision += self.expected[task].write(completed=not self.expected[task].completed)

    @rule(task=tasks)
    def delete(self, task: int) -> None:
        """A request."""
        status = self.me.delete(f"{self.me.tasks}/{task}").status
        assert status == (204 if self.is_live(task) else 404)
        if status == 204:
            self.move_to_trash([task])

    @rule(task=tasks)
    def restore(self, task: int) -> None:
        """A request."""
        status = self.me.post(f"{self.me.tasks}/{task}/restore").status
        is_full = task in self.expected and not self.is_live(task) and self.live >= self.limit
        assert status == (404 if task not in self.expected else 409 if is_full else 200)
        if status == 200:
            self.revision += self.expected[task].write("restored", trashed=False)

    @rule(completed=st.booleans())
    def mark_all(self, completed: bool) -> None:
        """A request."""
        answer = self.me.patch(f"{self.me.tasks}?status=all", {"completed": completed})
        changed = [task.write(completed=completed) for task in self.expected.values() if not task.trashed]
        assert answer.json == {"updated": sum(changed)}
        self.revision += any(changed)

    @rule()
    def clear_completed(self) -> None:
        """A request."""
        answer = self.me.delete(f"{self.me.tasks}?status=completed")
        meant = [pk for pk, task in self.expected.items() if task.completed and not task.trashed]
        assert answer.json == {"deleted": len(meant)}
        self.move_to_trash(meant)

    @rule(task=tasks, what=st.sampled_from(sorted(BULK_ACTIONS)))
    def admin_action(self, task: int, what: BulkAction) -> None:
        """A staff user."""
        expected = self.expected.get(task)
        staff = operations.Actor("staff", "admin")
        if what == "restore" and expected is not None and expected.trashed and self.live >= self.limit:
            with pytest.raises(TaskLimitReached):
                operations.change_selected("me", staff, what, [task])
            return
        done = operations.change_selected("me", staff, what, [task])
        if expected is None:
            assert done == 0
        elif what in {"complete", "reopen"}:
            changed = not expected.trashed and expected.write(completed=what == "complete")
            assert done == changed
            self.revision += changed
        elif what == "trash":
            assert done == self.is_live(task)
            self.move_to_trash([task] * done)
        else:
            changed = expected.write("restored", trashed=False)
            assert done == changed
            self.revision += changed

    @rule(description=TEXTS)
    def shell_update(self, description: str | None) -> None:
        """A shell, over the whole list."""
        Task.objects.owned_by("me").update(description=description)
        self.revision += did_any([task.write(description=description) for task in self.expected.values()])

    @rule(task=consumes(tasks))
    def psql_delete(self, task: int) -> None:
        """psql, for good."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tasks WHERE id = %s", [task])
        if self.expected.pop(task, None):
            self.revision += 1

    def move_to_trash(self, tasks: list[int]) -> None:
        """One statement moves live tasks into the trash; where it is too full, those that were there longest leave."""
        before = sorted(
            (pk for pk, task in self.expected.items() if task.trashed), key=lambda pk: self.expected[pk].trashed_as
        )
        self.trashings += 1
        for task in tasks:
            self.expected[task].write("deleted", trashed=True, trashed_as=self.trashings)
        self.revision += bool(tasks)
        evicted = before[: max(0, len(before) + len(tasks) - self.limit)]
        for task in evicted:
            del self.expected[task]
        self.revision += bool(evicted)

    @property
    def live(self) -> int:
        """How many tasks are on the list."""
        return sum(not task.trashed for task in self.expected.values())

    def is_live(self, task: int) -> bool:
        """Whether the model has `task` on the list."""
        return task in self.expected and not self.expected[task].trashed

    @invariant()
    def tasks_agree(self) -> None:
        """The rows are those of the model."""
        rows = Task.objects.values_list(
            "pk", "title", "description", "completed", "deleted_at", "completed_at", "version"
        )
        seen = {row[0]: (*row[1:4], row[4] is not None, row[5] is not None, row[6]) for row in rows}
        assert seen == {
            pk: (task.title, task.description, task.completed, task.trashed, task.completed, task.version)
            for pk, task in self.expected.items()
        }

    @invariant()
    def counters_and_record_agree(self) -> None:
        """The list's counters, and the record of each task, are those of the model."""
        lists = TaskList.objects.filter(pk="me").first()
        if lists is None:
            assert not self.expected
            return
        trashed = sum(task.trashed for task in self.expected.values())
        assert (lists.live_count, lists.trash_count) == (len(self.expected) - trashed, trashed)
        assert lists.revision == self.revision
        for pk, task in self.expected.items():
            assert [change.kind for change in TaskChange.objects.of_task("me", pk)] == task.kinds


class WritesAtTheLimit(Writes):
    """The same, with a list and a trash that are soon full."""

    limit = 3


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Writes, WritesAtTheLimit])
def test_every_interleaving_of_writes_agrees_with_the_model(machine: type[Writes], settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = machine.limit
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
