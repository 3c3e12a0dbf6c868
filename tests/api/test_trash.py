"""A deleted task is in the trash: gone from every list and URL but that of the trash, and restored whole."""

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from tasks.models import Task, TaskChange, TaskList
from tests.support.people import Person


def ids(person: Person, status: str = "all") -> list[int]:
    """The ids of a list, as it comes."""
    return [task["id"] for task in person.get(f"{person.tasks}?status={status}").json]


def test_a_deleted_task_is_404_everywhere_and_in_the_trash(owner: Person) -> None:
    task = owner.has_task()
    path = owner.path(task)

    assert owner.delete(path).status == 204

    for method, suffix, body in [
        ("GET", "", None),
        ("PUT", "", {"title": "x"}),
        ("PATCH", "", {"title": "x"}),
        ("PATCH", "/complete", None),
        ("DELETE", "", None),
    ]:
        assert owner.send(method, path + suffix, body).error == (404, "NOT_FOUND")
    assert ids(owner) == ids(owner, "pending") == ids(owner, "completed") == []
    (trashed,) = owner.get(f"{owner.tasks}?status=deleted").json
    assert trashed["deleted_at"] is not None
    assert trashed["version"] == 2


def test_a_restored_task_is_back_as_it_was(owner: Person) -> None:
    task = owner.has_task(description="Two litres", completed=True)
    owner.delete(owner.path(task))

    restored = owner.post(f"{owner.path(task)}/restore")

    assert restored.status == 200
    assert restored.json == {**task, "version": 4, "updated_at": restored.json["updated_at"]}
    assert ids(owner) == [task["id"]]
    assert ids(owner, "deleted") == []


def test_restoring_a_live_task_is_safe_to_repeat(owner: Person) -> None:
    task = owner.has_task()

    assert owner.post(f"{owner.path(task)}/restore").json == task


def test_nobody_restores_what_is_not_theirs(owner: Person, stranger: Person) -> None:
    task = owner.has_task()
    owner.delete(owner.path(task))

    assert stranger.post(f"{stranger.path(task)}/restore").error == (404, "NOT_FOUND")
    assert stranger.post(f"{owner.path(task)}/restore").error == (403, "PERMISSION_DENIED")
    assert ids(owner, "deleted") == [task["id"]]


def test_the_limit_counts_live_tasks_and_holds_for_restoring(owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 2
    first, second = owner.has_task("1"), owner.has_task("2")
    assert owner.post(owner.tasks, {"title": "3"}).error == (409, "TASK_LIMIT_REACHED")

    owner.delete(owner.path(first))
    owner.has_task("3")

    assert owner.post(f"{owner.path(first)}/restore").error == (409, "TASK_LIMIT_REACHED")
    owner.delete(owner.path(second))
    assert owner.post(f"{owner.path(first)}/restore").status == 200


def test_the_trash_holds_no_more_than_a_list_and_the_oldest_leaves_first(owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 2
    tasks = []
    for title in "abc":
        tasks.append(owner.has_task(title))
        owner.delete(owner.path(tasks[-1]))

    assert sorted(ids(owner, "deleted")) == [tasks[1]["id"], tasks[2]["id"]]
    assert [change.kind for change in TaskChange.objects.of_task("owner", tasks[0]["id"])] == ["purged"]
    assert TaskList.objects.get(pk="owner").trash_count == 2


@pytest.mark.parametrize("refused", ["404", "412"])
def test_a_refused_delete_pushes_nothing_out_of_a_full_trash(owner: Person, settings: Settings, refused: str) -> None:
    settings.TASKS_PER_USER_LIMIT = 1
    trashed = owner.has_task("trashed")
    owner.delete(owner.path(trashed))
    task = owner.has_task("live")

    if refused == "404":
        assert owner.delete(owner.path(trashed)).status == 404
    else:
        assert owner.delete(owner.path(task), if_match='"9"').status == 412

    assert ids(owner, "deleted") == [trashed["id"]]


@pytest.mark.parametrize("tag", ["nonsense", '"9"'])
def test_a_condition_on_restoring_is_looked_at_for_what_is_in_the_trash(owner: Person, tag: str) -> None:
    task = owner.has_task()
    owner.delete(owner.path(task))

    refused = owner.post(f"{owner.path(task)}/restore", if_match=tag)

    assert refused.status == (412 if tag == '"9"' else 400)
    assert owner.post(f"{owner.path(task)}/restore", if_match='"2"').status == 200


def test_psql_passes_the_limit_and_the_counter_stays_right(owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 1
    Task.objects.bulk_create([Task(user_id="owner", title=str(number)) for number in range(3)])

    assert TaskList.objects.get(pk="owner").live_count == 3
    assert owner.post(owner.tasks, {"title": "x"}).error == (409, "TASK_LIMIT_REACHED")


@pytest.mark.parametrize(("status", "left"), [("completed", ["a"]), ("all", [])])
def test_clearing_moves_into_the_trash_and_says_how_many(owner: Person, status: str, left: list[str]) -> None:
    owner.has_task("a")
    owner.has_task("b", completed=True)
    owner.has_task("c", completed=True)

    answer = owner.delete(f"{owner.tasks}?status={status}")

    assert (answer.status, answer.json) == (200, {"deleted": 3 - len(left)})
    assert [task["title"] for task in owner.get(owner.tasks).json] == left
    assert len(ids(owner, "deleted")) == 3 - len(left)


@pytest.mark.parametrize(
    ("status", "completed", "updated"),
    [("pending", True, 1), ("pending", False, 0), ("completed", False, 2), ("completed", True, 0), ("all", True, 1)],
)
def test_marking_all_counts_what_changed(owner: Person, status: str, completed: bool, updated: int) -> None:
    owner.has_task("a")
    owner.has_task("b", completed=True)
    owner.has_task("c", completed=True)

    answer = owner.patch(f"{owner.tasks}?status={status}", {"completed": completed})

    assert (answer.status, answer.json) == (200, {"updated": updated})
    assert sum(change.kind == "changed" for change in TaskChange.objects.of_user("owner")) == 2 + updated


def test_marking_all_leaves_the_trash_and_other_users_alone(owner: Person, stranger: Person) -> None:
    trashed, other = owner.has_task("trashed"), stranger.has_task("other")
    owner.delete(owner.path(trashed))

    assert owner.patch(f"{owner.tasks}?status=all", {"completed": True}).json == {"updated": 0}
    assert stranger.get(stranger.path(other)).json == other


@pytest.mark.parametrize("query", ["", "?status=", "?status=x", "?status=deleted"])
def test_a_bulk_operation_must_say_which_tasks(owner: Person, query: str) -> None:
    owner.has_task()

    assert owner.patch(f"{owner.tasks}{query}", {"completed": True}).error == (422, "VALIDATION_ERROR")
    assert owner.delete(f"{owner.tasks}{query}").error == (422, "VALIDATION_ERROR")
    assert owner.delete(f"{owner.tasks}/{query}").error == (422, "VALIDATION_ERROR")
    assert len(ids(owner)) == 1


@pytest.mark.parametrize("body", [{}, {"completed": None}, {"completed": 1}, {"completed": "true"}])
def test_marking_all_wants_true_or_false(owner: Person, body: object) -> None:
    assert owner.patch(f"{owner.tasks}?status=all", body).error == (422, "VALIDATION_ERROR")


def test_a_bulk_operation_is_one_statement(owner: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    owner.has_task()

    with django_assert_num_queries(1):
        owner.patch(f"{owner.tasks}?status=all", {"completed": True})
    with django_assert_num_queries(1):
        owner.delete(f"{owner.tasks}?status=all")
