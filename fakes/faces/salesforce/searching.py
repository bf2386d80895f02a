"""Searching: `FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name WHERE … LIMIT 5), Contact`."""

import re
from typing import Any

from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import TEXTS, SObject
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, org_of, version_of
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.soql.parsing import parse
from fakes.faces.salesforce.soql.running import run
from fakes.object_types import Record
from sim.http import HttpResponse

routes = Routes()

_FIND = re.compile(
    r"\s*FIND\s*\{(?P<term>(?:[^{}\\]|\\.)+)\}(?:\s+IN\s+(?P<where>ALL|NAME|EMAIL|PHONE)\s+FIELDS)?"
    r"(?:\s+RETURNING\s+(?P<returning>.+?))?(?:\s+LIMIT\s+(?P<limit>\d{1,6}))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT = re.compile(r"\s*(\w+)\s*(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?\s*(?:,|$)")
_CLAUSE = re.compile(r"\s+(?=(?:WHERE|ORDER\s+BY|LIMIT|OFFSET)\b)", re.IGNORECASE)

FOUND_MAX = 2_000
TEXT_MAX = 20_000


@routes.get("/services/data/{version}/search")
async def search(request: Request) -> HttpResponse:
    """The records that a term is found in, object by object."""
    version, org = version_of(request), org_of(request)
    text = request.query_params.get("q", "")
    found = _FIND.fullmatch(text) if len(text) < TEXT_MAX else None
    if found is None or len(found["term"].strip("*")) < 2:
        raise Fault("MALFORMED_SEARCH", "A search is FIND {term} IN … FIELDS RETURNING …, of two letters at least")
    wanted = _returning(org, found["returning"])
    limit = min(int(found["limit"] or FOUND_MAX), FOUND_MAX)
    kinds = {"NAME": {"Name"}, "EMAIL": {"email"}, "PHONE": {"phone"}}.get((found["where"] or "ALL").upper())
    matches = _matcher(re.sub(r"\\(.)", r"\1", found["term"]))
    rows: list[dict[str, Any]] = []
    for sobject, fields in wanted:
        rows += _found(org, sobject, fields, version, kinds, matches)
    return answer({"searchRecords": rows[:limit]})


def _returning(org: Org, text: str | None) -> list[tuple[SObject, str]]:
    """The objects that are asked for, each with what of it; without any, all."""
    if not text:
        return [(one, "Id") for one in org.objects.values() if one.name not in {"User", "Organization"}]
    wanted, at = [], 0
    while at < len(text):
        one = _OBJECT.match(text, at)
        if one is None or one[1].lower() not in org.objects:
            raise Fault(
                "INVALID_TYPE" if one else "MALFORMED_SEARCH", f"what is asked for is not understood: {text[at:][:80]}"
            )
        wanted.append((org.sobject(one[1]), one[2] or "Id"))
        at = one.end()
    return wanted


def _found(
    org: Org, sobject: SObject, fields: str, version: str, kinds: set[str] | None, matches: Any
) -> list[dict[str, Any]]:
    searched = [
        field
        for field in sobject.fields
        if field.type in TEXTS and (kinds is None or field.type in kinds or field.name in kinds)
    ]

    def has_term(record: Record) -> bool:
        return any(matches(value) for field in searched if isinstance(value := org.value(record, field), str))

    ids = [one.id for one in org.view.of_type(sobject.name) if not one.deleted and has_term(one)][:FOUND_MAX]
    if not ids:
        return []
    names, *clauses = _CLAUSE.split(fields, maxsplit=1)
    rest = clauses[0] if clauses else ""
    among = "Id IN ('" + "','".join(ids) + "')"
    condition = re.match(r"WHERE\s+(.*?)(?=\s+(?:ORDER\s+BY|LIMIT|OFFSET)\b|$)", rest, re.IGNORECASE | re.DOTALL)
    where = f"({condition[1]}) AND {among}" if condition else among
    tail = rest[condition.end() :] if condition else rest
    return run(org, parse(f"SELECT {names} FROM {sobject.name} WHERE {where} {tail}"), version).rows


def _matcher(term: str) -> Any:
    """Whether a text has a word that begins with each of a term's: `*` stands for anything."""
    words = term.strip('"').split()
    patterns = [re.compile(rf"\b{re.escape(word).replace(re.escape('*'), '.*')}", re.IGNORECASE) for word in words]
    return lambda text: all(pattern.search(text) for pattern in patterns)
