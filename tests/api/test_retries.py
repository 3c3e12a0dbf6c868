"""A create that is sent again with its Idempotency-Key makes one task, and gets the first answer."""

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from tasks.models import Task
from tests.support.people import Answer, Person


def keyed(person: Person, key: str, body: object = None, raw: bytes | None = None) -> Answer:
    return person.send("POST", person.tasks, body or {"title": "Buy milk"}, raw=raw, idempotency_key=key)


def test_the_same_create_again_is_the_first_answer_again(owner: Person) -> None:
    first = keyed(owner, "k1")
    owner.put(first.headers["Location"], {"title": "Changed since"})

    again = keyed(owner, "k1")

    assert first.status == again.status == 201
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert Task.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(owner: Person) -> None:
    keyed(owner, "k1")

    answer = keyed(owner, "k1", {"title": "Buy bread"})

    assert answer.error == (422, "IDEMPOTENCY_KEY_REUSED")
    assert "errors" not in answer.json
    assert Task.objects.count() == 1


def test_the_same_body_means_the_same_bytes(owner: Person) -> None:
    keyed(owner, "k1", raw=b'{"title":"x"}')

    assert keyed(owner, "k1", raw=b'{"title": "x"}').error == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_key_is_the_user_s_own(owner: Person, stranger: Person) -> None:
    assert keyed(owner, "k1").json["user_id"] == "owner"
    assert keyed(stranger, "k1").json["user_id"] == "stranger"


def test_quotes_make_no_other_key(owner: Person) -> None:
    first = keyed(owner, '"k1"')

    assert keyed(owner, "k1").content == first.content


@pytest.mark.parametrize("key", ["", '""', " ", "é", "x" * 256, "a\tb", "\x7f", '"a', '"a"b"'])
def test_a_malformed_key_is_400(owner: Person, key: str) -> None:
    assert keyed(owner, key).error == (400, "PARSE_ERROR")
    assert not Task.objects.exists()


@pytest.mark.parametrize("key", ["x", "x" * 255, '"' + "x" * 255 + '"', "a b", "{}!~", "0"])
def test_a_key_of_printable_ascii_is_taken(owner: Person, key: str) -> None:
    assert keyed(owner, key).status == 201
    assert keyed(owner, key).headers["Idempotency-Replayed"] == "true"


def test_a_refusal_is_not_remembered(owner: Person) -> None:
    assert keyed(owner, "k1", {"title": ""}).status == 422

    assert keyed(owner, "k1").status == 201


def test_a_replay_is_not_a_conflict_with_the_limit(owner: Person, settings: Settings) -> None:
    settings.TASKS_PER_USER_LIMIT = 1
    first = keyed(owner, "k1")

    assert keyed(owner, "k2").error == (409, "TASK_LIMIT_REACHED")
    assert keyed(owner, "k1").content == first.content


def test_a_replay_takes_one_statement_too(owner: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    keyed(owner, "k1")

    with django_assert_num_queries(1):
        keyed(owner, "k1")
