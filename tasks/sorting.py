"""The statuses and sort orders of a list, for SQL, querysets and indexes alike."""

from dataclasses import dataclass

from django.db.models import Case, DateField, F, Field, Func, IntegerField, Q, SmallIntegerField, TextField, Value, When

from tasks.constraints import Priority

PENDING, COMPLETED, DELETED = range(3)
# What each value of the `status` parameter includes. A page reads one range of an index for each of them.
STATUSES = {"all": (PENDING, COMPLETED), "pending": (PENDING,), "completed": (COMPLETED,), "deleted": (DELETED,)}
# The first condition that holds decides the status of a task: in the ORM, and in SQL.
STATUS_RULES = (
    (DELETED, Q(deleted_at__isnull=False), "deleted_at IS NOT NULL"),
    (COMPLETED, Q(completed=True), "completed"),
)


def status_expression(offset: int = 0) -> Case:
    """Return the status of a task as a number; `offset` is added to each."""
    rules = [When(condition, then=Value(offset + status)) for status, condition, _ in STATUS_RULES]
    return Case(*rules, default=Value(offset + PENDING), output_field=SmallIntegerField())


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort order: by a key, then by id in the same direction.

    column, sql_type: the column and its PostgreSQL type.
    order: the direction if the caller names none.
    status_offset: makes the status numbers unique per index, so that the planner can use no index but this sort's. If
    it considers a list short it would otherwise take any of them, and then read and sort the whole of a long list.
    key_template, key_field: SQL of the key, if it is not the column itself, and the type of its result.
    missing: SQL of the key of tasks that have none. They come last in both directions.
    """

    column: str
    sql_type: str
    order: str
    status_offset: int
    key_template: str = "%(expressions)s"
    key_field: Field | None = None  # type: ignore[type-arg]  # of any type
    missing: str | None = None

    @property
    def expression(self) -> F | Func:
        """The key, for indexes."""
        if self.key_field is None:
            return F(self.column)
        return Func(F(self.column), template=self.key_template, output_field=self.key_field)

    def key(self, operand: str) -> str:
        """Return SQL of the key of `operand`, a column or a parameter."""
        return self.key_template % {"expressions": operand}

    @property
    def status(self) -> str:
        """SQL of the status of a task, exactly as it stands in this sort's index."""
        rules = " ".join(
            f"WHEN {condition} THEN {self.status_offset + status}" for status, _, condition in STATUS_RULES
        )
        return f"(CASE {rules} ELSE {self.status_offset + PENDING} END)"

    def statuses(self, name: str) -> tuple[int, ...]:
        """Return the status numbers that `name`, a key of STATUSES, includes."""
        return tuple(self.status_offset + status for status in STATUSES[name])


SORTS = {
    "created": Sort("created_at", "timestamptz", "desc", 10),
    # Compared by code point. The collation is part of the template, because Django drops that of an output field.
    "title": Sort("title", "text", "asc", 20, 'fold(%(expressions)s) COLLATE "C"', TextField()),
    "updated": Sort("updated_at", "timestamptz", "desc", 30),
    # NULL compares with no position in an index, so a task without a due date gets one after all others.
    "due_date": Sort(
        "due_date", "date", "asc", 40, "coalesce(%(expressions)s, 'infinity'::date)", DateField(), "'infinity'::date"
    ),
    "priority": Sort(
        "priority",
        "text",
        "desc",
        50,
        f"array_position(ARRAY[{', '.join(f"'{name}'" for name in Priority.values)}], %(expressions)s)",
        IntegerField(),
    ),
}
