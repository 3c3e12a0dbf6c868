"""In any interleaving of writes, purges, erasures and restored backups with pages of copies, every copy gets right.

hypothesis makes up the interleavings.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from accounts.models import User
from tasks.models import Task, TaskChange, TaskList, TaskQuerySet
from tasks.retention import expire_changes
from tests.support.backups import Backup
from tests.support.copies import Copy
from tests.support.people import signed_in

COPIES = st.integers(0, 2)
LIMITS = st.sampled_from([1, 2, 3, 200])
PLACES = st.integers(0, 7)


def revision() -> int:
    """The revision of the list; 0 if there is none."""
    return TaskList.objects.values_list("revision", flat=True).first() or 0


class Feed(RuleBasedStateMachine):
    """One user's list, and three copies of it that follow as they please."""

    @initialize()
    def begin(self) -> None:
        """An empty list."""
        User.objects.all().delete()
        self.me = signed_in("me")
        self.copies = [Copy(self.me) for _ in range(3)]
        self.backup: Backup | None = None
        self.prunable: int | None = None

    def task(self, place: int) -> TaskQuerySet:
        """One of the tasks, in the trash or not, or none."""
        return Task.objects.filter(pk__in=Task.objects.order_by("id").values("pk")[place : place + 1])

    @rule(count=st.integers(1, 4))
    def create(self, count: int) -> None:
        """Some tasks in one statement."""
        Task.objects.bulk_create([Task(user_id="me", title="task") for _ in range(count)])

    @rule(place=PLACES, title=st.sampled_from("abc"))
    def edit(self, place: int, title: str) -> None:
        """One task."""
        self.task(place).update(title=title)

    @rule(completed=st.booleans())
    def mark_all(self, completed: bool) -> None:
        """All tasks in one statement."""
        self.me.patch(f"{self.me.tasks}?status=all", {"completed": completed})

    @rule(place=PLACES)
    def trash(self, place: int) -> None:
        """One task."""
        self.task(place).update(deleted_at=timezone.now())

    @rule(place=PLACES)
    def restore(self, place: int) -> None:
        """One task."""
        self.task(place).update(deleted_at=None)

    @rule(place=PLACES)
    def purge(self, place: int) -> None:
        """One task, but for the first: see `put_back`."""
        self.task(place + 1).delete()

    @rule(kept=st.integers(0, 3))
    def prune(self, kept: int) -> None:
        """All changes but the latest ones. Those after a restored backup are younger than any that is expired."""
        last = revision() - kept if self.prunable is None else min(revision() - kept, self.prunable)
        TaskChange.objects.filter(revision__lte=last).update(at=timezone.now() - timedelta(days=91))
        list(expire_changes(timedelta(days=90)))

    @rule()
    def erase(self) -> None:
        """The user, who signs in again."""
        with connection.cursor() as cursor:
            cursor.execute("""DELETE FROM "user" WHERE id = 'me'""")
        User.objects.create(id="me", name="Me", email="me@example.com", email_verified=False)

    @rule()
    def back_up(self) -> None:
        """As every night."""
        self.backup = Backup()
        self.backed_up = revision()

    @precondition(lambda self: self.backup is not None)
    @rule()
    def put_back(self) -> None:
        """After an accident. The first change after it is one that is kept, which is how copies know of it."""
        assert self.backup is not None
        self.backup.put_back()
        self.prunable = self.backed_up
        if not self.task(0).update(description=str(timezone.now())):
            self.create(1)

    @rule(number=COPIES)
    def begin_anew(self, number: int) -> None:
        """A copy is dropped."""
        self.copies[number] = Copy(self.me)

    @rule(number=COPIES, limit=LIMITS)
    def page(self, number: int, limit: int) -> None:
        """A copy takes a page, or starts again."""
        copy = self.copies[number]
        answer = copy.ask(limit=limit)
        if answer.status == 410:
            self.copies[number] = Copy(self.me)
        elif not copy.take(answer):
            assert copy.is_the_list()

    def teardown(self) -> None:
        """Every copy gets right."""
        for copy in self.copies:
            assert copy.follow(limit=2).is_the_list()


@pytest.mark.django_db
def test_in_every_interleaving_a_copy_that_has_followed_is_the_list() -> None:
    run_state_machine_as_test(
        Feed,
        settings=hypothesis_settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
