"""The statuses and the orders that a list can have, for SQL, for querysets and for the indexes alike."""

from dataclasses import dataclass

from django.db.models import Case, DateField, F, Func, IntegerField, OrderBy, SmallIntegerField, Value, When

from tasks.lower_case import LowerCase

PENDING, COMPLETED, DELETED = range(3)
# What each status takes in. A page is read from one range of an index for each of them.
STATUSES = {"all": (PENDING, COMPLETED), "pending": (PENDING,), "completed": (COMPLETED,), "deleted": (DELETED,)}


def status_of(first: int) -> Case:
    """The status of a task as a number, of those that begin with `first`."""
    return Case(
        When(deleted_at__isnull=False, then=Value(first + DELETED)),
        When(completed=True, then=Value(first + COMPLETED)),
        default=Value(first + PENDING),
        output_field=SmallIntegerField(),
    )


class PriorityRank(Func):
    """How much a priority matters: none, low, medium, high."""

    template = "array_position(ARRAY['none', 'low', 'medium', 'high'], %(expressions)s)"
    output_field = IntegerField()


class DueDay(Func):
    """The due date, and later than any where there is none: NULL can be compared with no place in an index."""

    never = "'infinity'::date"
    template = f"coalesce(%(expressions)s, {never})"
    output_field = DateField()


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of tasks: by a key, and of the same key by id in the same direction.

    column, sql_type: what the key is made of, and its type. function: what makes it, where that is not the column.
    absent: SQL of the key of tasks that have none, which comes after all others; these tasks come last either way.
    first: the first of the numbers that the statuses have in the index of this order. They differ from index to index:
    else PostgreSQL takes any of them for a list that it thinks short, and reads and sorts the whole of a long one.
    order: the direction where the caller names none.
    """

    column: str
    sql_type: str
    order: str
    first: int
    function: type[Func] | None = None
    absent: str | None = None

    @property
    def expression(self) -> F | Func:
        """The key, for indexes."""
        return self.function(self.column) if self.function else F(self.column)

    def ordering(self, is_descending: bool) -> OrderBy:
        """The key, for querysets. Tasks without one come last either way."""
        if self.absent:
            return OrderBy(F(self.column), descending=is_descending, nulls_last=True)
        return OrderBy(self.expression, descending=is_descending)

    @property
    def status(self) -> str:
        """SQL of the status of a task, as the index has it; `statuses` are its numbers."""
        pending, completed, deleted = self.statuses("all") + self.statuses("deleted")
        return f"(CASE WHEN deleted_at IS NOT NULL THEN {deleted} WHEN completed THEN {completed} ELSE {pending} END)"

    def statuses(self, name: str) -> tuple[int, ...]:
        """The numbers of what the status `name` takes in."""
        return tuple(self.first + status for status in STATUSES[name])

    def key(self, operand: str) -> str:
        """SQL of the key of `operand`, a column or a parameter."""
        if self.function is None:
            return operand
        return self.function.template % {"function": self.function.function, "expressions": operand}


SORTS = {
    "created": Sort("created_at", "timestamptz", "desc", 10),
    "title": Sort("title", "text", "asc", 20, LowerCase),
    "updated": Sort("updated_at", "timestamptz", "desc", 30),
    "due_date": Sort("due_date", "date", "asc", 40, DueDay, absent=DueDay.never),
    "priority": Sort("priority", "text", "desc", 50, PriorityRank),
}
