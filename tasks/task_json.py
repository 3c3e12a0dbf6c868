"""A task as its JSON, written by PostgreSQL: no model instance, no serializer and no encoder a row.

The members stand here in the contract's order. The database writes each moment with its six digits and escapes
text as RFC 8259 asks.
"""

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


def member(row: str, name: str) -> str:
    """SQL of one member of the row called `row`."""
    if name in MOMENTS:
        return f"""to_char({row}.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {name}"""
    return f"{row}.{name}"


def json_of(row: str) -> str:
    """SQL of the JSON text of the row called `row`."""
    return f"(SELECT row_to_json(member)::text FROM (SELECT {', '.join(member(row, name) for name in MEMBERS)}) member)"
