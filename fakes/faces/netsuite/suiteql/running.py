"""Runs a query over the tables: joins, picks, groups, orders, and writes what was chosen."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, NamedTuple, TypeAlias

from fakes.faces.netsuite.suiteql.parsing import failed
from fakes.faces.netsuite.suiteql.tables import Hints, Row, Table, Tables
from fakes.faces.netsuite.suiteql.tree import (
    AGGREGATES,
    Among,
    Call,
    Chosen,
    Column,
    Expression,
    Literal,
    Order,
    Query,
    Source,
    parts_of,
    sums,
)
from fakes.faces.netsuite.suiteql.values import FUNCTIONS, Value, compare, like, number, written

Places: TypeAlias = tuple[Row | None, ...]
"""A row of each source, in their order; None where an outer join found none."""
Group: TypeAlias = Sequence[Places]
Compiled: TypeAlias = Callable[[Group], Value]

ROWS_MAX = 1_000_000
KEYS_MAX = 1_000
"""Up to so many keys, a join looks for the rows that have them; beyond, it looks at all rows."""

Answer = list[dict[str, Value]]


class Runner:
    """Runs queries. `today` is what SYSDATE is."""

    def __init__(self, tables: Tables, today: Value) -> None:
        self._tables = tables
        self._today = today

    def run(self, query: Query) -> Answer:
        """The rows of an answer, by the names of what was chosen. Raises Fault."""
        scope = [(source.alias, self._table(source)) for source in query.sources]
        compiling = _Compiler(self, scope, self._today)
        rows = self._joined(query, scope, compiling)
        chosen = [one for each in query.chosen for one in compiling.spread(each)]
        if query.groups or any(sums(one.expression) for one in chosen) or query.having is not None:
            groups = _grouped(rows, [compiling.compile(_meant(one, chosen)) for one in query.groups])
            if query.having is not None:
                having = compiling.compile(query.having)
                groups = [group for group in groups if having(group) is True]
        else:
            groups = [[one] for one in rows]
        answer = self._ordered(query, groups, chosen, compiling)
        for other in query.unions:
            answer += [dict(zip((one.name for one in chosen), row.values(), strict=False)) for row in self.run(other)]
        if query.distinct:
            unlike: dict[tuple[str | None, ...], dict[str, Value]] = {}
            for row in answer:
                unlike.setdefault(tuple(map(written, row.values())), row)
            answer = list(unlike.values())
        end = None if query.first is None else query.skipped + query.first
        return answer[query.skipped : end]

    def _ordered(self, query: Query, groups: list[Any], chosen: Sequence[Chosen], compiling: "_Compiler") -> Answer:
        for order in reversed(query.orders):
            key = compiling.compile(_meant(order.expression, chosen))
            keyed = [(key(group), group) for group in groups]
            groups = [group for _, group in sorted(keyed, key=cmp_to_key(_comparing(order)))]
        written_by = [(one.name, compiling.compile(one.expression)) for one in chosen]
        return [{name: value(group) for name, value in written_by} for group in groups]

    def _table(self, source: Source) -> Table:
        if isinstance(source.table, Query):
            return _of_answer(source.alias, source.table, self.run(source.table))
        found = self._tables.table(source.table)
        if found is None:
            raise failed(f"Search error occurred: Record '{source.table}' was not found.")
        return found

    def _joined(self, query: Query, scope: Sequence[tuple[str, Table]], compiling: "_Compiler") -> list[Places]:
        """The rows of all sources that `where` leaves; each of its conditions is put as soon as it can be."""
        rows: list[Places] = [()]
        limits = [most for one in parts_of(query.where) if (most := _rows_max(one)) is not None]
        conditions = [one for one in parts_of(query.where) if _rows_max(one) is None]
        where = [(compiling.reach(one), compiling.compile(one)) for one in conditions]
        for place, source in enumerate(query.sources):
            hints = compiling.hints(place, [*parts_of(source.on), *conditions])
            keys = None if source.on is None else compiling.keys(source.on, place)
            if keys is not None and len(rows) <= KEYS_MAX:
                wanted = dict.fromkeys(written(keys.old([row])) or "" for row in rows)
                hints = {keys.column: list(wanted), **hints}
            found = list(scope[place][1].rows(hints))
            rows = _matched(rows, found, source, compiling, keys)
            tests = [test for reach, test in where if reach == place]
            rows = [one for one in rows if all(test([one]) is True for test in tests)]
            if len(rows) > ROWS_MAX:
                raise failed("Search error occurred: the query joins too many rows.")
        return rows[: min(limits, default=None)]


def _rows_max(condition: Expression) -> int | None:
    """How many rows a condition on ROWNUM leaves; None for any other. They are counted before they are put in order."""
    if not (isinstance(condition, Call) and condition.arguments[:1] == (Call("ROWNUM", ()),)):
        return None
    limit = condition.arguments[1] if len(condition.arguments) == 2 else None
    if not isinstance(limit, Literal) or condition.name not in {"<", "<=", "="}:
        raise failed("Search error occurred: ROWNUM can only be compared with a number that it is not to exceed.")
    most = int(number(limit.value))
    if condition.name == "=":
        return 1 if most == 1 else 0
    return max(0, most - (condition.name == "<"))


def _matched(
    rows: list[Places], found: list[Row], source: Source, compiling: "_Compiler", keys: "_Keys | None"
) -> list[Places]:
    """Rows, each with every one found that its join allows."""
    if source.on is None:
        if len(rows) * len(found) > ROWS_MAX:
            raise failed("Search error occurred: the query joins too many rows.")
        return [(*row, one) for row in rows for one in found]
    if not rows:
        return []
    place = len(rows[0])
    test = compiling.compile(source.on, known=place + 1)
    by_key: dict[str | None, list[Row]] = {}
    if keys is not None:
        for one in found:
            by_key.setdefault(written(keys.new([(*[None] * place, one)])), []).append(one)
    matched: list[Places] = []
    for row in rows:
        candidates: Iterable[Row] = found if keys is None else by_key.get(written(keys.old([row])), ())
        fitting: list[Places] = [(*row, one) for one in candidates if test([(*row, one)]) is True]
        matched += fitting or ([(*row, None)] if source.outer else [])
    return matched


class _Keys(NamedTuple):
    """What must be the same in both for a join: of what is there already, and of what is joined, by its `column`."""

    old: Compiled
    new: Compiled
    column: str


class _Compiler:
    """Makes functions of expressions, over the tables that are in scope by their names."""

    def __init__(self, runner: Runner, scope: Sequence[tuple[str, Table]], today: Value) -> None:
        self._runner = runner
        self._scope = scope
        self._today = today

    def compile(self, expression: Expression, known: int | None = None) -> Compiled:
        """The function; only the first `known` sources are there yet, if it says so."""
        if isinstance(expression, Literal):
            value = expression.value
            return lambda group: value
        if isinstance(expression, Column):
            place, name = self._find(expression, known)
            return lambda group: row.value(name) if group and (row := group[0][place]) is not None else None
        if isinstance(expression, Among):
            return self._among(expression, known)
        return self._call(expression, known)

    def reach(self, expression: Expression) -> int:
        """The place of the last source that an expression asks for a value."""
        if isinstance(expression, Column):
            return 0 if expression.name == "*" else self._find(expression, None)[0]
        if isinstance(expression, Among):
            return self.reach(expression.value)
        parts = expression.arguments if isinstance(expression, Call) else ()
        return max(map(self.reach, parts), default=0)

    def spread(self, chosen: Chosen) -> list[Chosen]:
        """What is chosen, column by column where it is all of them."""
        column = chosen.expression
        if not isinstance(column, Column) or column.name != "*":
            return [chosen]
        tables = [one for one in self._scope if column.table in {"", one[0]}]
        if not tables:
            raise failed(f"Search error occurred: Record '{column.table}' was not found.")
        return [Chosen(Column(alias, name), name) for alias, table in tables for name in table.columns]

    def hints(self, place: int, conditions: Iterable[Expression]) -> Hints:
        """Of columns of one source, all values that the conditions leave."""
        hints: dict[str, list[str]] = {}
        for one in conditions:
            if not isinstance(one, Call) or one.name not in {"=", "IN"}:
                continue
            column, *values = one.arguments
            if isinstance(column, Literal) and one.name == "=":
                column, values = values[0], [column]
            literals = [value.value for value in values if isinstance(value, Literal)]
            if not isinstance(column, Column) or len(literals) < len(values):
                continue
            if self._find(column, None) == (place, column.name):
                hints[column.name] = [written(value) or "" for value in literals]
        return hints

    def keys(self, on: Expression, place: int) -> "_Keys | None":
        """What must be the same in both for a join: of what is there already, and of what is joined."""
        for one in parts_of(on):
            if not (isinstance(one, Call) and one.name == "="):
                continue
            for old, new in (one.arguments, one.arguments[::-1]):
                if isinstance(new, Column) and isinstance(old, Column):
                    found, known = self._find(new, None)[0], self._find(old, None)[0]
                    if found == place and known < place:
                        return _Keys(self.compile(old), self.compile(new), new.name)
        return None

    def _find(self, column: Column, known: int | None) -> tuple[int, str]:
        scope = self._scope if known is None else self._scope[:known]
        for place, (alias, table) in enumerate(scope):
            if column.table in {"", alias} and table.has(column.name):
                return place, column.name
        records = [table.name for alias, table in scope if column.table in {"", alias}]
        if not records:
            raise failed(f"Search error occurred: Record '{column.table}' was not found.")
        raise failed(
            f"Search error occurred: Field '{column.name}' for record '{records[0]}' was not found. Reason: NOT_EXISTS "
            "- Field doesn't exist"
        )

    def _among(self, expression: Among, known: int | None) -> Compiled:
        value = self.compile(expression.value, known)
        found: set[str | None] | None = None

        def test(group: Group) -> Value:
            nonlocal found
            if found is None:
                found = {written(next(iter(row.values()))) for row in self._runner.run(expression.query)}
            one = value(group)
            return None if one is None else written(one) in found

        return test

    def _call(self, call: Call, known: int | None) -> Compiled:
        name = call.name
        if name in AGGREGATES:
            return self._sum(call)
        if name == "BUILTIN.DF":
            return self._display(call, known)
        if name in {"SYSDATE", "CURRENT_DATE", "ROWNUM"}:
            if name == "ROWNUM":
                raise failed("Search error occurred: ROWNUM can only be compared, in WHERE.")
            return lambda group: self._today
        arguments = [self.compile(one, known) for one in call.arguments]
        special = _SPECIAL.get(name)
        if special is not None:
            return special(arguments)
        if name not in FUNCTIONS:
            raise failed(f"Search error occurred: Unknown function '{name}'.")
        least, function = FUNCTIONS[name]
        if len(arguments) < least:
            raise failed(f"Search error occurred: '{name}' needs {least} arguments.")
        result: Compiled = lambda group: function([one(group) for one in arguments])  # noqa: E731
        return result

    def _display(self, call: Call, known: int | None) -> Compiled:
        if len(call.arguments) != 1 or not isinstance(call.arguments[0], Column):
            raise failed("Search error occurred: BUILTIN.DF needs a field.")
        place, name = self._find(call.arguments[0], known)
        return lambda group: row.display(name) if group and (row := group[0][place]) is not None else None

    def _sum(self, call: Call) -> Compiled:
        if len(call.arguments) != 1:
            raise failed(f"Search error occurred: '{call.name}' needs one argument.")
        if isinstance(call.arguments[0], Column) and call.arguments[0].name == "*":
            return lambda group: Decimal(len(group))
        argument, name = self.compile(call.arguments[0]), call.name

        def summed(group: Group) -> Value:
            values = [value for row in group if (value := argument([row])) is not None]
            if call.distinct:
                values = list({written(value): value for value in values}.values())
            if name == "COUNT":
                return Decimal(len(values))
            if not values:
                return None
            if name in {"MIN", "MAX"}:
                return sorted(values, key=cmp_to_key(_ascending))[0 if name == "MIN" else -1]
            total = sum(map(number, values), Decimal(0))
            return total if name == "SUM" else total / len(values)

        return summed


# --- operators ---------------------------------------------------------------------------------------


def _compared(name: str) -> Callable[[list[Compiled]], Compiled]:
    def made(sides: list[Compiled]) -> Compiled:
        left, right = sides
        return lambda group: compare(name, left(group), right(group))

    return made


def _decided_by(decisive: bool) -> Callable[[list[Compiled]], Compiled]:
    """What is `decisive` if one side is, unknown if one is and none decides, else the other."""

    def made(sides: list[Compiled]) -> Compiled:
        def test(group: Group) -> Value:
            unknown = False
            for side in sides:
                value = side(group)
                if value is decisive:
                    return decisive
                unknown = unknown or value is None
            return None if unknown else not decisive

        return test

    return made


_and, _or = _decided_by(False), _decided_by(True)


def _not(sides: list[Compiled]) -> Compiled:
    return lambda group: None if (value := sides[0](group)) is None else value is not True


def _in(sides: list[Compiled]) -> Compiled:
    value, *others = sides
    return _or([_compared("=")([value, one]) for one in others])


def _between(sides: list[Compiled]) -> Compiled:
    value, low, high = sides
    return _and([_compared(">=")([value, low]), _compared("<=")([value, high])])


def _case(sides: list[Compiled]) -> Compiled:
    *tests, otherwise = sides

    def chosen(group: Group) -> Value:
        for place in range(0, len(tests), 2):
            if tests[place](group) is True:
                return tests[place + 1](group)
        return otherwise(group)

    return chosen


def _joined(sides: list[Compiled]) -> Compiled:
    return lambda group: "".join(written(side(group)) or "" for side in sides) or None


def _reckoned(name: str) -> Callable[[list[Compiled]], Compiled]:
    def reckon(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return None
        if name in {"+", "-"} and hasattr(left, "toordinal"):
            return _days(left, right, name)
        one, other = number(left), number(right)
        if name == "/":
            if not other:
                raise failed("Search error occurred: divisor is equal to zero.")
            return one / other
        return one * other if name == "*" else one + other if name == "+" else one - other

    return lambda sides: lambda group: reckon(sides[0](group), sides[1](group))


def _days(day: Any, other: Any, name: str) -> Value:
    """A day so many days on; or the days between two."""
    if hasattr(other, "toordinal"):
        return Decimal(day.toordinal() - other.toordinal())
    span = timedelta(days=float(number(other)))
    try:
        moved: Value = day + span if name == "+" else day - span
    except OverflowError as error:
        raise failed("Search error occurred: invalid date.") from error
    return moved


_SPECIAL: dict[str, Callable[[list[Compiled]], Compiled]] = {
    **{name: _compared(name) for name in ("=", "<>", "<", "<=", ">", ">=")},
    **{name: _reckoned(name) for name in ("+", "-", "*", "/")},
    "AND": _and, "OR": _or, "NOT": _not, "IN": _in, "BETWEEN": _between, "CASE": _case, "||": _joined,
    "LIKE": lambda sides: lambda group: like(sides[0](group), sides[1](group)),
    "IS NULL": lambda sides: lambda group: sides[0](group) is None,
}  # fmt: skip


# --- groups and order --------------------------------------------------------------------------------


def _grouped(rows: list[Places], keys: Sequence[Compiled]) -> list[list[Places]]:
    if not keys:
        return [rows]
    groups: dict[tuple[str | None, ...], list[Places]] = {}
    for row in rows:
        groups.setdefault(tuple(written(key([row])) for key in keys), []).append(row)
    return list(groups.values())


def _meant(expression: Expression, chosen: Sequence[Chosen]) -> Expression:
    """What an order or group means: an expression, what was chosen under a name, or in a place."""
    if isinstance(expression, Literal) and isinstance(expression.value, Decimal):
        place = int(expression.value)
        if not 1 <= place <= len(chosen):
            raise failed(f"Search error occurred: there is no column {place} to order by.")
        return chosen[place - 1].expression
    if isinstance(expression, Column) and not expression.table:
        return next((one.expression for one in chosen if one.name == expression.name), expression)
    return expression


def _ascending(left: Value, right: Value) -> int:
    return 0 if compare("=", left, right) else -1 if compare("<", left, right) else 1


def _comparing(order: Order) -> Callable[[tuple[Value, Any], tuple[Value, Any]], int]:
    nulls_first = order.down if order.nulls_first is None else order.nulls_first

    def compared(one: tuple[Value, Any], other: tuple[Value, Any]) -> int:
        left, right = one[0], other[0]
        if left is None or right is None:
            return 0 if left is right else -1 if (left is None) == nulls_first else 1
        return -_ascending(left, right) if order.down else _ascending(left, right)

    return compared


def _of_answer(alias: str, query: Query, answer: Answer) -> Table:
    """The answer to a query as a table."""
    names = tuple(answer[0]) if answer else tuple(one.name for one in query.chosen)
    rows = [Row(row.__getitem__, row.__getitem__) for row in answer]
    return Table(alias, names, (), lambda hints: rows)
