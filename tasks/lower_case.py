"""Lower case that is the same on every machine, for sorting without regard to case.

Migration 0001 makes the SQL function from here: a change of its text wants a migration of its own.
"""

import sys
import unicodedata

from django.db.models import Func, TextField


class LowerCase(Func):
    """`text` in lower case by Unicode's simple mappings, compared by code point: the same on every machine.

    PostgreSQL's own lower() and its comparisons ask the locale of the server. The collation stands in the template,
    because that of an output field never comes into the SQL of an expression.
    """

    function = "lower_case"
    template = '%(function)s(%(expressions)s) COLLATE "C"'
    output_field = TextField()


def lower_case_function() -> str:
    """SQL that makes the function `lower_case(text)`.

    The pairs are the capital letters of Unicode 3.2 (Python keeps that table for RFC 3454), so the function
    does not depend on the Python that runs the migration. Text of ASCII alone takes the short way.
    """
    capitals = [
        character
        for character in map(chr, range(0x80, sys.maxunicode + 1))
        if unicodedata.ucd_3_2_0.category(character) in {"Lu", "Lt"} and len(character.lower()) == 1
    ]
    upper = "".join(character for character in capitals if character.lower() != character)
    lower = "".join(character.lower() for character in upper)  # One by one: a Σ at the end of a word becomes ς.
    return f"""
CREATE FUNCTION lower_case(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length(value) = char_length(value) THEN lower(value COLLATE "C")
    ELSE translate(lower(value COLLATE "C"), '{upper}', '{lower}')
END
"""
