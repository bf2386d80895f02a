"""A query as it was understood."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """A field, maybe of a record that others lead to: `Account.Owner.Name`."""

    parts: tuple[str, ...]
    at: int

    @property
    def written(self) -> str:
        """As in the query."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field, or of nothing: `COUNT()`. `alias` is what its result is to be called."""

    function: str
    path: Path | None
    alias: str
    at: int


@dataclass(frozen=True, slots=True)
class AllFields:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    which: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: `kind` is string, number, boolean, null, date, datetime, or range, with what a range is of."""

    kind: str
    value: Any = None
    count: int = 0


Operand: TypeAlias = Path | Call


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field held against a value."""

    operand: Operand
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """A field's value among others, which a query may say."""

    operand: Operand
    values: "tuple[Literal, ...] | Query"
    negated: bool


@dataclass(frozen=True, slots=True)
class Junction:
    """`AND` or `OR` of conditions."""

    word: str
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT` a condition."""

    condition: "Condition"


Condition: TypeAlias = Comparison | Membership | Junction | Negation


@dataclass(frozen=True, slots=True)
class Order:
    """What rows are ordered by."""

    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A whole query."""

    text: str
    items: "tuple[Item, ...]"
    source: str
    source_at: int
    alias: str = ""
    where: Condition | None = None
    group_by: tuple[Operand, ...] = ()
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False


@dataclass(frozen=True, slots=True)
class Children:
    """A query within a query: of the records that lead to this one."""

    query: Query


Item: TypeAlias = Path | Call | AllFields | Children
Number: TypeAlias = Decimal | int
