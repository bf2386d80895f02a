"""What a query says, as a tree."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, or NULL."""

    value: Decimal | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column, of the table that goes by `table` if it is said; `*` is all of them."""

    table: str
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, an operator, or a test, by its name in capitals. `distinct` counts each value once."""

    name: str
    arguments: tuple["Expression", ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a value is one of those that a query finds."""

    value: "Expression"
    query: "Query"


Expression: TypeAlias = Literal | Column | Call | Among

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG"})


@dataclass(frozen=True, slots=True)
class Source:
    """A table or a query, by the name that it goes by; how it is joined, and on what."""

    table: "str | Query"
    alias: str
    outer: bool = False
    on: Expression | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column of the answer."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the answer. NULL is the greatest of all values, as Oracle has it, unless said otherwise."""

    expression: Expression
    down: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    chosen: tuple[Chosen, ...]
    sources: tuple[Source, ...]
    where: Expression | None = None
    groups: tuple[Expression, ...] = ()
    having: Expression | None = None
    orders: tuple[Order, ...] = ()
    distinct: bool = False
    first: int | None = None
    skipped: int = 0
    unions: tuple["Query", ...] = field(default=())


def parts_of(expression: Expression | None) -> list[Expression]:
    """What an expression wants all of: the sides of its ANDs."""
    if expression is None:
        return []
    if isinstance(expression, Call) and expression.name == "AND":
        return [part for one in expression.arguments for part in parts_of(one)]
    return [expression]


def sums(expression: Expression) -> bool:
    """Whether there is an aggregate in an expression."""
    if not isinstance(expression, Call):
        return isinstance(expression, Among) and sums(expression.value)
    return expression.name in AGGREGATES or any(sums(one) for one in expression.arguments)
