"""What the changes feed takes for `since` and `limit`, and what it refuses."""

import re
from urllib.parse import urlencode

import pytest

from tasks.opaque_tokens import encrypt
from tests.support.copies import Copy
from tests.support.people import Person


def test_a_revision_is_opaque_and_fits_into_an_url_as_it_is(owner: Person, copy: Copy) -> None:
    owner.has_task("Secret")

    revision = copy.ask().json["revision"]

    assert re.fullmatch(r"[A-Za-z0-9_-]+", revision)
    assert len(revision) < 250


def refusals(revision: str) -> dict[str, str]:
    """What is not a revision of the owner's."""
    middle = len(revision) // 2
    return {
        "empty": "",
        "a space": " ",
        "a word": "x",
        "a number": "7",
        "NUL": "\0",
        "another alphabet": "ревизия",
        "not base64": revision[:-1] + "!",
        "too short": revision[:20],
        "without its end": revision[:-1],
        "longer": revision + "A",
        "padded": revision + "=",
        "twice": revision * 2,
        "very long": "A" * 100_000,
        "with a space": f"{revision} ",
        "changed at its end": revision[:-1] + ("A" if revision[-1] != "A" else "B"),
        "changed in the middle": revision[:middle] + ("A" if revision[middle] != "A" else "B") + revision[middle + 1 :],
        "of a cursor": encrypt(["x", 1], "list", "owner"),
        "of another person": encrypt([None, 0, 0, 0], "changes", "stranger"),
    }


@pytest.mark.parametrize("kind", refusals("x" * 40))
def test_a_since_that_was_never_given_to_this_user_is_422(owner: Person, copy: Copy, kind: str) -> None:
    owner.has_task()
    copy.follow()
    since = refusals(copy.revision or "")[kind]

    answer = owner.get(f"{owner.tasks}/changes?{urlencode({'since': since})}")

    assert answer.error == (422, "VALIDATION_ERROR")
    assert list(answer.json["errors"]) == ["since"]


def test_no_single_letter_of_a_revision_can_be_changed(owner: Person, copy: Copy) -> None:
    owner.has_task()
    revision = copy.follow().revision or ""

    for place, letter in enumerate(revision):
        for other in {"A", "b", "0", "-", "+", chr(ord(letter) ^ 1)} - {letter}:
            query = urlencode({"since": revision[:place] + other + revision[place + 1 :]})
            assert owner.get(f"{owner.tasks}/changes?{query}").status == 422


def test_the_revision_of_one_user_is_422_for_another(owner: Person, stranger: Person, copy: Copy) -> None:
    owner.has_task()
    theirs = Copy(stranger)
    theirs.revision = copy.follow().revision

    assert theirs.ask().error == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("limit", ["", "0", "201", "-1", "1.5", "x", "+5", " 5", "\u0665", "1e1", "9" * 5000, "0x10"])
def test_a_limit_that_is_not_a_number_from_1_to_200_is_422(owner: Person, limit: str) -> None:
    answer = owner.get(f"{owner.tasks}/changes?{urlencode({'limit': limit})}")

    assert answer.error == (422, "VALIDATION_ERROR")
    assert list(answer.json["errors"]) == ["limit"]


def test_of_a_repeated_parameter_the_last_counts_and_unknown_ones_are_ignored(owner: Person, copy: Copy) -> None:
    owner.has_task("1")
    copy.follow()
    owner.has_task("2")
    owner.has_task("3")

    answer = owner.get(f"{owner.tasks}/changes?since=x&limit=x&status=&page=2&since={copy.revision}&limit=1")

    assert [change["task"]["title"] for change in answer.json["changes"]] == ["2"]


def test_a_query_is_looked_at_after_the_path(owner: Person, stranger: Person, nobody: Person) -> None:
    for query in ("?since=", "?limit=0", "?" + "a=1&" * 2000):
        assert nobody.get(f"{owner.tasks}/changes{query}").error == (401, "NOT_AUTHENTICATED")
        assert stranger.get(f"{owner.tasks}/changes{query}").error == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_feed_is_read_and_not_written(owner: Person, method: str) -> None:
    answer = owner.send(method, f"{owner.tasks}/changes", {"title": "x"})

    assert answer.error == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
