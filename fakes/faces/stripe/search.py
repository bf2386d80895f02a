"""Stripe's search language: `email:"a@b.c" AND metadata["order"]:"7"`, over an index that lags.

>>> clauses('name~"acme" AND -status:"canceled"')
([Clause(field='name', operator='~', value='acme', negated=False), Clause(field='status', operator=':', \
value='canceled', negated=True)], True)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fakes.faces.stripe.account import Object
from fakes.faces.stripe.asked import Asked
from fakes.faces.stripe.errors import invalid

LIMIT = 10

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "customers": ("created", "email", "metadata", "name", "phone"),
    "invoices": ("created", "currency", "customer", "last_finalization_error_code", "last_finalization_error_type",
                 "metadata", "number", "receipt_number", "status", "subscription", "total"),
    "prices": ("active", "currency", "lookup_key", "metadata", "product", "type"),
    "products": ("active", "description", "metadata", "name", "shippable", "url"),
    "subscriptions": ("canceled_at", "created", "metadata", "status"),
}  # fmt: skip
"""What can be searched for, by the resource that a path names."""

_CLAUSE = re.compile(
    r"""\s*(?P<negated>-)?(?P<field>[a-zA-Z_.]+)(?:\[(?P<quote>["'])(?P<key>[^"']*)(?P=quote)\])?\s*"""
    r"""(?P<operator>:|~|>=|<=|>|<)\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>-?[\w.]+))\s*""",
)
_JOINT = re.compile(r"(AND|OR)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. A field of the metadata is named `metadata.key`; `value` None is that it has none."""

    field: str
    operator: str
    value: str | None
    negated: bool

    def holds(self, one: Object) -> bool:
        """Whether it is true of an object."""
        found: Any = one
        if self.field.startswith("metadata."):
            found = one.get("metadata", {}).get(self.field[9:])
        else:
            for name in self.field.split("."):
                found = found.get(name) if isinstance(found, dict) else None
        return self._compares(found) != self.negated

    def _compares(self, found: Any) -> bool:
        if self.value is None:
            return found is None
        if found is None:
            return False
        if self.operator == ":":
            told = str(found).lower() if isinstance(found, bool) else str(found)
            return told.lower() == self.value.lower()
        if self.operator == "~":
            return self.value.lower() in str(found).lower()
        try:
            left, right = float(found), float(self.value)
        except ValueError:
            return False
        return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[self.operator]


def clauses(query: str) -> tuple[list[Clause], bool]:
    """The conditions of a query, and whether all must hold (else one). Raises StripeError for what is no query."""
    found, joints, at = [], set[str](), 0
    while True:
        match = _CLAUSE.match(query, at)
        if match is None:
            raise invalid(f"We were unable to parse your search query: {query!r} at {at}.", "query")
        at = match.end()
        text = match["double"] if match["double"] is not None else match["single"]
        value = re.sub(r"\\(.)", r"\1", text) if text is not None else match["bare"]
        name = (
            f"metadata.{match['key']}" if match["field"] == "metadata" and match["key"] is not None else match["field"]
        )
        found.append(
            Clause(name, match["operator"], None if text is None and value == "null" else value, bool(match["negated"]))
        )
        if at == len(query):
            break
        joint = _JOINT.match(query, at)
        if joint is None:
            raise invalid(f"We were unable to parse your search query: {query!r} at {at}.", "query")
        joints.add(joint[0].upper())
        at = joint.end()
    if len(joints) > 1:
        raise invalid("You cannot use both AND and OR in the same query.", "query")
    return found, joints != {"OR"}


def matching(asked: Asked) -> Callable[[Object], bool]:
    """Tells whether an object is one that a search asks for. Raises StripeError for a query that is none."""
    wanted, every = clauses(asked.given["query"])
    resource = asked.path.split("/")[2]
    for clause in wanted:
        if clause.field.partition(".")[0] not in _FIELDS[resource]:
            raise invalid(f"Field `{clause.field}` is an unsupported search field for resource `{resource}`.", "query")
    both = all if every else any
    return lambda one: both(clause.holds(one) for clause in wanted)


def exact(query: str) -> dict[str, str]:
    """The values of fields that all that a query asks for must have."""
    wanted, every = clauses(query)
    return {
        clause.field: clause.value
        for clause in (wanted if every else ())
        if clause.operator == ":" and not clause.negated and clause.value
    }


def indexed(asked: Asked) -> tuple[str, str] | None:
    """The field and value, of what a search asks for, that the account has an index of; None if there is no such."""
    found = exact(asked.given["query"]).items()
    return next((one for one in found if one[0] == "email" or one[0].startswith("metadata.")), None)


def search_page(asked: Asked, found: list[Object]) -> Object:
    """A page of what was found, newest first."""
    limit: int = asked.get("limit", LIMIT)
    token = asked.get("page")
    if token is not None and not token.isdigit():
        raise invalid("Invalid page token.", "page")
    start = int(token or 0)
    more = len(found) > start + limit
    return {
        "object": "search_result", "data": found[start : start + limit], "has_more": more,
        "next_page": str(start + limit) if more else None, "url": asked.path, "total_count": len(found),
    }  # fmt: skip
