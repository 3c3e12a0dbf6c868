"""Proves, on PostgreSQL's own parse tree, that a statement reads and writes the rows of exactly one owner.

A table that belongs to users must be restricted by an equality of its owner column: with the one parameter that names
the owner, or with the owner column of something that is restricted already.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pglast import ast, enums, parse_sql

# The tables of users, and the column that says whose a row is.
OWNER_COLUMNS = {
    "user": "id",
    "tasks": "user_id",
    "task_lists": "user_id",
    "task_changes": "user_id",
    "task_idempotency_keys": "user_id",
}
NO_KEY = (enums.JoinType.JOIN_FULL, enums.JoinType.JOIN_RIGHT)


class NotProvedError(AssertionError):
    """A table is not restricted to one owner, or the statement has a form that this proof does not know."""


@dataclass
class Scope:
    """What one query can refer to.

    needs: alias → owner column of each item that must still be restricted; proved: aliases that are.
    equalities: pairs of operands, each a column (alias or None, name) or the text of a parameter.
    """

    ctes: frozenset[str]
    needs: dict[str, str] = field(default_factory=dict)
    proved: set[str] = field(default_factory=set)
    equalities: list[tuple[Any, Any]] = field(default_factory=list)


def prove(sql: str, *, owner: Sequence[int] | None = None) -> None:
    """Raise NotProvedError unless `sql` is restricted to one owner.

    sql: with psycopg's parameters. Named: the owner is `user_id`. Positional: `owner` has the numbers, from 1 on, of
    those whose value is the owner's id.
    """
    names = dict.fromkeys(re.findall(r"%\((\w+)\)s", sql))
    numbers = {name: number for number, name in enumerate(names, 1)}
    if names:
        owner = [numbers["user_id"]] if "user_id" in numbers else []
        sql = re.sub(r"%\((\w+)\)s", lambda match: f"${numbers[match[1]]}", sql)
    else:
        counter = iter(range(1, 10_000))
        sql = re.sub("%s", lambda match: f"${next(counter)}", sql)
    for statement in parse_sql(sql.replace("%%", "%")):
        query(statement.stmt, frozenset(), {f"${number}" for number in owner or ()})


def query(node: Any, ctes: frozenset[str], owner: set[str]) -> dict[str, str]:
    """Prove a query; returns the owner columns that its output leaves to be restricted (of `SELECT *`)."""
    for cte in node.withClause.ctes if node.withClause else ():
        restricted(cte.ctequery, ctes, owner)
        ctes = ctes | {cte.ctename}
    if isinstance(node, ast.SelectStmt) and node.larg:
        return query(node.larg, ctes, owner) | query(node.rarg, ctes, owner)
    scope = Scope(ctes)
    if isinstance(node, ast.InsertStmt):
        insert(node, ctes, owner)
        return {}
    items = (node.fromClause or ()) if not isinstance(node, ast.DeleteStmt) else (node.usingClause or ())
    for item in (*items, *([] if isinstance(node, ast.SelectStmt) else [node.relation])):
        add(item, scope, owner)
    conjuncts(node.whereClause, scope)
    for nested in subqueries(tuple(parts_of(node))):
        restricted(nested, ctes, owner)
    restrict(scope, owner)
    left = {alias: column for alias, column in scope.needs.items() if alias not in scope.proved}
    if left and not (isinstance(node, ast.SelectStmt) and node.limitOffset and len(scope.needs) == 1):
        raise NotProvedError(f"Not restricted to one owner: {left}")
    return left  # OFFSET 0, an optimization fence: the query around it restricts what comes out.


def restricted(node: Any, ctes: frozenset[str], owner: set[str]) -> None:
    """Prove a query whose output nothing around it restricts."""
    if rest := query(node, ctes, owner):
        raise NotProvedError(f"Not restricted to one owner: {rest}")


def parts_of(node: Any) -> Iterator[Any]:
    """The parts of a query that may contain subqueries in expressions."""
    for name in ("whereClause", "targetList", "limitCount", "sortClause", "havingClause", "returningList"):
        if value := getattr(node, name, None):
            yield value


def subqueries(node: Any) -> Iterator[Any]:
    """The subqueries in an expression, the outermost only."""
    if isinstance(node, ast.SubLink):
        yield node.subselect
        if node.testexpr:
            yield from subqueries(node.testexpr)
    elif isinstance(node, tuple):
        for item in node:
            yield from subqueries(item)
    elif isinstance(node, ast.Node):
        for name in node:
            yield from subqueries(getattr(node, name))


def insert(node: Any, ctes: frozenset[str], owner: set[str]) -> None:
    """An INSERT must take the owner from a parameter or from a restricted query."""
    query(node.selectStmt, ctes, owner)
    column = OWNER_COLUMNS[node.relation.relname]
    position = [target.name for target in node.cols].index(column)
    if node.selectStmt.valuesLists:
        values = [row[position] for row in node.selectStmt.valuesLists]
    else:
        values = [node.selectStmt.targetList[position].val]
    for value in values:
        if operand(value) not in owner and not (isinstance(value, ast.ColumnRef) and operand(value)[1] == "user_id"):
            raise NotProvedError(f"INSERT INTO {node.relation.relname} with another owner.")


def add(item: Any, scope: Scope, owner: set[str]) -> None:
    """Add an item of FROM (or the target of an UPDATE or DELETE) to the scope."""
    if isinstance(item, ast.JoinExpr):
        if item.jointype in NO_KEY:
            raise NotProvedError("A full or right join.")
        add(item.larg, scope, owner)
        add(item.rarg, scope, owner)
        conjuncts(item.quals, scope)
        for name in item.usingClause or ():
            left, right = alias_of(item.larg), alias_of(item.rarg)
            scope.equalities.append(((left, name.sval), (right, name.sval)))
    elif isinstance(item, ast.RangeSubselect):
        alias = alias_of(item)
        if rest := query(item.subquery, scope.ctes, owner):
            scope.needs[alias] = next(iter(rest.values()))
        else:
            scope.proved.add(alias)
    elif isinstance(item, ast.RangeVar):
        alias = alias_of(item)
        if item.relname in scope.ctes:
            scope.proved.add(alias)
        elif item.relname in OWNER_COLUMNS:
            scope.needs[alias] = OWNER_COLUMNS[item.relname]
        else:
            raise NotProvedError(f"The table {item.relname} is not one of tasks.")
    elif not isinstance(item, ast.RangeFunction):
        raise NotProvedError(f"A form that is not known: {item}")


def alias_of(item: Any) -> str:
    if isinstance(item, ast.JoinExpr):
        return alias_of(item.larg)
    return str(item.alias.aliasname if item.alias else item.relname)


def conjuncts(node: Any, scope: Scope) -> None:
    """Collect the equalities that hold for every row."""
    if isinstance(node, ast.BoolExpr) and node.boolop == enums.BoolExprType.AND_EXPR:
        for part in node.args or ():
            conjuncts(part, scope)
    elif isinstance(node, ast.A_Expr) and (node.kind, operator(node)) == (enums.A_Expr_Kind.AEXPR_OP, "="):
        scope.equalities.append((operand(node.lexpr), operand(node.rexpr)))


def operator(node: ast.A_Expr) -> str:
    return "".join(str(part.sval) for part in node.name or ())


def operand(node: Any) -> Any:
    """A column as (alias or None, name), a parameter as `$1`, and None for anything else."""
    if isinstance(node, ast.TypeCast):
        return operand(node.arg)
    if isinstance(node, ast.ParamRef):
        return f"${node.number}"
    if isinstance(node, ast.ColumnRef) and all(isinstance(part, ast.String) for part in node.fields or ()):
        names = [part.sval for part in node.fields or ()]
        return (names[0], names[1]) if len(names) == 2 else (None, names[0])
    return None


def restrict(scope: Scope, owner: set[str]) -> None:
    """Mark as proved what equalities restrict, until nothing is added."""
    pairs = [pair for left, right in scope.equalities for pair in ((left, right), (right, left))]
    known = -1
    while known < len(scope.proved):
        known = len(scope.proved)
        for column, other in pairs:
            if isinstance(column, tuple) and (other in owner or is_owner_of_proved(other, scope)):
                for alias, owner_column in scope.needs.items():
                    if column in {(alias, owner_column), (None, owner_column) if len(scope.needs) == 1 else None}:
                        scope.proved.add(alias)


def is_owner_of_proved(other: Any, scope: Scope) -> bool:
    return isinstance(other, tuple) and other[0] in scope.proved and other[1] in {"user_id", "id"}
