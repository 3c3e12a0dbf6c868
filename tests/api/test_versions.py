"""A task tells its version, and a write that names an older one writes nothing."""

import pytest

from tasks.models import Task, TaskChange
from tests.support.people import Answer, Person

WRITES = [
    pytest.param("PUT", "", {"title": "Mine"}, id="put"),
    pytest.param("PATCH", "", {"title": "Mine"}, id="patch"),
    pytest.param("PATCH", "/complete", None, id="complete"),
    pytest.param("POST", "/restore", None, id="restore"),
    pytest.param("DELETE", "", None, id="delete"),
]


def test_every_answer_with_one_task_has_its_version_as_entity_tag(owner: Person) -> None:
    created = owner.post(owner.tasks, {"title": "x"})
    path = created.headers["Location"]
    answers = [
        created,
        owner.get(path),
        owner.put(path, {"title": "y"}),
        owner.patch(path, {"title": "z"}),
        owner.patch(f"{path}/complete"),
        owner.post(f"{path}/restore"),
    ]

    assert [answer.headers["ETag"] for answer in answers] == ['"1"', '"1"', '"2"', '"3"', '"4"', '"4"']
    assert [answer.json["version"] for answer in answers] == [1, 1, 2, 3, 4, 4]


def test_a_write_that_changes_nothing_leaves_version_and_moment(owner: Person) -> None:
    task = owner.has_task("x", completed=True)

    assert owner.put(owner.path(task), {"title": "x", "completed": True}).json == task
    assert owner.put(owner.path(task), {}).json == task
    assert TaskChange.objects.of_task("owner", task["id"]).count() == 2  # created, completed


# What Apache, Jetty and others make of "1" when they compress.
REWRITTEN = [
    '"1-gzip"',
    'W/"1-gzip"',
    '"1--gzip"',
    '"1;gzip"',
    '"1-br"',
    '"1-deflate"',
    '"1-zstd"',
    '"7-gzip", "1-gzip"',
]


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"7", "1"', "*", '"x","1"', ', "1" ,', *REWRITTEN])
@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
def test_a_write_that_names_the_current_version_is_done(
    owner: Person, method: str, suffix: str, body: object, tag: str
) -> None:
    task = owner.has_task()

    assert owner.send(method, owner.path(task) + suffix, body, if_match=tag).status in {200, 204}


@pytest.mark.parametrize(
    "tag", ['"1"', 'W/"1"', '"3"', '"x"', '""', '"01"', '"1", "3"', '"1-gzip"', '"2-x"', '"2gzip"', '"gzip"', '"-gzip"']
)
@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
def test_a_write_that_names_another_version_is_412_and_writes_nothing(
    owner: Person, method: str, suffix: str, body: object, tag: str
) -> None:
    task = owner.has_task(completed=True)

    answer = owner.send(method, owner.path(task) + suffix, body, if_match=tag)

    assert answer.error == (412, "PRECONDITION_FAILED")
    assert answer.json["detail"] == "Task has changed"
    assert answer.headers["ETag"] == '"2"'
    assert owner.get(owner.path(task)).json == task


@pytest.mark.parametrize("tag", ["1", '"1', "", "W/1", '"1" "2"', 'w/"1"', '*, "1"', '"a"b"'])
@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
def test_what_is_not_an_entity_tag_is_400(owner: Person, method: str, suffix: str, body: object, tag: str) -> None:
    task = owner.has_task()

    assert owner.send(method, owner.path(task) + suffix, body, if_match=tag).error == (400, "PARSE_ERROR")
    assert owner.get(owner.path(task)).json == task


def test_404_goes_before_every_precondition(owner: Person, stranger: Person) -> None:
    task = stranger.has_task()

    for tag in ('"9"', "nonsense"):
        assert owner.delete(owner.path(task), if_match=tag).error == (404, "NOT_FOUND")


def test_the_input_is_looked_at_before_the_precondition(owner: Person) -> None:
    task = owner.has_task()

    assert owner.put(owner.path(task), {"title": ""}, if_match='"9"').error == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('"1"', 304),
        ('W/"1"', 304),
        ("*", 304),
        ('"2", "1"', 304),
        *((tag, 304) for tag in REWRITTEN),
        ('"2"', 200),
        ('"2-gzip"', 200),
        ('"1-x"', 200),
    ],
)
def test_a_get_that_names_what_is_known_is_304(owner: Person, tag: str, status: int) -> None:
    task = owner.has_task()

    answer: Answer = owner.get(owner.path(task), if_none_match=tag)

    assert answer.status == status
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.content == (b"" if status == 304 else owner.get(owner.path(task)).content)


def test_patch_merges_as_rfc_7396_asks(owner: Person) -> None:
    task = owner.has_task("Buy milk", description="Two litres")

    for content_type in ("application/json", "application/merge-patch+json"):
        answer = owner.send("PATCH", owner.path(task), {"description": None}, content_type=content_type)
        assert answer.status == 200
        assert answer.json["title"] == "Buy milk"
        assert answer.json["description"] is None


def test_merge_patch_is_for_patch_alone(owner: Person) -> None:
    task = owner.has_task()

    answer = owner.send("PUT", owner.path(task), {"title": "x"}, content_type="application/merge-patch+json")

    assert answer.error == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_completed_at_follows_completion(owner: Person) -> None:
    task = owner.has_task()
    assert task["completed_at"] is None

    done = owner.patch(f"{owner.path(task)}/complete").json
    assert done["completed_at"] == done["updated_at"]
    renamed = owner.put(owner.path(task), {"title": "x"}).json
    assert renamed["completed_at"] == done["completed_at"]
    assert owner.put(owner.path(task), {"completed": False}).json["completed_at"] is None


def test_two_users_who_write_different_fields_both_get_their_way(owner: Person) -> None:
    task = owner.has_task("Buy milk")
    opened_before_lunch = Task.objects.get(pk=task["id"])

    owner.patch(f"{owner.path(task)}/complete")
    owner.put(owner.path(task), {"title": "Buy oat milk"})

    assert opened_before_lunch.title == "Buy milk"
    now = owner.get(owner.path(task)).json
    assert (now["title"], now["completed"]) == ("Buy oat milk", True)
