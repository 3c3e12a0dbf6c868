"""A list tells its state: a poll of an unchanged one is 304, and no answer is 304 where anything has changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tasks import operations
from tasks.models import Task
from tasks.sql.fragments import FIELDS
from tasks.views import headers
from tests.support.paging import cursor_of, has_many_tasks
from tests.support.people import Person

STAFF = operations.Actor("staff", "admin")
QUERIES = ["", "?limit=2", "?status=deleted", "?q=milk&sort=title&order=desc", "?tag=home&limit=200"]


def tag_of(person: Person, query: str = "", **headers: str) -> str:
    """The entity tag of a list."""
    answer = person.get(person.tasks + query, **headers)
    assert answer.status == 200
    return str(answer.headers["ETag"])


def is_unchanged(person: Person, tag: str, query: str = "", **headers: str) -> bool:
    """Whether the list is as it was under `tag`."""
    answer = person.get(person.tasks + query, if_none_match=tag, **headers)
    assert answer.status in {200, 304}
    return answer.status == 304


def sql(statement: str, *values: int) -> None:
    """Run `statement` as psql does."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("query", QUERIES)
def test_a_poll_of_an_unchanged_list_is_304_without_a_body(owner: Person, query: str) -> None:
    has_many_tasks(owner, 9)
    known = owner.get(owner.tasks + query, origin="http://localhost:3000")

    answer = owner.get(owner.tasks + query, if_none_match=known.headers["ETag"], origin="http://localhost:3000")

    assert answer.status == 304
    assert answer.content == b""
    assert "Content-Type" not in answer.headers
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
        assert answer.headers[name] == known.headers[name], name
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert {part.strip().lower() for part in answer.headers["Vary"].split(",")} == {"authorization", "prefer", "origin"}


def test_a_list_and_a_poll_take_one_statement_each(
    owner: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    has_many_tasks(owner, 9)

    for query in QUERIES:
        with django_assert_num_queries(1):
            tag = tag_of(owner, query)
        with django_assert_num_queries(1):
            assert is_unchanged(owner, tag, query)
        with django_assert_num_queries(1):
            assert not is_unchanged(owner, '"another"', query)


def purge_trash(owner: Person, task: dict[str, Any]) -> None:
    """What a staff user's cron runs."""
    sql("UPDATE tasks SET deleted_at = now() - interval '40 days' WHERE deleted_at IS NOT NULL")
    call_command("purge_trash")


WRITES: dict[str, Callable[[Person, dict[str, Any]], Any]] = {
    "create": lambda owner, task: owner.has_task(),
    "put": lambda owner, task: owner.put(owner.path(task), {"title": "other"}),
    "patch": lambda owner, task: owner.patch(owner.path(task), {"tags": ["other"]}),
    "toggle": lambda owner, task: owner.patch(f"{owner.path(task)}/complete"),
    "delete": lambda owner, task: owner.delete(owner.path(task)),
    "restore": lambda owner, task: owner.post(f"{owner.tasks}/{trashed_of(owner)}/restore"),
    "mark all": lambda owner, task: owner.patch(f"{owner.tasks}?status=all", {"completed": True}),
    "clear": lambda owner, task: owner.delete(f"{owner.tasks}?status=all"),
    "a staff user's action": lambda owner, task: operations.change_selected("owner", STAFF, "complete", [task["id"]]),
    "a shell's update": lambda owner, task: Task.objects.filter(pk=task["id"]).update(priority="low"),
    "a shell's save": lambda owner, task: Task(user_id="owner", title="shell").save(),
    "a shell's delete": lambda owner, task: Task.objects.get(pk=task["id"]).delete(),
    "psql's update": lambda owner, task: sql("UPDATE tasks SET due_date = '2030-01-01' WHERE id = %s", task["id"]),
    "psql's insert": lambda owner, task: sql("INSERT INTO tasks (user_id, title) VALUES ('owner', 'x')"),
    "psql's delete": lambda owner, task: sql("DELETE FROM tasks WHERE id = %s", task["id"]),
    "purge": purge_trash,
}


def trashed_of(owner: Person) -> int:
    """The id of a task in the trash."""
    return int(owner.get(f"{owner.tasks}?status=deleted").json[0]["id"])


@pytest.mark.parametrize("door", WRITES)
def test_after_any_write_from_any_source_the_tag_is_another(owner: Person, stranger: Person, door: str) -> None:
    has_many_tasks(stranger, 3)
    owner.delete(owner.path(owner.has_task("gone")))
    task = owner.has_task("kept")
    tags = {query: tag_of(owner, query) for query in QUERIES}
    strangers = tag_of(stranger)

    WRITES[door](owner, task)

    for query, tag in tags.items():
        assert not is_unchanged(owner, tag, query), query
        assert tag_of(owner, query) != tag
    assert is_unchanged(stranger, strangers)


def test_a_write_that_changes_nothing_keeps_the_tag(owner: Person) -> None:
    task = owner.has_task("kept", completed=True)
    tags = {query: tag_of(owner, query) for query in QUERIES}

    owner.put(owner.path(task), {"title": "kept", "completed": True, "tags": []})
    owner.post(f"{owner.path(task)}/restore")
    owner.patch(f"{owner.tasks}?status=all", {"completed": True})
    owner.put(owner.path(task), {"title": ""})
    owner.put(owner.path(task), {"title": "x"}, if_match='"9"')
    owner.get(f"{owner.tasks}?status=deleted")
    Task.objects.all().update(title="kept")

    for query, tag in tags.items():
        assert is_unchanged(owner, tag, query), query


def test_a_tag_is_good_for_its_own_query_alone(owner: Person) -> None:
    has_many_tasks(owner, 30)
    cursor = cursor_of(owner.get(f"{owner.tasks}?limit=2&sort=title"))
    queries = [
        "",
        "status=pending",
        "status=completed",
        "status=deleted",
        "sort=title",
        "order=asc",
        "limit=2",
        "limit=3",
    ]
    queries += ["q=a", "q=A", "tag=home", "tag=home&tag=Home", "priority=high", "due_before=2026-12-02"]
    queries += ["due_after=2026-12-02", "limit=2&sort=title", f"limit=2&sort=title&cursor={cursor}"]
    lists = [(query, prefer) for query in queries for prefer in ("", "count=exact")]

    tags = [tag_of(owner, f"?{query}", prefer=prefer) for query, prefer in lists]

    assert len(set(tags)) == len(lists)
    for (query, prefer), own in zip(lists, tags, strict=True):
        others = ", ".join(tag for tag in tags if tag != own)
        assert not is_unchanged(owner, others, f"?{query}", prefer=prefer)
        assert is_unchanged(owner, f"{others}, {own}", f"?{query}", prefer=prefer)


def test_the_same_query_in_other_words_has_the_same_tag(owner: Person) -> None:
    has_many_tasks(owner, 9)

    tag = tag_of(owner)

    for words in ("?status=all&sort=created&order=desc&q=", "?unknown=1", "?sort=title&sort=created"):
        assert is_unchanged(owner, tag, words)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', '{} , "x"', ",{},", '"a,b", W/{}', "*", " * "])
def test_a_tag_counts_weak_or_in_a_list_and_any_counts(owner: Person, form: str) -> None:
    owner.has_task()

    assert is_unchanged(owner, form.format(tag_of(owner)))


@pytest.mark.parametrize("suffix", ["-gzip", "--gzip", ";gzip", "-br", "-deflate", "-zstd"])
@pytest.mark.parametrize("prefix", ["", "W/"])
def test_a_tag_that_a_compressing_proxy_has_changed_counts(owner: Person, prefix: str, suffix: str) -> None:
    owner.has_task()

    assert is_unchanged(owner, f'{prefix}"{tag_of(owner).strip(chr(34))}{suffix}"')


@pytest.mark.parametrize("form", ['"*"', '"*-{}"', '"{}"', '"-{}"', '"0-{}"', 'W/"x"', '"*-*"', '"None-{}"'])
def test_no_made_up_tag_is_that_of_a_list(owner: Person, form: str) -> None:
    owner.has_task()
    _, _, query = tag_of(owner).strip('"').rpartition("-")

    assert not is_unchanged(owner, form.format(query))


@pytest.mark.parametrize("tag", ["x", '"x', "", "W/x", '"x" "y"', 'w/"x"', '*, "x"', '"a"b"', "**"])
def test_what_is_not_an_entity_tag_is_400(owner: Person, tag: str) -> None:
    for query in ("", "?limit=2"):
        assert owner.get(owner.tasks + query, if_none_match=tag).error == (400, "PARSE_ERROR")


def test_the_query_is_looked_at_before_the_tag(owner: Person) -> None:
    assert owner.get(f"{owner.tasks}?limit=0", if_none_match="*").status == 422


def test_the_empty_list_of_a_new_user_has_a_tag_until_the_first_task(owner: Person) -> None:
    for query in QUERIES:
        tag = tag_of(owner, query)
        assert is_unchanged(owner, tag, query)
        assert is_unchanged(owner, "*", query)
    tag = tag_of(owner)

    owner.has_task()

    assert not is_unchanged(owner, tag)


def test_a_release_with_another_field_answers_no_304(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.has_task()
    tags = {query: tag_of(owner, query) for query in QUERIES}

    monkeypatch.setattr(headers, "FIELDS", (*FIELDS, "colour"))

    for query, tag in tags.items():
        assert not is_unchanged(owner, tag, query)
