"""What a field of a task may hold: limits, trimming and the database's check constraints."""

import re
from collections.abc import Iterable

from django.db.models import BaseConstraint, BooleanField, CheckConstraint, F, Func, Q, TextChoices, TextField, Value
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 1000
TAG_LENGTH = 50
MAX_TAGS = 20

# What str.strip() removes. PostgreSQL's btrim() takes a list of characters; its own white space depends on the locale.
WHITE_SPACE = "".join(character for character in map(chr, range(0x3001)) if character.isspace())


class Priority(TextChoices):
    """In ascending order: the order of `sort=priority`."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


# White space, Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), and the braille pattern without dots.
INVISIBLE_CHARACTERS = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
INVISIBLE = re.compile(rf"[{INVISIBLE_CHARACTERS}\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*")


def is_blank(text: str) -> bool:
    """Return whether nothing of `text` can be seen. JavaScript's trim() also removes U+FEFF, for example."""
    return INVISIBLE.fullmatch(text) is not None


def trim(text: str) -> str:
    """Remove surrounding white space, by the same list of characters as the database's constraints."""
    return text.strip(WHITE_SPACE)


def distinct_tags(tags: Iterable[str]) -> list[str]:
    """Trim `tags` and keep the first of equal ones; tags that differ in case are different."""
    return list(dict.fromkeys(map(trim, tags)))


# Plain Func expressions, so that migrations can spell them out without importing this module. The SQL function
# are_tags() is in tasks/migrations/sql/0001_functions.sql.
TASK_CONSTRAINTS: list[BaseConstraint] = [
    CheckConstraint(
        condition=Q(title=Func(F("title"), Value(WHITE_SPACE), function="btrim", output_field=TextField()))
        & ~Q(title=""),
        name="task_title_is_trimmed",
        violation_error_message="A title must not be empty or have white space around it.",
    ),
    CheckConstraint(
        condition=Q(LessThanOrEqual(Length("description"), DESCRIPTION_LENGTH)),
        name="task_description_length",
        violation_error_message=f"A description has at most {DESCRIPTION_LENGTH} characters.",
    ),
    CheckConstraint(condition=Q(priority__in=Priority.values), name="task_priority_is_known"),
    CheckConstraint(
        condition=Q(Func(F("tags"), function="are_tags", output_field=BooleanField())),
        name="task_tags_are_distinct",
        violation_error_message=f"At most {MAX_TAGS} distinct, trimmed tags of 1 to {TAG_LENGTH} characters.",
    ),
]
