"""A task as its JSON, written by PostgreSQL: no model instance, no serializer and no encoder a row.

The members stand here in the contract's order. The database writes each moment with its six digits and escapes
text as RFC 8259 asks.
"""

from collections.abc import Iterable

MOMENTS = frozenset({"created_at", "updated_at", "completed_at", "deleted_at"})
MEMBERS = (
    "id",
    "user_id",
    "title",
    "description",
    "completed",
    "created_at",
    "updated_at",
    "completed_at",
    "due_date",
    "priority",
    "tags",
    "deleted_at",
    "version",
)


def moment(expression: str) -> str:
    """SQL of a moment as the contract has it: in UTC, with all its digits."""
    return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def member(row: str, name: str) -> str:
    """SQL of one member of the row called `row`."""
    return f"{moment(f'{row}.{name}')} AS {name}" if name in MOMENTS else f"{row}.{name}"


def json_object(members: Iterable[str]) -> str:
    """SQL of the JSON text of an object, from the SQL of its members, each with its name."""
    return f"(SELECT row_to_json(member)::text FROM (SELECT {', '.join(members)}) member)"


def json_of(row: str) -> str:
    """SQL of the JSON text of the row called `row`."""
    return json_object(member(row, name) for name in MEMBERS)
