"""A search and the title order find the same letter in either case and in either spelling; texts come back as sent."""

import unicodedata
from typing import Literal
from urllib.parse import urlencode

import pytest

from tests.support.people import Person


def found(person: Person, q: str) -> list[str]:
    """The titles that a search finds, A to Z."""
    answer = person.get(f"{person.tasks}?{urlencode({'q': q, 'sort': 'title'})}")
    assert answer.status == 200, answer.content
    return [task["title"] for task in answer.json]


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("Καλός δρόμος", ["ΚΑΛΌΣ ΔΡΌΜΟΣ", "καλόσ", "ΔΡΌΜΟΣ", "ς δ", "\u03c3 δ"]),
        ("ΟΔΟΣ", ["οδος", "οδοσ"]),
        ("Große Straße", ["GROSSE STRASSE", "GROẞE STRAẞE", "große straße", "grosse", "ß", "ss", "ẞ"]),
        ("STRAẞE", ["straße", "STRASSE", "strasse"]),
        ("Strasse", ["straße", "STRAẞE"]),
        ("İstanbul", ["istanbul", "İSTANBUL", "ISTANBUL", "i\u0307stanbul", "\u0131stanbul"]),
        ("IĞDIR ili", ["\u0131ğd\u0131r ili", "iğdir", "IĞDIR İLİ"]),
        ("Crème brûlée", ["CRÈME BRÛLÉE", "crème"]),
        ("Ärger", ["ä", "Ä", "ärger"]),
        ("Tiếng Việt", ["TIẾNG VIỆT", "tiếng việt"]),
        ("Юрий Ёлкин", ["юрий ёлкин", "ЮРИЙ ЁЛКИН"]),
        ("한국어", ["한국어"]),
        ("がぎぐ", ["がぎぐ"]),
        ("10 \u212b, 5 \u2126", ["10 å", "5 ω", "5 Ω"]),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_search_finds_either_case_and_either_spelling(
    owner: Person, title: str, asked: list[str], form: Literal["NFC", "NFD"]
) -> None:
    written = unicodedata.normalize(form, title)
    owner.has_task(written)

    for q in asked:
        for spelling in (q, unicodedata.normalize("NFC", q), unicodedata.normalize("NFD", q)):
            assert found(owner, spelling) == [written], ascii(spelling)


@pytest.mark.parametrize(
    ("title", "asked"),
    [("Ärger", ["arger", "aerger"]), ("Café", ["cafe", "CAFE"]), ("masse", ["maße x"]), ("ё", ["\u0435"])],
)
def test_a_search_does_not_find_other_letters(owner: Person, title: str, asked: list[str]) -> None:
    owner.has_task(title)

    assert [found(owner, q) for q in asked] == [[] for _ in asked]


@pytest.mark.parametrize("text", ["STRAẞE ΟΔΟΣ ς", "e\u0301", "\u00e9", "İ\u0131", "\u212b", "\u2126"], ids=ascii)
def test_texts_come_back_in_the_spelling_in_which_they_were_sent(owner: Person, text: str) -> None:
    task = owner.has_task(text, description=text, tags=[text])

    (listed,) = owner.get(f"{owner.tasks}?{urlencode({'q': text, 'tag': text})}").json

    assert listed == task
    assert (listed["title"], listed["description"], listed["tags"]) == (text, text, [text])


@pytest.mark.parametrize(
    "in_order",
    [
        ["οδος", "ΟΔΟΣ", "οδοσ", "οδοσα"],
        ["straße", "STRAẞE", "straßen"],
        ["\u00e9a", "e\u0301b", "\u00c9c", "E\u0301d"],
        ["Strasse", "strasz", "Straße"],  # a letter of its own, as in the order by code points of lower case
        ["I", "i", "iz", "İ", "\u0131"],  # Turkish: letters of their own, after i
    ],
    ids=ascii,
)
def test_the_title_order_makes_no_difference_of_case_and_spelling(owner: Person, in_order: list[str]) -> None:
    for title in in_order:
        owner.has_task(title)

    whole = [task["title"] for task in owner.get(f"{owner.tasks}?sort=title").json]
    page = [task["title"] for task in owner.get(f"{owner.tasks}?sort=title&limit=200").json]

    assert whole == page == in_order
