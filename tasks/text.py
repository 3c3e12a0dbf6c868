"""What the text of a task may be, in Python and in PostgreSQL alike."""

from django.db.models import CharField, F, Func, Q, TextField, Value
from django.db.models.functions import Length

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 1000

# What str.strip() takes off. PostgreSQL's btrim() takes a list, and its own idea of white space is a locale's.
WHITE_SPACE = "".join(character for character in map(chr, range(0x3001)) if character.isspace())


def trimmed(text: str) -> str:
    """`text` without the white space around it."""
    return text.strip(WHITE_SPACE)


CharField.register_lookup(Length)  # `title__length`: in characters, as PostgreSQL's char_length() counts them.
TextField.register_lookup(Length)


IS_TITLE = Q(
    title=Func(F("title"), Value(WHITE_SPACE), function="btrim", output_field=TextField()),
    title__length__gte=1,
)
