"""Conditions: which records a query is about. Texts are the same in any case, and nothing is less or more than null."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import NUMBERS, TEXTS, Field
from fakes.faces.salesforce.ids import normal
from fakes.faces.salesforce.soql.days import days_of
from fakes.faces.salesforce.soql.reading import Column, Columns
from fakes.faces.salesforce.soql.tree import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Negation,
    Operand,
    Query,
)

Row = Any
Test = Callable[[Row], bool]
Find = Callable[[Operand], Column]
Subquery = Callable[[Query], Iterable[Any]]

ORDERED = frozenset({"<", "<=", ">", ">="})


class Conditions:
    """Makes tests of conditions. `find` says how to read a field; `within` carries out a query within."""

    def __init__(self, columns: Columns, find: Find, within: Subquery) -> None:
        self._columns = columns
        self._find = find
        self._within = within
        self._times = columns.org.times

    def test(self, condition: Condition | None) -> Test:
        """Whether a row meets a condition. Raises Fault for one that cannot be met."""
        if condition is None:
            return lambda row: True
        if isinstance(condition, Negation):
            inner = self.test(condition.condition)
            return lambda row: not inner(row)
        if isinstance(condition, Junction):
            tests = [self.test(one) for one in condition.conditions]
            if condition.word == "AND":
                return lambda row: all(test(row) for test in tests)
            return lambda row: any(test(row) for test in tests)
        if isinstance(condition, Membership):
            return self._membership(condition)
        return self._comparison(condition)

    def value(self, field: Field, literal: Literal) -> Any:
        """A literal as a value of a field. Raises Fault: INVALID_FIELD."""
        if literal.kind == "null":
            return None
        try:
            return self._of_kind(field, literal)
        except (ValueError, OverflowError) as error:
            raise self._wrong_kind(field, literal) from error

    def _of_kind(self, field: Field, literal: Literal) -> Any:  # noqa: PLR0911  # one for each kind
        kind, value = literal.kind, literal.value
        if field.type in TEXTS and kind == "string":
            return value.casefold()
        if field.type in {"id", "reference"} and kind == "string":
            if not value:
                return value
            id_ = normal(value)
            if id_ is None:
                raise Fault("INVALID_QUERY_FILTER_OPERATOR", f"\ninvalid ID field: {value}")
            return id_
        if (field.type in NUMBERS or field.type == "int") and kind == "number":
            return value
        if field.type == "boolean" and kind == "boolean":
            return value
        if field.type == "date" and kind == "date":
            return date.fromisoformat(value)
        if field.type == "datetime" and kind == "datetime":
            return self._times.instant_us(value)
        raise ValueError

    def _column(self, operand: Operand) -> Column:
        return self._columns.used(self._find(operand), operand.at, "filtered")

    def _comparison(self, condition: Comparison) -> Test:
        column, literal, operator = self._column(condition.operand), condition.value, condition.operator
        if literal.kind == "range":
            return self._in_range(column, literal, operator)
        if operator == "LIKE":
            return self._like(column, literal)
        field, value = column.field, self.value(column.field, literal)
        read = _folded(column)
        if operator == "=":
            return lambda row: bool(read(row) == value)
        if operator == "!=":
            return lambda row: bool(read(row) != value)
        if value is None or field.type == "boolean":
            message = f"invalid operator on {'null' if value is None else 'boolean field'}"
            raise Fault("INVALID_QUERY_FILTER_OPERATOR", f"\n{message}")
        return _ordered(read, operator, value)

    def _like(self, column: Column, literal: Literal) -> Test:
        if literal.kind != "string" or column.field.type not in TEXTS:
            raise Fault("INVALID_QUERY_FILTER_OPERATOR", f"\ninvalid operator on {column.field.type} field: LIKE")
        pattern = re.compile(_pattern(literal.value), re.IGNORECASE | re.DOTALL)
        read = column.read
        return lambda row: pattern.fullmatch(read(row) or "") is not None

    def _in_range(self, column: Column, literal: Literal, operator: str) -> Test:
        org, field = self._columns.org, column.field
        try:
            days = days_of(literal.value, literal.count, self._times.today(org.now_us))
            ends = None if days is None else tuple(self._bound(field, day) for day in days)
        except (ValueError, OverflowError) as error:
            raise self._wrong_kind(field, literal) from error
        if ends is None or operator == "LIKE" or field.type not in {"date", "datetime"}:
            raise self._wrong_kind(field, literal)
        (start, end), read = ends, column.read
        if operator in {"<", ">="}:
            return _ordered(read, operator, start)
        if operator in {"<=", ">"}:
            return _ordered(read, "<" if operator == "<=" else ">=", end)

        def within(row: Row) -> bool:
            at = read(row)
            return at is not None and bool(start <= at < end)

        return within if operator == "=" else lambda row: not within(row)

    def _bound(self, field: Field, day: int) -> Any:
        return date.fromordinal(day) if field.type == "date" else self._times.calendar.instant_us(day)

    def _membership(self, condition: Membership) -> Test:
        column = self._column(condition.operand)
        if isinstance(condition.values, Query):
            fold = _fold if column.field.type in TEXTS else _as_is
            values = dict.fromkeys(fold(value) for value in self._within(condition.values))
        elif any(literal.kind == "range" for literal in condition.values):
            tests = [self._in_range(column, literal, "=") for literal in condition.values]
            return lambda row: any(test(row) for test in tests) is not condition.negated
        else:
            values = dict.fromkeys(self.value(column.field, literal) for literal in condition.values)
        read = _folded(column)
        if condition.negated:
            return lambda row: read(row) not in values
        return lambda row: read(row) in values

    def _wrong_kind(self, field: Field, literal: Literal) -> Fault:
        quotes = " and should not be enclosed in quotes" if literal.kind == "string" else ""
        if field.type in TEXTS | {"id", "reference"}:
            quotes = " and should be enclosed in quotes"
        kind = {"picklist": "string", "textarea": "string", "id": "string", "reference": "string"}.get(
            field.type, field.type
        )
        message = f"value of filter criterion for field '{field.name}' must be of type {kind}{quotes}"
        return Fault("INVALID_FIELD", f"\n{self._columns.query.text[:120]}\n^\nERROR at Row:1:Column:1\n{message}")


def _ordered(read: Callable[[Row], Any], operator: str, value: Any) -> Test:
    def test(row: Row) -> bool:
        at = read(row)
        if at is None:
            return False
        if operator == "<":
            return bool(at < value)
        if operator == "<=":
            return bool(at <= value)
        return bool(at > value) if operator == ">" else bool(at >= value)

    return test


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _as_is(value: Any) -> Any:
    return value


def _folded(column: Column) -> Callable[[Row], Any]:
    read = column.read
    if column.field.type in TEXTS:
        return lambda row: _fold(read(row))
    return read


def _pattern(like: str) -> str:
    pieces = re.split(r"(\\[%_]|%|_)", like)
    wild = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    return "".join(wild.get(piece, re.escape(piece)) for piece in pieces)
