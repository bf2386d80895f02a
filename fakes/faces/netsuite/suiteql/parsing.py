"""Reads a query. What makes no sense is refused as NetSuite does: 400, with what was found and where."""

import re
from decimal import Decimal
from typing import NamedTuple

from fakes.faces.netsuite.errors import Fault
from fakes.faces.netsuite.suiteql.tree import Among, Call, Chosen, Column, Expression, Literal, Order, Query, Source

DEPTH_MAX = 60
LENGTH_MAX = 100_000

_TOKEN = re.compile(
    r"""(?:\s+|--[^\n]*|/\*.*?\*/)*(?:
      '(?P<text>(?:[^']|'')*)'
    | (?P<number>\d+\.?\d*|\.\d+)
    | "(?P<quoted>[^"]+)"
    | (?P<word>[A-Za-z_][A-Za-z0-9_$#]*)
    | (?P<sign><>|!=|\^=|<=|>=|\|\||[=<>(),.*+\-/])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_STOPS = frozenset(
    [
        "FROM",
        "WHERE",
        "GROUP",
        "HAVING",
        "ORDER",
        "JOIN",
        "INNER",
        "LEFT",
        "RIGHT",
        "FULL",
        "CROSS",
        "OUTER",
        "ON",
        "AND",
        "OR",
        "NOT",
        "UNION",
        "FETCH",
        "OFFSET",
        "AS",
        "ASC",
        "DESC",
        "NULLS",
        "IN",
        "IS",
        "LIKE",
        "BETWEEN",
        "THEN",
        "ELSE",
        "END",
        "WHEN",
        "LIMIT",
        "SELECT",
        "CASE",
        "DISTINCT",
        "BY",
    ]
)
_COMPARED = {"=": "=", "<>": "<>", "!=": "<>", "^=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_BARE = frozenset({"SYSDATE", "CURRENT_DATE", "ROWNUM"})


class Token(NamedTuple):
    """A word of a query: its kind, and how it is written."""

    kind: str
    text: str
    at: int


def parse(query: str) -> Query:
    """What a query says. Raises Fault."""
    if len(query) > LENGTH_MAX:
        raise failed("The query is too long.")
    return _Parser(_tokens(query.rstrip().removesuffix(";"))).whole()


def failed(why: str) -> Fault:
    """The error for a query that cannot be run."""
    return Fault(400, "INVALID_PARAMETER", f"Invalid search query. Detailed unprocessed description follows. {why}")


def _tokens(query: str) -> list[Token]:
    tokens, at = [], 0
    while True:
        found = _TOKEN.match(query, at)
        if found is None:
            raise failed(
                f"Search error occurred: Invalid search. Unexpected character at {at}: {query[at : at + 10]!r}."
            )
        kind = found.lastgroup or "end"
        text = found.group(kind)
        tokens.append(Token(kind, text.replace("''", "'") if kind == "text" else text, found.start(kind)))
        if kind == "end":
            return tokens
        at = found.end()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Query:
        query = self._query()
        if self._next.kind != "end":
            raise self._unexpected()
        return query

    # --- words ---------------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    @property
    def _word(self) -> str:
        """The next keyword or sign, in capitals; "" for what is neither."""
        token = self._next
        return token.text.upper() if token.kind in {"word", "sign"} else ""

    def _take(self, *words: str) -> bool:
        """Whether these words come next, one after the other; they are taken then."""
        ahead = self._tokens[self._at : self._at + len(words)]
        if [one.text.upper() if one.kind in {"word", "sign"} else "" for one in ahead] != list(words):
            return False
        self._at += len(words)
        return True

    def _need(self, *words: str) -> None:
        if not self._take(*words):
            raise self._unexpected(" ".join(words))

    def _unexpected(self, wanted: str = "") -> Fault:
        token = self._next
        found = repr(token.text) if token.kind != "end" else "the end of the query"
        return failed(
            f"Search error occurred: unexpected {found} at {token.at}{f', expected {wanted}' if wanted else ''}."
        )

    def _name(self) -> str:
        token = self._next
        if token.kind == "quoted" or (token.kind == "word" and token.text.upper() not in _STOPS):
            self._at += 1
            return token.text.lower()
        raise self._unexpected("a name")

    def _count(self) -> int:
        token = self._next
        if token.kind != "number" or not token.text.isdigit() or len(token.text) > 9:
            raise self._unexpected("a number")
        self._at += 1
        return int(token.text)

    # --- queries -------------------------------------------------------------------------------------

    def _query(self) -> Query:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise failed("The query is too deep.")
        first = self._select()
        more = []
        while self._take("UNION", "ALL"):
            more.append(self._select())
        orders = self._orders() if self._take("ORDER", "BY") else ()
        skipped = 0
        if self._take("OFFSET"):
            skipped = self._count()
            _ = self._take("ROWS") or self._take("ROW")
        rows = None
        if self._take("FETCH", "FIRST") or self._take("FETCH", "NEXT"):
            rows = self._count()
            _ = self._take("ROWS") or self._take("ROW")
            self._need("ONLY")
        self._depth -= 1
        limits = [one for one in (first.first, rows) if one is not None]
        return Query(
            first.chosen, first.sources, first.where, first.groups, first.having, orders, first.distinct,
            min(limits) if limits else None, skipped, tuple(more),
        )  # fmt: skip

    def _select(self) -> Query:
        self._need("SELECT")
        top = self._count() if self._take("TOP") else None
        distinct = self._take("DISTINCT")
        _ = distinct or self._take("ALL")
        chosen = [self._chosen(1)]
        while self._take(","):
            chosen.append(self._chosen(len(chosen) + 1))
        self._need("FROM")
        sources = self._sources()
        where = self._expression() if self._take("WHERE") else None
        groups: list[Expression] = []
        if self._take("GROUP", "BY"):
            groups.append(self._expression())
            while self._take(","):
                groups.append(self._expression())
        having = self._expression() if self._take("HAVING") else None
        return Query(tuple(chosen), tuple(sources), where, tuple(groups), having, (), distinct, top)

    def _chosen(self, place: int) -> Chosen:
        if self._take("*"):
            return Chosen(Column("", "*"), "*")
        expression = self._expression()
        if self._take("AS") or (self._next.kind in {"quoted", "word"} and self._word not in _STOPS):
            return Chosen(expression, self._name())
        return Chosen(expression, expression.name if isinstance(expression, Column) else f"expr{place}")

    def _sources(self) -> list[Source]:
        sources = [self._source()]
        while True:
            if self._take(","):
                sources.append(self._source())
                continue
            outer = self._take("LEFT", "OUTER") or self._take("LEFT")
            inner = not outer and (self._take("INNER") or self._word == "JOIN")
            if not (outer or inner):
                return sources
            self._need("JOIN")
            found = self._source()
            self._need("ON")
            sources.append(Source(found.table, found.alias, outer, self._expression()))

    def _source(self) -> Source:
        table: str | Query
        if self._take("("):
            table = self._query()
            self._need(")")
        else:
            table = self._name()
        named = (
            self._take("AS") or self._next.kind == "quoted" or (self._next.kind == "word" and self._word not in _STOPS)
        )
        alias = self._name() if named else ""
        return Source(table, alias or (table if isinstance(table, str) else "query"))

    def _orders(self) -> tuple[Order, ...]:
        orders = [self._order()]
        while self._take(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        expression = self._expression()
        down = self._take("DESC")
        _ = down or self._take("ASC")
        first = True if self._take("NULLS", "FIRST") else False if self._take("NULLS", "LAST") else None
        return Order(expression, down, first)

    # --- expressions ---------------------------------------------------------------------------------

    def _expression(self) -> Expression:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise failed("The query is too deep.")
        sides = [self._all()]
        while self._take("OR"):
            sides.append(self._all())
        self._depth -= 1
        return sides[0] if len(sides) == 1 else Call("OR", tuple(sides))

    def _all(self) -> Expression:
        sides = [self._not()]
        while self._take("AND"):
            sides.append(self._not())
        return sides[0] if len(sides) == 1 else Call("AND", tuple(sides))

    def _not(self) -> Expression:
        denied = False
        while self._take("NOT"):
            denied = not denied
        test = self._test()
        return Call("NOT", (test,)) if denied else test

    def _test(self) -> Expression:
        value = self._sum()
        if self._word in _COMPARED:
            name = _COMPARED[self._word]
            self._at += 1
            return Call(name, (value, self._sum()))
        if self._take("IS", "NOT", "NULL"):
            return Call("NOT", (Call("IS NULL", (value,)),))
        if self._take("IS", "NULL"):
            return Call("IS NULL", (value,))
        denied = self._take("NOT")
        test: Expression
        if self._take("IN"):
            test = self._in(value)
        elif self._take("LIKE"):
            test = Call("LIKE", (value, self._sum()))
        elif self._take("BETWEEN"):
            low = self._sum()
            self._need("AND")
            test = Call("BETWEEN", (value, low, self._sum()))
        elif denied:
            raise self._unexpected("IN, LIKE or BETWEEN")
        else:
            return value
        return Call("NOT", (test,)) if denied else test

    def _in(self, value: Expression) -> Expression:
        self._need("(")
        if self._word == "SELECT":
            query = self._query()
            self._need(")")
            return Among(value, query)
        values = [value, self._expression()]
        while self._take(","):
            values.append(self._expression())
        self._need(")")
        return Call("IN", tuple(values))

    def _sum(self) -> Expression:
        value = self._product()
        while self._word in {"+", "-", "||"}:
            name = self._word
            self._at += 1
            value = Call(name, (value, self._product()))
        return value

    def _product(self) -> Expression:
        value = self._single()
        while self._word in {"*", "/"}:
            name = self._word
            self._at += 1
            value = Call(name, (value, self._single()))
        return value

    def _single(self) -> Expression:
        token = self._next
        if token.kind in {"text", "number"}:
            self._at += 1
            return Literal(token.text if token.kind == "text" else Decimal(token.text))
        if self._take("-"):
            self._depth += 1
            if self._depth > DEPTH_MAX:
                raise failed("The query is too deep.")
            value = self._single()
            self._depth -= 1
            return Call("-", (Literal(Decimal(0)), value))
        if self._take("("):
            value = self._expression()
            self._need(")")
            return value
        if self._take("NULL"):
            return Literal(None)
        if self._take("CASE"):
            return self._case()
        return self._named()

    def _case(self) -> Expression:
        subject = None if self._word == "WHEN" else self._expression()
        parts: list[Expression] = []
        while self._take("WHEN"):
            test = self._expression()
            self._need("THEN")
            parts += [test if subject is None else Call("=", (subject, test)), self._expression()]
        if not parts:
            raise self._unexpected("WHEN")
        parts.append(self._expression() if self._take("ELSE") else Literal(None))
        self._need("END")
        return Call("CASE", tuple(parts))

    def _named(self) -> Expression:
        name = self._name()
        if self._take("."):
            if self._take("*"):
                return Column(name, "*")
            inner = self._name()
            if not self._take("("):
                return Column(name, inner)
            return self._call(f"{name}.{inner}".upper())
        if self._take("("):
            return self._call(name.upper())
        return Call(name.upper(), ()) if name.upper() in _BARE else Column("", name)

    def _call(self, name: str) -> Expression:
        if self._take("*"):
            self._need(")")
            return Call(name, (Column("", "*"),))
        distinct = self._take("DISTINCT")
        arguments: list[Expression] = []
        if not self._take(")"):
            arguments.append(self._expression())
            while self._take(","):
                arguments.append(self._expression())
            self._need(")")
        return Call(name, tuple(arguments), distinct)
