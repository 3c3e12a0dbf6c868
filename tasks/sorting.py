"""The statuses and sort orders of a list, in SQL."""

from dataclasses import dataclass

from tasks.constraints import Priority

# What each value of the `status` parameter includes.
STATUSES = {
    "all": "deleted_at IS NULL",
    "pending": "deleted_at IS NULL AND NOT completed",
    "completed": "deleted_at IS NULL AND completed",
    "deleted": "deleted_at IS NOT NULL",
}
# The statuses whose tasks an index has in the orders `created` and `title`, and the ranges of it that they are.
INDEXED = {"all": ("pending", "completed"), "pending": ("pending",), "completed": ("completed",)}


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort order: by a key, then by id in the same direction.

    column, sql_type: the column and its PostgreSQL type.
    order: the direction if the caller names none.
    is_indexed: the tasks of INDEXED can be read in this order; for any other, PostgreSQL sorts.
    key_template: SQL of the key, if it is not the column itself.
    missing: SQL of the key of tasks that have none. They come last in both directions.
    """

    column: str
    sql_type: str
    order: str
    is_indexed: bool = False
    key_template: str = "{}"
    missing: str | None = None

    def key(self, operand: str) -> str:
        """Return SQL of the key of `operand`, a column or a parameter."""
        return self.key_template.format(operand)


SORTS = {
    "created": Sort("created_at", "timestamptz", "desc", is_indexed=True),
    # Compared by code point.
    "title": Sort("title", "text", "asc", is_indexed=True, key_template='fold({}) COLLATE "C"'),
    "updated": Sort("updated_at", "timestamptz", "desc"),
    # NULL compares with nothing, so a task without a due date gets one after all others.
    "due_date": Sort(
        "due_date", "date", "asc", key_template="coalesce({}, 'infinity'::date)", missing="'infinity'::date"
    ),
    "priority": Sort(
        "priority",
        "text",
        "desc",
        key_template=f"array_position(ARRAY[{', '.join(f"'{name}'" for name in Priority.values)}], {{}})",
    ),
}
