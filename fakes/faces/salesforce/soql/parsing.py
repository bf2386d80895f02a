"""Reading a query, by recursive descent."""

from decimal import Decimal
from functools import lru_cache

from fakes.faces.salesforce.soql.tokens import Token, malformed, tokens_of, unquoted
from fakes.faces.salesforce.soql.tree import (
    AllFields,
    Call,
    Children,
    Comparison,
    Condition,
    Item,
    Junction,
    Literal,
    Membership,
    Negation,
    Operand,
    Order,
    Path,
    Query,
)

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "MIN", "MAX", "AVG"})
_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"})
_CLAUSES = frozenset(
    {"WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "USING", "AND", "OR", "FROM"}
)
DEEPEST = 40
"""How deep conditions may be nested: no reader of queries may be led into a hole."""


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """What a query says. Raises Fault, MALFORMED_QUERY, where it says nothing that could be understood."""
    reader = _Reader(text)
    query = reader.query()
    reader.expect_end()
    return query


class _Reader:
    """Where in a query its reader is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._place = 0
        self._depth = 0

    # --- clauses -------------------------------------------------------------------------------------

    def query(self) -> Query:
        self._expect("SELECT")
        items = [self._item()]
        while self._take(","):
            items.append(self._item())
        self._expect("FROM")
        source = self._name()
        alias = ""
        if self._now.kind == "word" and self._now.word not in _CLAUSES:
            self._take("AS")
            alias = self._name().text
        if self._take("USING"):
            self._expect("SCOPE")
            self._name()
        where = self._condition() if self._take("WHERE") else None
        if self._take("WITH"):
            self._one_of("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")
        group_by: list[Operand] = []
        if self._take("GROUP"):
            self._expect("BY")
            group_by = [self._operand()]
            while self._take(","):
                group_by.append(self._operand())
        having = self._condition() if self._take("HAVING") else None
        order_by: list[Order] = []
        if self._take("ORDER"):
            self._expect("BY")
            order_by = [self._order()]
            while self._take(","):
                order_by.append(self._order())
        limit = self._count() if self._take("LIMIT") else None
        offset = self._count() if self._take("OFFSET") else 0
        all_rows = self._take("ALL")
        if all_rows:
            self._expect("ROWS")
        if self._take("FOR"):
            self._one_of("VIEW", "REFERENCE", "UPDATE")
        return Query(
            text=self._text, items=tuple(items), source=source.text, source_at=source.at, alias=alias, where=where,
            group_by=tuple(group_by), having=having, order_by=tuple(order_by), limit=limit, offset=offset,
            all_rows=all_rows,
        )  # fmt: skip

    def expect_end(self) -> None:
        if self._now.kind != "end":
            raise self._unexpected()

    def _item(self) -> Item:
        if self._now.text == "(":
            self._deeper()
            self._next()
            query = self.query()
            self._expect(")")
            self._depth -= 1
            return Children(query)
        operand = self._operand()
        if isinstance(operand, Call):
            if operand.function == "FIELDS":
                assert operand.path is not None
                return AllFields(operand.path.written.upper())
            alias = ""
            if self._now.kind == "word" and self._now.word not in _CLAUSES:
                alias = self._name().text
            return Call(operand.function, operand.path, alias, operand.at)
        if self._now.kind == "word" and self._now.word not in _CLAUSES:
            return Call("", operand, self._name().text, operand.at)
        return operand

    def _operand(self) -> Operand:
        name = self._name()
        if self._now.text != "(":
            return Path(tuple(name.text.split(".")), name.at)
        self._next()
        path = None
        if self._now.text != ")":
            within = self._operand()
            path = within if isinstance(within, Path) else within.path
        self._expect(")")
        if path is None and name.word != "COUNT":
            raise self._unexpected()
        return Call(name.word, path, "", name.at)

    def _order(self) -> Order:
        operand = self._operand()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        nulls_last = False
        if self._take("NULLS"):
            nulls_last = self._take("LAST")
            if not nulls_last:
                self._expect("FIRST")
        return Order(operand, descending, nulls_last)

    def _count(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise malformed(self._text, token.at, f"unexpected token: '{token.text}'")
        return int(token.text[:18])

    # --- conditions ----------------------------------------------------------------------------------

    def _condition(self) -> Condition:
        first = self._negation()
        word = self._now.word
        if word not in {"AND", "OR"}:
            return first
        conditions = [first]
        while self._take(word):
            conditions.append(self._negation())
        if self._now.word in {"AND", "OR"}:
            raise self._unexpected()
        return Junction(word, tuple(conditions))

    def _negation(self) -> Condition:
        if self._take("NOT"):
            self._deeper()
            condition = Negation(self._negation())
            self._depth -= 1
            return condition
        if self._now.text == "(":
            self._deeper()
            self._next()
            within = self._condition()
            self._expect(")")
            self._depth -= 1
            return within
        operand = self._operand()
        if self._take("NOT"):
            self._expect("IN")
            return self._membership(operand, negated=True)
        if self._take("IN"):
            return self._membership(operand, negated=False)
        operator = self._next()
        if operator.word not in _COMPARISONS:
            raise malformed(self._text, operator.at, f"unexpected token: '{operator.text}'")
        return Comparison(operand, {"<>": "!="}.get(operator.word, operator.word), self._literal())

    def _membership(self, operand: Operand, *, negated: bool) -> Membership:
        self._expect("(")
        if self._now.word == "SELECT":
            self._deeper()
            query = self.query()
            self._expect(")")
            self._depth -= 1
            return Membership(operand, query, negated)
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")")
        return Membership(operand, tuple(values), negated)

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind == "string":
            return Literal("string", unquoted(token.text))
        if token.kind == "number":
            return Literal("number", Decimal(token.text))
        if token.kind in {"date", "datetime"}:
            return Literal(token.kind, token.text)
        if token.word in {"TRUE", "FALSE"}:
            return Literal("boolean", token.word == "TRUE")
        if token.word == "NULL":
            return Literal("null")
        if token.kind == "word" and "." not in token.text:
            return Literal("range", token.word, self._count() if self._take(":") else 0)
        raise malformed(self._text, token.at, f"unexpected token: '{token.text}'")

    # --- tokens --------------------------------------------------------------------------------------

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._now
        if token.kind == "end":
            raise self._unexpected()
        self._place += 1
        return token

    def _name(self) -> Token:
        if self._now.kind != "word":
            raise self._unexpected()
        return self._next()

    def _take(self, word: str) -> bool:
        if self._now.word != word:
            return False
        self._place += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected()

    def _one_of(self, *words: str) -> None:
        if not any(self._take(word) for word in words):
            raise self._unexpected()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise malformed(self._text, self._now.at, "query is too complicated")

    def _unexpected(self) -> Exception:
        return malformed(self._text, self._now.at, f"unexpected token: '{self._now.text}'")
