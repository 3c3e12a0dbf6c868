"""`fold` in the database is the same on every machine: Unicode's simple case folding of canonically equivalent text."""

import sys
import unicodedata

import pytest

from tests.support.schema import rows

ASSIGNED = [
    character
    for character in map(chr, range(1, sys.maxunicode + 1))
    if unicodedata.category(character) not in {"Cn", "Co", "Cs"}
]


def simply_folded(character: str) -> str:
    """Return the simple case folding of a character, which is one character; Python's casefold() is the full one."""
    folded = "ß" if character == "ẞ" else character.casefold()
    return folded if len(folded) == 1 and character != "\u0345" else character  # U+0345 is the iota below a letter.


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(map(simply_folded, unicodedata.normalize("NFD", text))))


def in_database(texts: list[str]) -> list[str]:
    """Return `fold` of each text."""
    found = rows("SELECT fold(item) FROM unnest(%s::text[]) WITH ORDINALITY AS t(item, n) ORDER BY n", [texts])
    return [value for (value,) in found]


def test_fold_is_unicodes_simple_case_folding_of_every_character(db: None) -> None:
    # Python's Unicode may be newer than the table.
    texts = [character for character in ASSIGNED if unicodedata.ucd_3_2_0.category(character) != "Cn"]

    assert len(texts) > 80_000
    assert in_database(texts) == [folded(text) for text in texts]


def test_fold_makes_the_two_cases_of_a_letter_equal(db: None) -> None:
    letters = [letter for letter in ASSIGNED if unicodedata.category(letter) == "Lu" and len(letter.lower()) == 1]
    letters = [letter for letter in letters if unicodedata.unidata_version <= "15.1.0" or ord(letter) < 0x1C89]

    assert len(letters) > 1700
    assert in_database(letters) == in_database([letter.lower() for letter in letters])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BUY MILK", "buy milk"),
        ("Buy milk 🛒", "buy milk 🛒"),
        ("ÉCOLE", "école"),
        ("E\u0301COLE", "école"),
        ("ΟΔΟΣ", "οδοσ"),
        ("οδος", "οδοσ"),
        ("Straße", "straße"),
        ("STRAẞE", "straße"),
        ("İI \u0131i", "i\u0307i \u0131i"),
        ("ЙОД Жар", "йод жар"),
        ("\u13a0 \uab70", "\u13a0 \u13a0"),
        ("\uac00 \u1100\u1161", "\uac00 \uac00"),
        ("", ""),
    ],
)
def test_fold_works_in_words(db: None, text: str, expected: str) -> None:
    assert in_database([text]) == [expected]


def test_fold_of_nothing_is_nothing(db: None) -> None:
    assert rows("SELECT fold(NULL)") == [(None,)]


def test_fold_does_not_depend_on_a_locale(db: None) -> None:
    ((definition,),) = rows("SELECT pg_get_functiondef('fold(text)'::regprocedure)")

    calls = definition.split("lower(")[1:]

    assert len(calls) == 4
    assert all('COLLATE "C"' in call.partition(", '")[0] for call in calls)
    assert definition.count(' COLLATE "C") !~ ') == 2
    for (collation,) in rows("SELECT collname FROM pg_collation WHERE collname IN ('tr-x-icu', 'tr_TR', 'und-x-icu')"):
        assert rows(f"SELECT fold('TITLE I É' COLLATE \"{collation}\")") == [("title i é",)]
