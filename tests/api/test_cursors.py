"""A cursor tells nothing to whoever reads it, and opens the list that it was given for and no other."""

import base64
import string
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from pytest_django.fixtures import Settings

from tasks.models import Task
from tasks.opaque_tokens import encrypt
from tests.support.paging import cursor_of, has_many_tasks, walk
from tests.support.people import Answer, Person

LETTERS = string.ascii_letters + string.digits + "-_"
ASKED = {"status": "all", "sort": "title", "order": "asc", "limit": "2"}
FILTERS = {"q": "a", "priority": "high", "due_before": "2026-12-31", "due_after": "2026-01-01", "tag": "home"}


def first_cursor(person: Person, asked: dict[str, str]) -> str:
    """The cursor of the second page."""
    return cursor_of(person.get(f"{person.tasks}?{urlencode(asked)}"))


def begun_at(person: Person, cursor: str, asked: dict[str, str]) -> Answer:
    """What is answered where the list is asked for from `cursor` on."""
    return person.get(f"{person.tasks}?{urlencode(asked)}&cursor={quote(cursor, safe='')}")


def is_refused(answer: Answer) -> bool:
    """Whether the cursor, and nothing else, was refused."""
    return answer.error == (422, "VALIDATION_ERROR") and set(answer.json["errors"]) == {"cursor"}


def test_nobody_reads_a_task_in_a_cursor(owner: Person) -> None:
    for _ in range(2):
        owner.has_task("Buy milk", due_date="2026-11-24", priority="medium")

    for sort in ("title", "created", "due_date", "priority"):
        cursor = first_cursor(owner, {"sort": sort, "q": "Buy", "limit": "1"})
        assert set(cursor) <= set(LETTERS)
        decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        for said in ("milk", "2026", "medium", "owner", "title", "list", "null"):
            assert said not in cursor
            assert said.encode() not in decoded


@pytest.mark.parametrize(
    "change",
    [
        *({"status": status} for status in ("pending", "completed", "deleted")),
        *({"sort": sort} for sort in ("created", "updated", "due_date", "priority")),
        {"order": "desc"},
        *({name: value} for name, value in FILTERS.items()),
    ],
    ids=str,
)
def test_a_cursor_of_another_list_is_422(owner: Person, change: dict[str, str]) -> None:
    has_many_tasks(owner, 24)
    Task.objects.update(title="a", priority="high", due_date="2026-11-20", tags=["home"])

    assert is_refused(begun_at(owner, first_cursor(owner, ASKED), ASKED | change)), "without the change, with it"
    Task.objects.update(deleted_at="2026-11-20T12:00:00Z" if change == {"status": "deleted"} else None)
    Task.objects.update(completed=change == {"status": "completed"})
    assert is_refused(begun_at(owner, first_cursor(owner, ASKED | change), ASKED)), "with the change, without it"


def test_a_cursor_of_other_values_of_a_filter_is_422(owner: Person) -> None:
    has_many_tasks(owner, 24)
    Task.objects.update(title="ab", tags=["home", "garden"], priority="low")
    others = [("q", "a", "b"), ("q", "a", "A"), ("tag", "home", "garden"), ("due_after", "2020-01-01", "2020-01-02")]
    Task.objects.update(due_date="2026-11-20")

    for name, one, other in others:
        cursor = first_cursor(owner, ASKED | {name: one})
        assert begun_at(owner, cursor, ASKED | {name: one}).status == 200
        assert is_refused(begun_at(owner, cursor, ASKED | {name: other})), name


def test_a_cursor_of_somebody_else_is_422(owner: Person, stranger: Person) -> None:
    has_many_tasks(owner, 12)
    has_many_tasks(stranger, 12)

    assert is_refused(begun_at(stranger, first_cursor(owner, ASKED), ASKED))


def test_the_same_list_in_other_words_takes_the_cursor(owner: Person) -> None:
    has_many_tasks(owner, 40)
    asked = "tag=a,b&tag=home"
    whole = owner.get(f"{owner.tasks}?{asked}").json
    cursor = cursor_of(owner.get(f"{owner.tasks}?{asked}&limit=2"))

    for words in (
        asked,
        "tag=home&tag=a,b&tag=%20home",
        f"{asked}&sort=created&order=desc&status=all&q=",
        f"{asked}&sort=x&sort=created&unknown=1",
    ):
        answer = owner.get(f"{owner.tasks}?{words}&limit=3&cursor={cursor}")
        assert answer.json == whole[2:5], words


def test_a_cursor_that_was_tampered_with_at_any_letter_is_422(owner: Person) -> None:
    has_many_tasks(owner, 12)
    cursor = first_cursor(owner, ASKED)

    for place, letter in enumerate(cursor):
        following = LETTERS[(LETTERS.index(letter) + 1) % 64]
        for other in (following, "=", "\0"):
            assert is_refused(begun_at(owner, cursor[:place] + other + cursor[place + 1 :], ASKED)), (place, other)
        assert is_refused(begun_at(owner, cursor[:place], ASKED)), place
    for more in ("A", "AAAA", "=", "==", "====", " ", "\n", ".", "\0", cursor):
        assert is_refused(begun_at(owner, cursor + more, ASKED)), ascii(more)
        assert is_refused(begun_at(owner, more + cursor, ASKED)), ascii(more)


def test_the_same_bytes_in_other_letters_are_422(owner: Person) -> None:
    for length in (1, 2, 3):
        Task.objects.all().delete()
        owner.has_task("x" * length)
        owner.has_task("y")
        cursor = first_cursor(owner, ASKED | {"limit": "1"})
        padding = "=" * (-len(cursor) % 4)

        # The last letter has bits to spare where the bytes do not fill it, and base64 has two alphabets.
        others = {cursor[:-1] + letter for letter in LETTERS} | {cursor + padding, cursor + "="}
        others |= {cursor.replace("-", "+"), cursor.replace("_", "/"), f" {cursor}", f"{cursor[:9]}\n{cursor[9:]}"}

        for other in others - {cursor}:
            assert is_refused(begun_at(owner, other, ASKED)), (cursor, other)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "null",
        "0",
        "1",
        "W10",
        "AAAA" * 30,
        "\0",
        "é",
        "\U0001f600",
        "\ufffd",
        "a" * 60_000,
        "%",
        "../..",
        "' OR 1=1",
    ],
    ids=lambda cursor: ascii(cursor[:10]),
)
def test_what_never_was_a_cursor_is_422(owner: Person, cursor: str) -> None:
    assert is_refused(begun_at(owner, cursor, {"limit": "2"}))


@pytest.mark.parametrize("content", [["a", 1], 5, [], "x", None])
def test_what_was_sealed_for_another_purpose_is_422(owner: Person, content: Any) -> None:
    for purpose in (("changes", "owner"), ("list", "owner"), ()):
        assert is_refused(begun_at(owner, encrypt(content, *purpose), {"limit": "2"}))


def test_a_cursor_without_a_limit_is_422(owner: Person) -> None:
    has_many_tasks(owner, 12)
    cursor = first_cursor(owner, ASKED)

    for some in (cursor, "x"):
        assert is_refused(begun_at(owner, some, {name: value for name, value in ASKED.items() if name != "limit"}))


def test_a_cursor_from_before_the_secret_key_changed_is_422(owner: Person, settings: Settings) -> None:
    has_many_tasks(owner, 12)
    cursor = first_cursor(owner, ASKED)

    settings.SECRET_KEY = "another-key-of-the-tests-that-is-as-long-as-django-wants-it"

    assert is_refused(begun_at(owner, cursor, ASKED))
    assert walk(owner, f"?{urlencode(ASKED)}") == owner.get(f"{owner.tasks}?sort=title").json
