"""Queries over HTTP, a page at a time."""

from typing import Any

from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.ids import record_id
from fakes.faces.salesforce.requests import Request, org_of, version_of
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.soql.parsing import parse
from fakes.faces.salesforce.soql.running import run
from sim.http import HttpResponse

routes = Routes()

PAGE = 2_000
SMALLEST_PAGE = 200
QUERY_MAX = 100_000
"""Characters that a query may have."""

CURSORS = 50
"""Results that are kept for who has not read all of them, the oldest given up for a new one."""


class Cursors:
    """Results of which not all has been read."""

    def __init__(self) -> None:
        self._count = 0
        self._kept: dict[str, tuple[list[dict[str, Any]], int]] = {}

    def keep(self, rows: list[dict[str, Any]], size: int) -> str:
        """The locator of a result, to be read in pages of this size."""
        self._count += 1
        locator = record_id("01g", self._count)
        self._kept[locator] = (rows, size)
        if len(self._kept) > CURSORS:
            self._kept.pop(next(iter(self._kept)))
        return locator

    def page(self, locator: str) -> tuple[list[dict[str, Any]], int, int, str]:
        """A result, where the page of a locator begins and ends, and the result's own locator. Raises Fault."""
        cursor, _, start = locator.rpartition("-")
        if cursor not in self._kept or not (start.isascii() and start.isdigit()):
            raise Fault("INVALID_QUERY_LOCATOR", "invalid query locator")
        rows, size = self._kept[cursor]
        return rows, int(start), int(start) + size, cursor


@routes.get("/services/data/{version}/query")
async def query(request: Request) -> HttpResponse:
    """The first page of a query's result."""
    return _first(request, with_deleted=False)


@routes.get("/services/data/{version}/queryAll")
async def query_all(request: Request) -> HttpResponse:
    """The first page of a query's result, deleted records among it."""
    return _first(request, with_deleted=True)


@routes.get("/services/data/{version}/query/{locator}")
@routes.get("/services/data/{version}/queryAll/{locator}")
async def more(request: Request, locator: str) -> HttpResponse:
    """A further page."""
    version = version_of(request)
    rows, start, end, cursor = request.app.state.cursors.page(locator)
    if start >= len(rows):
        raise Fault("INVALID_QUERY_LOCATOR", "invalid query locator")
    return answer(_page(rows, start, end, f"/services/data/{version}/query/{cursor}"))


def _first(request: Request, *, with_deleted: bool) -> HttpResponse:
    version, org = version_of(request), org_of(request)
    text = request.query_params.get("q")
    if not text or len(text) > QUERY_MAX:
        message = (
            "A query must be specified" if not text else "SOQL statements cannot be longer than 100,000 characters."
        )
        raise Fault("MALFORMED_QUERY", message)
    found = run(org, parse(text), version, with_deleted=with_deleted)
    size = _size(request.headers.get("sforce-query-options", ""))
    if len(found.rows) <= size:
        return answer({"totalSize": found.total, "done": True, "records": found.rows})
    cursor = request.app.state.cursors.keep(found.rows, size)
    return answer(_page(found.rows, 0, size, f"/services/data/{version}/query/{cursor}"))


def _page(rows: list[dict[str, Any]], start: int, end: int, url: str) -> dict[str, Any]:
    page = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
    return page if end >= len(rows) else {**page, "nextRecordsUrl": f"{url}-{end}"}


def _size(options: str) -> int:
    for option in options.split(","):
        name, _, value = option.strip().partition("=")
        if name.strip().lower() == "batchsize" and value.strip().isdigit():
            return min(max(int(value.strip()[:9]), SMALLEST_PAGE), PAGE)
    return PAGE
