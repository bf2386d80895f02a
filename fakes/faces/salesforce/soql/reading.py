"""The fields that a query names, found: how to read each of a record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import Field, SObject
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.soql.tokens import malformed
from fakes.faces.salesforce.soql.tree import Call, Operand, Path, Query
from fakes.object_types import Record

Read = Callable[[Any], Any]
"""What a record, or a group of records, has in a field, as it is kept."""

PARTS_MAX = 6
"""Parts of a path: Salesforce lets it follow five relationships."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field as a query reads it: `steps` are the relationships that lead to the record that has it."""

    name: str
    steps: tuple[Field, ...]
    field: Field
    read: Read


class Columns:
    """The fields that a query may name, by how it names them."""

    def __init__(self, org: Org, query: Query) -> None:
        self.org = org
        self.query = query
        found = org.objects.get(query.source.lower())
        if found is None:
            message = (
                f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be "
                "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for "
                "the appropriate names."
            )
            raise Fault("INVALID_TYPE", _pointed(query, query.source_at, message))
        self.sobject: SObject = found

    def column(self, path: Path) -> Column:
        """What a path leads to. Raises Fault: INVALID_FIELD."""
        parts = list(path.parts)
        if len(parts) > 1 and parts[0].lower() in {self.query.alias.lower(), self.sobject.name.lower()} - {""}:
            parts.pop(0)
        if len(parts) > PARTS_MAX:
            raise Fault("INVALID_FIELD", _pointed(self.query, path.at, "relationships may be followed five times"))
        sobject, steps = self.sobject, []
        for part in parts[:-1]:
            relation = sobject.relations.get(part.lower())
            if relation is None:
                message = (
                    f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom "
                    "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                    "your WSDL or the describe call for the appropriate names."
                )
                raise Fault("INVALID_FIELD", _pointed(self.query, path.at, message))
            steps.append(relation)
            sobject = self._target(relation, parts[-1])
        field = sobject.field(parts[-1])
        if field is None:
            raise self.no_such(parts[-1], sobject.name, path.at)
        return Column(parts[-1], tuple(steps), field, self._reader(tuple(steps), field))

    def operand(self, operand: Operand) -> Column:
        """What a path, or a function of one, comes to for each record. Raises Fault."""
        if isinstance(operand, Path):
            return self.column(operand)
        assert operand.path is not None
        column = self.column(operand.path)
        made = self._function(operand, column)
        return Column(operand.path.parts[-1], (), made[0], made[1])

    def used(self, column: Column, at: int, how: str) -> Column:
        """The column, if a query can be `filtered`, `sorted` or `grouped` by it. Raises Fault: INVALID_FIELD."""
        if column.field.long:
            message = f"field '{column.field.name}' can not be {how} in a query call"
            raise Fault("INVALID_FIELD", _pointed(self.query, at, message))
        return column

    def no_such(self, name: str, entity: str, at: int) -> Fault:
        """The error for a field that an object does not have."""
        message = (
            f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
            "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names."
        )
        return Fault("INVALID_FIELD", _pointed(self.query, at, message))

    def _target(self, relation: Field, wanted: str) -> SObject:
        """Where a relationship leads: of several objects the first that has what is wanted."""
        targets = [self.org.sobject(name) for name in relation.to if name.lower() in self.org.objects]
        return next((one for one in targets if one.field(wanted) or one.relations.get(wanted.lower())), targets[0])

    def _reader(self, steps: tuple[Field, ...], field: Field) -> Read:
        value, records = self.org.value, self.org.view.records
        if not steps:
            if field.derive is None and field.name not in _KEPT_BESIDE:
                name, none = field.name, False if field.type == "boolean" else None
                return lambda record: record.values.get(name, none)
            return lambda record: value(record, field)

        def read(record: Record) -> Any:
            at: Record | None = record
            for step in steps:
                at = records.get(value(at, step) or "") if at is not None else None
            return value(at, field) if at is not None and _has(self.org, at, field) else None

        return read

    def _function(self, call: Call, column: Column) -> tuple[Field, Read]:
        read, times = column.read, self.org.times
        if call.function in {"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"}:
            return column.field, read
        if call.function not in _OF_DAYS or column.field.type not in {"date", "datetime"}:
            raise malformed(self.query.text, call.at, f"unknown function: {call.function}")
        part = _OF_DAYS[call.function]
        type_ = "date" if call.function == "DAY_ONLY" else "int"

        def of_day(record: Record) -> Any:
            at = read(record)
            if at is None:
                return None
            return part(at if isinstance(at, date) else date.fromordinal(times.calendar.day_of(at)))

        return Field(name=column.field.name, type=type_), of_day


_KEPT_BESIDE = frozenset(
    {
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    }
)

_OF_DAYS: dict[str, Callable[[date], Any]] = {
    "DAY_ONLY": lambda day: day,
    "CALENDAR_YEAR": lambda day: day.year,
    "CALENDAR_QUARTER": lambda day: (day.month + 2) // 3,
    "CALENDAR_MONTH": lambda day: day.month,
    "DAY_IN_MONTH": lambda day: day.day,
    "DAY_IN_WEEK": lambda day: day.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda day: day.timetuple().tm_yday,
    "WEEK_IN_MONTH": lambda day: (day.day + 6) // 7,
    "WEEK_IN_YEAR": lambda day: (day.timetuple().tm_yday + 6) // 7,
    "FISCAL_YEAR": lambda day: day.year,
    "FISCAL_QUARTER": lambda day: (day.month + 2) // 3,
    "FISCAL_MONTH": lambda day: day.month,
}
"""Functions of a day, in the organisation's zone."""


def _has(org: Org, record: Record, field: Field) -> bool:
    return org.sobject(record.type).field(field.name) is not None


def _pointed(query: Query, at: int, message: str) -> str:
    extract = query.text[max(at - 20, 0) : at + 20].replace("\n", " ")
    return f"\n{extract}\n{' ' * min(at, 20)}^\nERROR at Row:1:Column:{at + 1}\n{message}"
