"""Carrying a query out: which records, in which order, and what an answer says of each."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import Field, SObject
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.soql.filtering import Conditions
from fakes.faces.salesforce.soql.parsing import AGGREGATES
from fakes.faces.salesforce.soql.reading import Column, Columns
from fakes.faces.salesforce.soql.summing import grouped
from fakes.faces.salesforce.soql.tokens import malformed
from fakes.faces.salesforce.soql.tree import (
    AllFields,
    Call,
    Children,
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Order,
    Path,
    Query,
)
from fakes.faces.salesforce.values import shown
from fakes.object_types import Record

Row = dict[str, Any]
Show = Callable[[Record, Row], None]
"""Writes a part of what a row says of a record."""

OFFSET_MAX = 2_000
FIELDS_LIMIT = 200
"""`FIELDS(ALL)` needs a limit of at most this."""


class Answer:
    """A query's rows, and how many there are: of `COUNT()` there are none, only a number."""

    def __init__(self, total: int, rows: list[Row]) -> None:
        self.total = total
        self.rows = rows


def run(org: Org, query: Query, version: str, *, with_deleted: bool = False) -> Answer:
    """What a query comes to. Raises Fault."""
    return _Running(org, query, version, with_deleted or query.all_rows).answer()


class _Running:
    """One query under way. A query of children begins from what its parent's record has."""

    def __init__(self, org: Org, query: Query, version: str, with_deleted: bool) -> None:
        if query.offset > OFFSET_MAX:
            message = "Maximum SOQL offset allowed is 2000"
            raise Fault("NUMBER_OUTSIDE_VALID_RANGE", f"\n{message}")
        self._org = org
        self._query = query
        self._version = version
        self._with_deleted = with_deleted
        self._columns = Columns(org, query)
        self._conditions = Conditions(self._columns, self._columns.operand, self._values_within)
        self._test = self._conditions.test(query.where)

    def answer(self) -> Answer:
        query = self._query
        aggregated = any(isinstance(item, Call) and item.function in AGGREGATES for item in query.items)
        first = query.items[0]
        if len(query.items) == 1 and isinstance(first, Call) and first.function == "COUNT" and first.path is None:
            matching = sum(1 for _ in self._matching())
            return Answer(min(matching, query.limit if query.limit is not None else matching), [])
        if aggregated or query.group_by:
            rows = grouped(self._columns, query, self._matching(), self._values_within)
            return Answer(len(rows), rows)
        rows = self.rows_of(self._matching())
        return Answer(len(rows), rows)

    # --- which records -------------------------------------------------------------------------------

    def _matching(self) -> Iterable[Record]:
        test, deleted = self._test, self._with_deleted
        return (record for record in self._candidates() if (deleted or not record.deleted) and test(record))

    def _candidates(self) -> Iterable[Record]:
        """The records that a condition lets be found quickly, or all of the object."""
        view, name = self._org.view, self._columns.sobject.name
        if not self._with_deleted:
            for condition in _all_of(self._query.where):
                found = self._found(condition)
                if found is not None:
                    return found
        return view.of_type(name)

    def _found(self, condition: Condition) -> Iterable[Record] | None:
        view, name = self._org.view, self._columns.sobject.name
        if isinstance(condition, Comparison) and isinstance(condition.operand, Path):
            column = self._columns.column(condition.operand)
            value = condition.value
            if column.steps or value.kind in {"null", "range"}:
                return None
            if column.field.name in {"SystemModstamp", "LastModifiedDate"} and condition.operator in {">", ">="}:
                since_us = self._conditions.value(column.field, value)
                return sorted(view.changed_since(name, since_us), key=lambda record: record.id)
            return self._by_key(column, (value,)) if condition.operator == "=" else None
        if isinstance(condition, Membership) and isinstance(condition.operand, Path) and not condition.negated:
            column = self._columns.column(condition.operand)
            if not column.steps and isinstance(condition.values, tuple):
                return self._by_key(column, condition.values)
        return None

    def _by_key(self, column: Column, literals: tuple[Literal, ...]) -> Iterable[Record] | None:
        view, name, field = self._org.view, self._columns.sobject.name, column.field
        if any(literal.kind in {"null", "range"} for literal in literals):
            return None
        keys = dict.fromkeys(self._conditions.value(field, literal) for literal in literals)
        if field.name == "Id":
            found = [view.records[key] for key in keys if key in view.records and view.records[key].type == name]
        elif view.is_indexed(name, field.name):
            found = [record for key in keys for record in view.find(name, field.name, key)]
        else:
            return None
        return sorted(found, key=lambda record: record.id)

    def _values_within(self, query: Query) -> Iterable[Any]:
        """The values of the one field of a query within a condition."""
        running = _Running(self._org, query, self._version, self._with_deleted)
        if len(query.items) != 1 or not isinstance(query.items[0], Path):
            raise malformed(query.text, query.source_at, "a query in a condition selects one field")
        read = running._columns.column(query.items[0]).read
        return [value for record in running._matching() if (value := read(record)) is not None]

    # --- in which order, and what is said of them ----------------------------------------------------

    def rows_of(self, records: Iterable[Record]) -> list[Row]:
        """The rows of an answer for these records."""
        query, chosen = self._query, records
        for order in reversed(query.order_by):
            column = self._columns.used(self._columns.operand(order.operand), order.operand.at, "sorted")
            chosen = ordered(chosen, column.read, order)
        shows = self._shows()
        end = None if query.limit is None else query.offset + query.limit
        chosen = list(chosen)[query.offset : end]
        type_, base = self._columns.sobject.name, f"/services/data/{self._version}/sobjects"
        rows = []
        for record in chosen:
            row: Row = {"attributes": {"type": type_, "url": f"{base}/{type_}/{record.id}"}}
            for show in shows:
                show(record, row)
            rows.append(row)
        return rows

    def _shows(self) -> list[Show]:
        shows: list[Show] = []
        for item in self._query.items:
            if isinstance(item, AllFields):
                shows += self._all_fields(item)
            elif isinstance(item, Children):
                shows.append(self._children(item.query))
            elif isinstance(item, Call):
                if not item.function:
                    raise malformed(self._query.text, item.at, "only aggregate expressions use field aliasing")
                shows.append(self._one(self._columns.operand(item), item.alias))
            else:
                column = self._columns.column(item)
                shows.append(self._related(column) if column.steps else self._one(column))
        return shows

    def _one(self, column: Column, alias: str = "") -> Show:
        read, field, times, name = column.read, column.field, self._org.times, alias or column.field.name

        def show(record: Record, row: Row) -> None:
            row[name] = shown(field, read(record), times)

        return show

    def _related(self, column: Column) -> Show:
        org, version = self._org, self._version

        def show(record: Record, row: Row) -> None:
            at, place = record, row
            for step in column.steps:
                target = org.view.records.get(org.value(at, step) or "")
                if target is None:
                    place[step.relationship] = None
                    return
                url = f"/services/data/{version}/sobjects/{target.type}/{target.id}"
                within = place.get(step.relationship) or {"attributes": {"type": target.type, "url": url}}
                place[step.relationship] = within
                at, place = target, within
            place[column.field.name] = org.shown(at, column.field)

        return show

    def _all_fields(self, item: AllFields) -> list[Show]:
        if self._query.limit is None or self._query.limit > FIELDS_LIMIT:
            message = "The SOQL FIELDS function must have a LIMIT of at most 200"
            raise Fault("MALFORMED_QUERY", f"\n{message}")
        fields = fields_meant(self._columns.sobject, item)
        return [self._one(self._columns.column(Path((one.name,), 0))) for one in fields]

    def _children(self, query: Query) -> Show:
        """A query of the records that lead to each of these by the relationship that it names."""
        name, field = _children_of(self._org, self._columns.sobject, query)
        within = _Running(self._org, replace(query, source=name), self._version, self._with_deleted)
        relationship = field.children

        def show(record: Record, row: Row) -> None:
            found = [one for one in within._org.view.find(name, field.name, record.id) if within._test(one)]
            rows = within.rows_of(found)
            row[relationship] = {"totalSize": len(rows), "done": True, "records": rows} if rows else None

        return show


def fields_meant(sobject: SObject, item: AllFields) -> tuple[Field, ...]:
    """The fields that `FIELDS(…)` stands for."""
    if item.which == "ALL":
        return sobject.all_fields
    return tuple(one for one in sobject.all_fields if one.custom is (item.which == "CUSTOM"))


def ordered(records: Iterable[Record], read: Callable[[Record], Any], order: Order) -> list[Record]:
    """Records by a field: nulls first, unless it is said otherwise."""
    valued: list[Record] = []
    empty: list[Record] = []
    for record in records:
        (empty if read(record) is None else valued).append(record)

    def key(record: Record) -> Any:
        value = read(record)
        return value.casefold() if isinstance(value, str) else value

    valued.sort(key=key, reverse=order.descending)
    return valued + empty if order.nulls_last else empty + valued


def _all_of(condition: Condition | None) -> Iterable[Condition]:
    """The conditions that must all be met."""
    if isinstance(condition, Junction):
        return condition.conditions if condition.word == "AND" else ()
    return () if condition is None else (condition,)


def _children_of(org: Org, parent: SObject, query: Query) -> tuple[str, Field]:
    wanted = query.source.rpartition(".")[2].lower()
    for sobject in org.objects.values():
        for field in sobject.fields:
            if field.children.lower() == wanted and parent.name in field.to:
                return sobject.name, field
    message = (
        f"Didn't understand relationship '{query.source}' in FROM part of query call. If you are attempting to use a "
        "custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
        "WSDL or the describe call for the appropriate names."
    )
    raise Fault("INVALID_TYPE", f"\n{message}")
