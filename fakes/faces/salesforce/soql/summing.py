"""Aggregates: `COUNT`, `SUM` and the rest, of all rows or by groups of them."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import Field
from fakes.faces.salesforce.soql.filtering import Conditions, Subquery
from fakes.faces.salesforce.soql.parsing import AGGREGATES
from fakes.faces.salesforce.soql.reading import Column, Columns
from fakes.faces.salesforce.soql.tokens import malformed
from fakes.faces.salesforce.soql.tree import Call, Operand, Path, Query
from fakes.faces.salesforce.values import shown
from fakes.object_types import Record

Row = dict[str, Any]
Group = list[Record]

ROWS_MAX = 2_000
"""Groups that a query may come to."""


def grouped(columns: Columns, query: Query, records: Iterable[Record], within: Subquery) -> list[Row]:
    """The rows of a query with aggregates. Raises Fault."""
    keys = [columns.used(columns.operand(operand), operand.at, "grouped").read for operand in query.group_by]
    groups: dict[tuple[Any, ...], Group] = {} if keys else {(): []}
    for record in records:
        groups.setdefault(tuple(_folded(read(record)) for read in keys), []).append(record)

    def find(operand: Operand) -> Column:
        return _of_group(columns, query, operand)

    having = Conditions(columns, find, within).test(query.having)
    chosen = [group for group in groups.values() if having(group)]
    for order in reversed(query.order_by):
        read = find(order.operand).read
        empty = [group for group in chosen if read(group) is None]
        valued = sorted(
            (group for group in chosen if read(group) is not None),
            key=lambda group: _folded(read(group)),
            reverse=order.descending,
        )
        chosen = valued + empty if order.nulls_last else empty + valued
    end = None if query.limit is None else query.offset + query.limit
    shows = _shows(columns, query, find)
    rows = [
        {"attributes": {"type": "AggregateResult"}, **{n: show(g) for n, show in shows}}
        for g in chosen[query.offset : end]
    ]
    if len(rows) > ROWS_MAX:
        raise Fault(
            "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results"
        )
    return rows


def _shows(
    columns: Columns, query: Query, find: Callable[[Operand], Column]
) -> list[tuple[str, Callable[[Group], Any]]]:
    shows: list[tuple[str, Callable[[Group], Any]]] = []
    unnamed, times = 0, columns.org.times
    for item in query.items:
        if not isinstance(item, Path | Call):
            raise malformed(query.text, query.source_at, "only fields and aggregates can be selected together")
        operand: Operand = item.path if isinstance(item, Call) and not item.function and item.path else item
        column = find(operand)
        alias = item.alias if isinstance(item, Call) else ""
        if not alias and isinstance(operand, Call):
            alias, unnamed = f"expr{unnamed}", unnamed + 1
        shows.append((alias or column.field.name, _show(column, times)))
    return shows


def _show(column: Column, times: Any) -> Callable[[Group], Any]:
    return lambda group: shown(column.field, column.read(group), times)


def _of_group(columns: Columns, query: Query, operand: Operand) -> Column:
    """How an operand is read of a group. Raises Fault for a field that it is not grouped by."""
    if isinstance(operand, Call) and operand.function in AGGREGATES:
        return _aggregate(columns, operand)
    named = [item for item in query.items if isinstance(item, Call) and item.alias and isinstance(operand, Path)]
    for item in named:
        if isinstance(operand, Path) and item.alias.lower() == operand.written.lower():
            return _of_group(columns, query, item if item.function or item.path is None else item.path)
    column = columns.operand(operand)
    if not any(_same(columns, one, column, operand) for one in query.group_by):
        message = f"Field must be grouped or aggregated: {column.name}"
        raise malformed(query.text, operand.at, message)
    return Column(column.name, (), column.field, lambda group: column.read(group[0]) if group else None)


def _same(columns: Columns, one: Operand, column: Column, operand: Operand) -> bool:
    if isinstance(one, Call) or isinstance(operand, Call):
        both = isinstance(one, Call) and isinstance(operand, Call) and one.function == operand.function
        return both and columns.operand(one).name == column.name
    other = columns.column(one)
    return other.steps == column.steps and other.field == column.field


def _aggregate(columns: Columns, call: Call) -> Column:
    if call.path is None:
        return Column("COUNT", (), Field(name="COUNT", type="int"), len)
    column = columns.column(call.path)
    type_ = {"COUNT": "int", "COUNT_DISTINCT": "int", "AVG": "double"}.get(call.function, column.field.type)
    if call.function in {"SUM", "AVG"} and column.field.type not in {"int", "double", "currency", "percent"}:
        message = f"field {column.field.name} does not support aggregate operator {call.function}"
        raise malformed(columns.query.text, call.at, message)
    work = _WORK[call.function]

    def of_group(group: Group) -> Any:
        return work([value for record in group if (value := column.read(record)) is not None])

    return Column(call.function, (), Field(name=column.field.name, type=type_), of_group)


def _average(values: list[Any]) -> Decimal | None:
    return Decimal(sum(values)) / len(values) if values else None


_WORK: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(dict.fromkeys(map(_folded, values))),
    "SUM": lambda values: sum(values) if values else None,
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "AVG": _average,
}


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
