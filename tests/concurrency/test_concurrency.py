"""Many writers at once: nothing is lost, doubled or silently overwritten, and no deadlock reaches a caller."""

from collections import Counter
from itertools import chain

import pytest
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from tasks.models import Task, TaskChange, TaskList
from tests.support.crowds import all_at_once
from tests.support.people import Person, again

pytestmark = pytest.mark.django_db(transaction=True)


def test_200_concurrent_toggles_land_on_the_right_parity(owner: Person) -> None:
    task = owner.has_task()

    def toggle_25_times() -> list[int]:
        me = again(owner)
        return [me.patch(f"{owner.path(task)}/complete").status for _ in range(25)]

    statuses = all_at_once(*[toggle_25_times] * 8)

    assert Counter(chain.from_iterable(statuses)) == {200: 200}
    now = owner.get(owner.path(task)).json
    assert now["completed"] is False
    assert now["version"] == 201
    assert TaskChange.objects.of_task("owner", task["id"]).count() == 201


def test_of_50_writers_who_name_a_version_exactly_one_wins_each(owner: Person) -> None:
    task = owner.has_task()

    def write(number: int) -> list[int]:
        me = again(owner)
        return [
            me.put(owner.path(task), {"title": f"{number} at {version}"}, if_match=f'"{version}"').status
            for version in range(1, 6)
        ]

    statuses = all_at_once(*[lambda number=number: write(number) for number in range(50)])

    won = sum(status.count(200) for status in statuses)
    assert owner.get(owner.path(task)).json["version"] == 1 + won
    assert set(chain.from_iterable(statuses)) <= {200, 412}
    for version in range(5):
        assert sum(status[version] == 200 for status in statuses) <= 1
    assert won >= 1


def test_100_racing_creates_with_10_keys_make_10_tasks(owner: Person) -> None:
    def create(number: int) -> list[tuple[int, bytes]]:
        me = again(owner)
        answers = [
            me.send("POST", owner.tasks, {"title": f"task {key}"}, idempotency_key=f"key {key}") for key in range(10)
        ]
        return [(answer.status, answer.content) for answer in answers]

    answers = all_at_once(*[lambda number=number: create(number) for number in range(10)])

    assert Task.objects.count() == 10
    for key in range(10):
        assert len({answer[key] for answer in answers}) == 1
        assert answers[0][key][0] == 201


def test_the_limit_is_never_passed(owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 20
    trashed = owner.has_task("trashed")
    owner.delete(owner.path(trashed))

    def create() -> list[int]:
        me = again(owner)
        created = [me.post(owner.tasks, {"title": "x"}).status for _ in range(5)]
        return [*created, me.post(f"{owner.path(trashed)}/restore").status]

    statuses = Counter(chain.from_iterable(all_at_once(*[create] * 8)))

    assert set(statuses) <= {200, 201, 409}
    assert Task.objects.live().count() == 20
    assert TaskList.objects.get(pk="owner").live_count == 20


def test_the_first_tasks_of_a_new_user_may_come_all_at_once(owner: Person) -> None:
    statuses = all_at_once(*[lambda: again(owner).post(owner.tasks, {"title": "x"}).status] * 8)

    assert statuses == [201] * 8
    assert TaskList.objects.get(pk="owner").live_count == 8


def test_bulk_writers_beside_togglers_and_shell_updates_never_deadlock(owner: Person, stranger: Person) -> None:
    tasks = [owner.has_task(str(number)) for number in range(20)] + [stranger.has_task("theirs")]

    def toggle() -> list[int]:
        me = again(owner)
        return [me.patch(f"{owner.path(task)}/complete").status for task in tasks[:20]]

    def mark() -> list[int]:
        me = again(owner)
        return [me.patch(f"{owner.tasks}?status=all", {"completed": bool(turn % 2)}).status for turn in range(10)]

    def shell() -> list[int]:
        for turn in range(10):
            Task.objects.all().update(description=f"turn {turn}")
        return [200]

    statuses = Counter(chain.from_iterable(all_at_once(toggle, toggle, mark, mark, shell, toggle, mark)))

    assert set(statuses) == {200}


def test_a_deadlock_with_psql_is_tried_again_and_is_not_a_500(owner: Person) -> None:
    tasks = [owner.has_task(str(number)) for number in range(10)]

    def psql() -> list[int]:
        """Locks tasks before the list; as the victim of a deadlock, which PostgreSQL chooses, it tries again."""
        with connection.cursor() as cursor:
            for turn in range(20):
                try:
                    cursor.execute("UPDATE tasks SET description = %s", [f"psql {turn}"])
                except OperationalError as error:
                    assert getattr(error.__cause__, "sqlstate", "") == "40P01"  # noqa: PT017  Only a deadlock may fail.
        return []

    def toggle() -> list[int]:
        me = again(owner)
        return [me.patch(f"{owner.path(task)}/complete").status for task in tasks * 2]

    statuses = Counter(chain.from_iterable(all_at_once(psql, toggle, toggle, toggle)))

    assert set(statuses) <= {200, 503}
    assert statuses.total() == 3 * 20
    versions = Task.objects.values_list("version", flat=True)
    changes = TaskChange.objects.filter(kind="changed", source="api")
    assert changes.count() == statuses[200]  # Each acknowledged toggle is there, and no other.
    assert sum(versions) == len(tasks) + TaskChange.objects.filter(kind="changed").count()


def test_deleting_a_user_beside_their_writes_leaves_nothing(owner: Person) -> None:
    tasks = [owner.has_task(str(number)) for number in range(10)]
    owner.delete(owner.path(tasks[0]))

    def write() -> list[int]:
        me = again(owner)
        return [me.patch(f"{owner.path(task)}/complete").status for task in tasks[1:]]

    def delete() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("""DELETE FROM "user" WHERE id = 'owner'""")
        return []

    statuses = Counter(chain.from_iterable(all_at_once(write, write, delete, write)))

    assert set(statuses) <= {200, 404}
    for model in (Task, TaskChange, TaskList):
        assert not model.objects.exists()
