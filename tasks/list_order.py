"""The statuses and the orders that a list can have, for SQL, for querysets and for the indexes alike."""

from dataclasses import dataclass

from django.db.models import Case, F, Func, IntegerField, SmallIntegerField, Value, When

from tasks.lower_case import LowerCase

PENDING, COMPLETED, DELETED = range(3)
# What each status takes in. A page is read from one range of an index for each of them.
STATUSES = {"all": (PENDING, COMPLETED), "pending": (PENDING,), "completed": (COMPLETED,), "deleted": (DELETED,)}

# The same twice: PostgreSQL uses an index on an expression for a query that has the same expression.
STATUS = f"(CASE WHEN deleted_at IS NOT NULL THEN {DELETED} WHEN completed THEN {COMPLETED} ELSE {PENDING} END)"
STATUS_EXPRESSION = Case(
    When(deleted_at__isnull=False, then=Value(DELETED)),
    When(completed=True, then=Value(COMPLETED)),
    default=Value(PENDING),
    output_field=SmallIntegerField(),
)


class PriorityRank(Func):
    """How much a priority matters: none, low, medium, high."""

    template = "array_position(ARRAY['none', 'low', 'medium', 'high'], %(expressions)s)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of tasks: by a key, and of the same key by id in the same direction.

    column, sql_type: what the key is made of, and its type. function: what makes it, where that is not the column.
    is_nullable: whether tasks without it come last.
    order: the direction where the caller names none.
    """

    column: str
    sql_type: str
    order: str
    function: type[Func] | None = None
    is_nullable: bool = False

    @property
    def expression(self) -> F | Func:
        """The key, for querysets and indexes."""
        return self.function(self.column) if self.function else F(self.column)

    def key(self, operand: str) -> str:
        """SQL of the key of `operand`, a column or a parameter."""
        if self.function is None:
            return operand
        return self.function.template % {"function": self.function.function, "expressions": operand}


SORTS = {
    "created": Sort("created_at", "timestamptz", "desc"),
    "title": Sort("title", "text", "asc", LowerCase),
    "updated": Sort("updated_at", "timestamptz", "desc"),
    "due_date": Sort("due_date", "date", "asc", is_nullable=True),
    "priority": Sort("priority", "text", "desc", PriorityRank),
}
