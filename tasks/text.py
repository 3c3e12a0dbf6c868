"""What the text and the tags of a task may be, in Python and in PostgreSQL alike."""

from collections.abc import Iterable

from django.db.models import BooleanField, CharField, F, Func, Q, TextField, Value
from django.db.models.functions import Length

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 1000
TAG_LENGTH = 50
MOST_TAGS = 20

# What str.strip() takes off. PostgreSQL's btrim() takes a list, and its own idea of white space is a locale's.
WHITE_SPACE = "".join(character for character in map(chr, range(0x3001)) if character.isspace())


def trimmed(text: str) -> str:
    """`text` without the white space around it."""
    return text.strip(WHITE_SPACE)


def distinct_tags(tags: Iterable[str]) -> list[str]:
    """`tags` trimmed, each once and in its first place; case makes two."""
    return list(dict.fromkeys(map(trimmed, tags)))


CharField.register_lookup(Length)  # `title__length`: in characters, as PostgreSQL's char_length() counts them.
TextField.register_lookup(Length)


IS_TITLE = Q(
    title=Func(F("title"), Value(WHITE_SPACE), function="btrim", output_field=TextField()),
    title__length__gte=1,
)


class AreTags(Func):
    """Whether an array is what `tags` may be. Migration 0007 makes the SQL function from `ARE_TAGS`."""

    function = "are_tags"
    output_field = BooleanField()


# No tags at all, as most tasks have, take the short way.
ARE_TAGS = f"""
CREATE FUNCTION are_tags(tags text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tags = '{{}}' OR (
    array_ndims(tags) = 1 AND cardinality(tags) <= {MOST_TAGS}
    AND (
        SELECT count(*) = count(DISTINCT tag) AND bool_and(
            char_length(tag) BETWEEN 1 AND {TAG_LENGTH} AND tag = btrim(tag, '{WHITE_SPACE}')
        ) FROM unnest(tags) AS tag
    )
)
"""
