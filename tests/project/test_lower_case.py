"""`lower_case` in the database is the same on every machine, and equals Python's for Unicode 3.2."""

import sys
import unicodedata

from tests.support.schema import (
    rows,
)


def test_lower_case_equals_pythons_for_every_letter_of_unicode_3_2(db: None) -> None:
    letters = [
        character
        for character in map(chr, range(1, sys.maxunicode + 1))
        if unicodedata.ucd_3_2_0.category(character) in {"Lu", "Lt", "Ll", "Lo", "Lm"}
    ]
    # Letters that became capital ones after 3.2, as Cherokee's did, stay as they are; so does the one letter whose
    # lower case is two characters, the dotted capital I of Turkish.
    capital = {"Lu", "Lt"}
    expected = [
        character.lower()
        if unicodedata.ucd_3_2_0.category(character) in capital and len(character.lower()) == 1
        else character
        for character in letters
    ]

    lowered = rows(
        "SELECT lower_case(letter) FROM unnest(%s::text[]) WITH ORDINALITY AS t(letter, n) ORDER BY n", [letters]
    )

    assert len(letters) > 80_000
    assert [value for (value,) in lowered] == expected


def test_lower_case_works_in_words_and_in_ascii(db: None) -> None:
    words = ["BUY MILK", "ÉCOLE", "ΟΔΟΣ", "Straße", "İstanbul", "ÄÖÜ 123 🛒", "", None]

    lowered = rows("SELECT lower_case(word) FROM unnest(%s::text[]) WITH ORDINALITY AS t(word, n) ORDER BY n", [words])

    assert [value for (value,) in lowered] == [
        "buy milk",
        "école",
        "οδοσ",
        "straße",
        "İstanbul",
        "äöü 123 🛒",
        "",
        None,
    ]


def test_lower_case_does_not_depend_on_a_locale(db: None) -> None:
    ((definition,),) = rows("SELECT pg_get_functiondef('lower_case(text)'::regprocedure)")

    calls = definition.replace("lower_case(", "").split("lower(")[1:]

    assert len(calls) == 2
    assert all('COLLATE "C"' in call.partition(")")[0] + ")" for call in calls)
    for (collation,) in rows("SELECT collname FROM pg_collation WHERE collname IN ('tr-x-icu', 'tr_TR', 'und-x-icu')"):
        assert rows(f"SELECT lower_case('TITLE I' COLLATE \"{collation}\")") == [("title i",)]
