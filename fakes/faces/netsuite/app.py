"""NetSuite's paths, and what is done at each."""

import re
from collections.abc import Sequence

from fakes.faces.answering import Receive, Send, body_of, say
from fakes.faces.calling import Message
from fakes.faces.netsuite.access import Access
from fakes.faces.netsuite.asked import BODY_MAX, COLLECTION, Asked, Does, declined, done, told
from fakes.faces.netsuite.errors import Fault, invalid, nonexistent, of_refusal
from fakes.faces.netsuite.fields import Reference
from fakes.faces.netsuite.kept import AllItems
from fakes.faces.netsuite.listing import page_of, paged, picked
from fakes.faces.netsuite.metadata import catalogue, openapi, schema
from fakes.faces.netsuite.office import Office, Records
from fakes.faces.netsuite.suiteql.parsing import failed, parse
from fakes.faces.netsuite.suiteql.running import Runner
from fakes.faces.netsuite.suiteql.tables import Tables
from fakes.faces.netsuite.suiteql.values import written
from fakes.faces.netsuite.transforms import transformed
from fakes.faces.netsuite.writing import RECORD, Writer, document_of, read
from fakes.faces.paths import Nowhere, PathTree
from fakes.service import Refused
from sim.http import HttpResponse

QUERY = "/services/rest/query/v1/suiteql"
TOKEN = "/services/rest/auth/oauth2/v1/token"
TOKEN_INFO = "/rest/tokeninfo"


class Paths:
    """What is done at each path."""

    def __init__(self, office: Office, items: AllItems, tables: Tables, access: Access, account: str) -> None:
        self._office = office
        self._items = items
        self._tables = tables
        self._access = access
        self._account = account
        self._tree: PathTree[tuple[Does, list[str]]] = PathTree()
        one = f"{RECORD}/{{type}}/{{id}}"
        for method, path, does in (
            ("POST", TOKEN, self.token),
            ("GET", TOKEN_INFO, self.token_info),
            ("POST", QUERY, self.query),
            ("GET", f"{RECORD}/metadata-catalog", self.catalogue),
            ("GET", f"{RECORD}/metadata-catalog/{{type}}", self.schema),
            ("GET", f"{RECORD}/{{type}}", self.listed),
            ("POST", f"{RECORD}/{{type}}", self.created),
            ("GET", one, self.shown),
            ("PATCH", one, self.changed),
            ("PUT", one, self.upserted),
            ("DELETE", one, self.deleted),
            ("POST", f"{one}/!transform/{{target}}", self.transformed),
            ("GET", f"{one}/{{sublist}}", self.sublist),
            ("GET", f"{one}/{{sublist}}/{{line}}", self.line),
        ):
            self._tree.add(method, path, (does, re.findall(r"{(\w+)}", path)))

    async def answer(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, in NetSuite's shape whatever is wrong with it."""
        try:
            told = await self._answer(scope, receive)
        except Refused as refused:
            told = declined(of_refusal(refused))
        except Fault as fault:
            told = declined(fault)
        await say(send, told)

    async def _answer(self, scope: Message, receive: Receive) -> HttpResponse:
        does, path = self._found(scope["method"], scope["path"])
        body = await body_of(receive, BODY_MAX)
        if len(body) > BODY_MAX:
            raise Fault(413, "REQUEST_TOO_LARGE", f"The body must not be longer than {BODY_MAX} bytes.")
        asked = Asked(scope, path, body)
        if does != self.token:
            self._access.admit(asked.method, asked.url, asked.headers, asked.body)
        return does(asked)

    def _found(self, method: str, path: str) -> tuple[Does, dict[str, str]]:
        """What is done at a path, and what the path names. Raises Fault: 404, 405."""
        try:
            (does, names), values = self._tree.find("GET" if method == "HEAD" else method, path)
        except Nowhere as nowhere:
            if nowhere.methods:
                said = f"The method {method} is not allowed for this resource."
                raise Fault(405, "METHOD_NOT_ALLOWED", said) from None
            raise Fault(404, "INVALID_REQUEST", "The requested resource was not found.") from None
        return does, dict(zip(names, values, strict=True))

    # --- records -------------------------------------------------------------------------------------

    def listed(self, asked: Asked) -> HttpResponse:
        """GET of a type: a page of its records."""
        records = self._records(asked)
        limit, offset = page_of(asked.query)
        ids = picked(records, asked.query.get("q", ""))
        page = ids[offset : offset + limit]
        writer = Writer(self._office, asked.base)
        path = f"{RECORD}/{records.type.name}"
        items = [{"links": writer.links(f"{path}/{id_}"), "id": str(id_)} for id_ in page]
        return told(_collection(items, f"{asked.base}{path}?", limit, offset, len(ids)), COLLECTION)

    def created(self, asked: Asked) -> HttpResponse:
        """POST to a type: a new record."""
        records = self._records(asked)
        id_ = records.create(read(records.type, document_of(asked.body), strict=asked.strict))
        return self._at(asked, records, id_)

    def shown(self, asked: Asked) -> HttpResponse:
        """GET of a record."""
        records, id_ = self._one(asked)
        only, expand = asked.words("fields"), asked.flag("expandSubResources")
        writer = Writer(self._office, asked.base)
        return told(writer.record(records.type, id_, records.show(id_), expand=expand, only=only))

    def changed(self, asked: Asked) -> HttpResponse:
        """PATCH of a record."""
        records, id_ = self._one(asked)
        body = read(records.type, document_of(asked.body), strict=asked.strict)
        records.update(id_, body, asked.words("replace"))
        return self._at(asked, records, id_)

    def upserted(self, asked: Asked) -> HttpResponse:
        """PUT of an external id: a new record, or one changed; its sublists are what is sent."""
        records, named = self._records(asked), asked.path["id"]
        if not named.startswith("eid:") or named == "eid:":
            raise invalid("A record is upserted by its external id: eid:<externalId>.")
        body = read(records.type, document_of(asked.body), strict=asked.strict)
        body["externalId"] = named[4:]
        known = records.find(Reference(external_id=named[4:]))
        if known is None:
            return self._at(asked, records, records.create(body))
        records.update(known, body, frozenset(records.type.sublists))
        return self._at(asked, records, known)

    def deleted(self, asked: Asked) -> HttpResponse:
        """DELETE of a record."""
        records, id_ = self._one(asked)
        records.delete(id_)
        return done()

    def transformed(self, asked: Asked) -> HttpResponse:
        """POST to a transform: a transaction made of another."""
        records, id_ = self._one(asked)
        target = self._office.of_type(asked.path["target"])
        said = document_of(asked.body) if asked.body.strip() else {}
        body = read(target.type, said, strict=asked.strict)
        made = transformed(self._office, records.type.name, id_, target.type.name, body)
        return self._at(asked, target, made)

    def sublist(self, asked: Asked) -> HttpResponse:
        """GET of a record's sublist."""
        records, id_ = self._one(asked)
        name = asked.path["sublist"]
        if name not in records.type.sublists:
            raise nonexistent(name)
        rows = records.show(id_).get(name, [])
        return told(Writer(self._office, asked.base).sublist(records.type, id_, name, rows), COLLECTION)

    def line(self, asked: Asked) -> HttpResponse:
        """GET of one line of a sublist."""
        records, id_ = self._one(asked)
        name, number = asked.path["sublist"], asked.path["line"]
        rows = records.show(id_).get(name, []) if name in records.type.sublists else []
        for row in rows:
            if str(row.get("line")) == number:
                return told(Writer(self._office, asked.base).line(records.type, id_, name, row))
        raise nonexistent(name)

    def _records(self, asked: Asked) -> Records:
        self._items.follow()
        return self._office.of_type(asked.path["type"])

    def _one(self, asked: Asked) -> tuple[Records, int]:
        """The record that a path leads to. Raises Fault: 404."""
        records, named = self._records(asked), asked.path["id"]
        if named.startswith("eid:"):
            found = records.find(Reference(external_id=named[4:]))
        else:
            is_number = named.isascii() and named.isdigit() and len(named) < 18
            found = int(named) if is_number and records.has(int(named)) else None
        if found is None:
            raise nonexistent(records.type.name)
        return records, found

    def _at(self, asked: Asked, records: Records, id_: int) -> HttpResponse:
        """An answer that says where the record is; with the record, if the client prefers that."""
        location = f"{asked.base}{RECORD}/{records.type.name}/{id_}"
        return done(location)

    # --- queries, metadata, tokens -------------------------------------------------------------------

    def query(self, asked: Asked) -> HttpResponse:
        """POST of a query in SuiteQL."""
        if "transient" not in [one.strip().lower() for one in asked.headers.get("prefer", "").split(",")]:
            raise Fault(
                400, "INVALID_HEADER", "The required request header 'Prefer' is missing or its value is invalid: it "
                "must be 'transient'.",
            )  # fmt: skip
        said = document_of(asked.body).get("q")
        if not isinstance(said, str) or not said.strip():
            raise invalid("The property 'q' with the query is required.", "q")
        limit, offset = page_of(asked.query)
        self._items.follow()
        today = self._office.door.calendar.local(self._office.door.now_us).replace(tzinfo=None, microsecond=0)
        try:
            answer = Runner(self._tables, today).run(parse(said))
        except ArithmeticError as error:
            raise failed("Search error occurred: numeric overflow.") from error
        items = [
            {"links": [], **{name: text for name, value in row.items() if (text := written(value)) is not None}}
            for row in answer[offset : offset + limit]
        ]
        return told(_collection(items, f"{asked.base}{QUERY}?", limit, offset, len(answer)), COLLECTION)

    def catalogue(self, asked: Asked) -> HttpResponse:
        """GET of all types of record, or of the OpenAPI document of those that are chosen."""
        wanted = [self._office.of_type(name).type for name in sorted(asked.words("select"))]
        types = wanted or [one.type for one in self._office.records.values() if one is not self._items]
        if "application/swagger+json" in asked.headers.get("accept", ""):
            return told(openapi(types, asked.base), "application/swagger+json")
        return told(catalogue(types, f"{asked.base}{RECORD}/metadata-catalog"))

    def schema(self, asked: Asked) -> HttpResponse:
        """GET of one type of record."""
        type_ = self._office.of_type(asked.path["type"]).type
        if "application/swagger+json" in asked.headers.get("accept", ""):
            return told(openapi([type_], asked.base), "application/swagger+json")
        return told(schema(type_), "application/schema+json")

    def token(self, asked: Asked) -> HttpResponse:
        """POST for a bearer token."""
        return told(self._access.token(asked.headers, asked.body), "application/json")

    def token_info(self, asked: Asked) -> HttpResponse:
        """GET of what the client's token is."""
        return told(
            {
                "companyName": "Tieout", "companyId": self._account, "roleName": "Integration", "roleId": 3,
                "userId": 1, "userName": "Integration User",
            },
            "application/json",
        )  # fmt: skip


def _collection(items: Sequence[object], path: str, limit: int, offset: int, total: int) -> dict[str, object]:
    return {
        "links": paged(path, limit, offset, total), "count": len(items), "hasMore": offset + limit < total,
        "items": items, "offset": offset, "totalResults": total,
    }  # fmt: skip
