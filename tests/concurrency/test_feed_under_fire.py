"""Hundreds of writers through every source, and readers who follow meanwhile: at the end every copy is its list."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, cycle
from typing import Any

import pytest
from django.db import connection, transaction

from tasks import operations
from tasks.models import Task, TaskList
from tasks.sql.writes import BULK_ACTIONS
from tests.support.copies import Copy
from tests.support.crowds import all_at_once
from tests.support.people import Answer, Person, signed_in

PEOPLE = ("ada", "bea", "cem")
WRITERS, READERS = 210, 12
WRITES = 10  # of each writer
CONNECTIONS = 40

STAFF = operations.Actor("anna", "admin")
type Write = Callable[[Person, random.Random], object]


def ids(person: Person, count: int, chance: random.Random) -> list[int]:
    """Some tasks of the user's, in the trash or not; perhaps of none that is there any more."""
    found = list(Task.objects.owned_by(person.id).values_list("pk", flat=True))
    return chance.sample(found, min(count, len(found))) or [0]


def path(person: Person, chance: random.Random) -> str:
    """The URL of one of them."""
    return f"{person.tasks}/{ids(person, 1, chance)[0]}"


def by_psql(statement: str) -> Write:
    """That statement about some tasks, past Django, its list taken first so that it deadlocks with nobody."""

    def write(person: Person, chance: random.Random) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM task_lists WHERE user_id = %s FOR UPDATE", [person.id])
            for _ in range(chance.randint(1, 3)):  # revisions of one commit
                cursor.execute(statement, {"ids": ids(person, 5, chance), "text": str(chance.random())})

    return write


def by_an_operator(person: Person, chance: random.Random) -> None:
    """An action of the admin on a selection."""
    action = chance.choice(sorted(BULK_ACTIONS))
    operations.change_selected(person.id, STAFF, action, ids(person, 5, chance))


def undone(person: Person, chance: random.Random) -> None:
    """A transaction that writes and is rolled back."""
    with transaction.atomic():
        Task.objects.bulk_create([Task(user_id=person.id, title="never")])
        transaction.set_rollback(True)


TO_FEW: list[Write] = [
    *[lambda person, chance: person.post(person.tasks, {"title": f"task {chance.random()}", "tags": ["x"]})] * 4,
    *[lambda person, chance: person.patch(f"{path(person, chance)}/complete")] * 3,
    *[lambda person, chance: person.put(path(person, chance), {"title": str(chance.random())})] * 3,
    *[lambda person, chance: person.delete(path(person, chance))] * 2,
    *[lambda person, chance: person.post(f"{path(person, chance)}/restore")] * 2,
    lambda person, chance: person.delete(f"{person.tasks}?status=completed") if chance.random() < 0.2 else None,
    by_an_operator,
    by_psql("UPDATE tasks SET description = %(text)s WHERE id = ANY (%(ids)s)"),
    by_psql("UPDATE tasks SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE id = ANY (%(ids)s)"),
    by_psql("DELETE FROM tasks WHERE id = ANY (%(ids)s) AND deleted_at IS NOT NULL AND NOT 'kept' = ANY (tags)"),
    lambda person, chance: Task.objects.bulk_create(
        [Task(user_id=person.id, title=str(chance.random())) for _ in range(5)]
    ),
    undone,
]
TO_ALL: list[Write] = [
    lambda person, chance: person.patch(f"{person.tasks}?status=all", {"completed": chance.random() < 0.5}),
    lambda person, chance: Task.objects.owned_by(person.id).update(due_date=f"2026-11-{chance.randint(10, 30)}"),
    lambda person, chance: Task.objects.update(priority=chance.choice(["low", "high"])),  # of everybody
]


@pytest.fixture
def many_connections(transactional_db: None) -> Iterator[None]:
    """A pool that a crowd can share, and patience with it."""
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's
    size, timeout = pool.max_size, pool.timeout
    pool.resize(0, CONNECTIONS)
    pool.timeout = 60
    yield
    pool.resize(0, size)
    pool.timeout = timeout


def write(number: int, me: Person, done: list[int]) -> list[object]:
    """One writer: some writes, each on a connection of the pool, and what they gave."""
    chance = random.Random(number)
    given = []
    try:
        for turn in range(WRITES):
            # Not to the end: a change of all tasks would tell a copy what it has missed.
            doors = TO_FEW + TO_ALL if turn < WRITES / 2 else TO_FEW
            given.append(chance.choice(doors)(me, chance))
            connection.close()  # as at the end of a request
    finally:
        done.append(number)
    return given


def follow(number: int, me: Person, done: list[int]) -> Copy:
    """One reader, in pages of all sizes, who now and then loses the copy and begins again, but not to the end."""
    chance = random.Random(number)
    copy = Copy(me)
    while len(done) < WRITERS:
        if chance.random() < 0.05 and len(done) < WRITERS / 3:
            copy = Copy(me)
        copy.take(copy.ask(limit=chance.choice([1, 2, 3, 7, 20, 200])))
        connection.close()
    return copy


@pytest.mark.usefixtures("many_connections")
def test_every_copy_is_its_list_after_hundreds_of_writers() -> None:
    people = [signed_in(name) for name in PEOPLE]
    for person in people:
        person.has_task(tags=["kept"])  # `update()` takes the lists of those who have a task when it begins.
    done: list[int] = []

    def crowd(work: Callable[[int, Person, list[int]], Any], size: int) -> list[Callable[[], Any]]:
        """The works of so many, each of one of the users."""
        them = [Person(person.id, person.token) for person, _ in zip(cycle(people), range(size), strict=False)]
        return [partial(work, number, me, done) for number, me in enumerate(them)]

    results = all_at_once(*crowd(write, WRITERS), *crowd(follow, READERS))

    given, copies = list(chain.from_iterable(results[:WRITERS])), results[WRITERS:]
    assert {answer.status for answer in given if isinstance(answer, Answer)} == {200, 201, 204, 404}
    assert min(TaskList.objects.values_list("revision", flat=True)) > WRITERS * WRITES / len(PEOPLE) / 3
    for copy in copies:
        assert copy.follow(limit=7).is_the_list()
