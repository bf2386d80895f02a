"""Up to 200 records in one call, each with a result of its own; or all of them or none."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.ids import normal
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.records import allows_duplicates, shown_record
from fakes.faces.salesforce.requests import Request, object_of, org_of, switch, version_of
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.writing import deletion, fault_of, insertion, update, upsertion
from fakes.object_types import MarkObjects, Outcome, ReleaseObjects, Write
from sim.http import HttpResponse

routes = Routes()
PATH = "/services/data/{version}/composite/sobjects"

RECORDS_MAX = 200
ROLLED_BACK = Fault(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)

Prepare = Callable[[], Write]
"""Makes the write of one record. Raises Fault."""


@routes.post(PATH)
async def create(request: Request) -> HttpResponse:
    """New records, of whatever objects."""
    org = org_of(request)
    body = await object_of(request)
    allowed = allows_duplicates(request)
    records = _records(body)
    prepares = [lambda one=one: insertion(org, _typed(org, one), one, allow_duplicates=allowed) for one in records]
    return answer(results(org, prepares, all_or_none=switch(body.get("allOrNone"))))


@routes.patch(PATH)
async def change(request: Request) -> HttpResponse:
    """Records, changed: each bears its id."""
    org = org_of(request)
    body = await object_of(request)
    prepares = [lambda one=one: _update(org, one) for one in _records(body)]
    return answer(results(org, prepares, all_or_none=switch(body.get("allOrNone"))))


@routes.delete(PATH)
async def delete(request: Request) -> HttpResponse:
    """Records, deleted, of whatever objects."""
    org = org_of(request)
    ids = [one for one in request.query_params.get("ids", "").split(",") if one]
    _few(ids)
    prepares = [lambda one=one: deletion(_of_id(org, one), one) for one in ids]
    return answer(results(org, prepares, all_or_none=switch(request.query_params.get("allOrNone"))))


@routes.patch(PATH + "/{name}/{field}")
async def upsert(request: Request, name: str, field: str) -> HttpResponse:
    """Records of one object, changed if their external ids lead to any, or else new."""
    org = org_of(request)
    sobject = org.sobject(name)
    body = await object_of(request)
    prepares = upserts(org, sobject, field, _records(body))
    return answer(results(org, prepares, all_or_none=switch(body.get("allOrNone")), tell_created=True))


@routes.get(PATH + "/{name}")
async def read(request: Request, name: str) -> HttpResponse:
    """Records of one object by their ids; null for each that there is not."""
    ids, fields = (request.query_params.get(one, "") for one in ("ids", "fields"))
    return _read(request, name, ids.split(","), fields)


@routes.post(PATH + "/{name}")
async def read_many(request: Request, name: str) -> HttpResponse:
    """The same for more ids than a URL can have."""
    body = await object_of(request)
    ids, fields = body.get("ids"), body.get("fields")
    if not (
        isinstance(ids, list) and isinstance(fields, list) and all(isinstance(one, str) for one in [*ids, *fields])
    ):
        raise Fault("JSON_PARSER_ERROR", "ids and fields must be lists of text")
    return _read(request, name, ids, ",".join(fields))


def results(
    org: Org, prepares: Iterable[Prepare], *, all_or_none: bool, tell_created: bool = False
) -> list[dict[str, Any]]:
    """Write records one after the other: a result for each."""
    written: list[dict[str, Any]] = []
    with transaction(org, all_or_none) as undo:
        for prepare in prepares:
            written.append(result(org, prepare, tell_created=tell_created))
        if all_or_none and not all(one["success"] for one in written):
            undo()
            rolled_back = {"success": False, "errors": [ROLLED_BACK.of_row]}
            written = [rolled_back if one["success"] else one for one in written]
    return written


def result(org: Org, prepare: Prepare, *, tell_created: bool = False) -> dict[str, Any]:
    """Write one record: its id, or what is wrong with it."""
    outcome, fault = attempt(org, prepare)
    if fault is not None:
        return {"success": False, "errors": [fault.of_row]}
    created = {"created": outcome.created} if tell_created else {}
    return {"id": outcome.id, "success": True, "errors": [], **created}


def attempt(org: Org, prepare: Prepare) -> tuple[Outcome, Fault | None]:
    """Write one record: what became of it, and what is wrong with it."""
    id_ = ""
    try:
        write = prepare()
        id_ = write.id
        (outcome,) = org.write([write])
        if outcome.problem is not None:
            raise fault_of(org, write, outcome)
    except Fault as fault:
        return Outcome(id_), fault
    return outcome, None


@contextmanager
def transaction(org: Org, whole: bool = True) -> Iterator[Callable[[], None]]:
    """What is written within can be undone, by calling what this gives; an error undoes it, too."""
    if not whole:
        yield lambda: None
        return
    mark, unwind = org.door.ask(MarkObjects()), True

    def undo() -> None:
        nonlocal unwind
        unwind = True

    try:
        unwind = False
        yield undo
    except BaseException:
        unwind = True
        raise
    finally:
        org.door.ask(ReleaseObjects(mark, unwind))


def upserts(org: Org, sobject: SObject, field: str, records: Sequence[Mapping[str, Any]]) -> list[Prepare]:
    """The writes of records that bear their external ids. Of those that bear the same one, all are refused."""
    names = [next((name for name in record if name.lower() == field.lower()), "") for record in records]
    keys = [record.get(name) for name, record in zip(names, records, strict=True)]
    times = Counter(str(key).casefold() for key in keys if key is not None)

    def prepare(record: Mapping[str, Any], name: str, key: Any) -> Write:
        if times[str(key).casefold()] > 1:
            raise Fault("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", [field])
        return upsertion(org, sobject, field, key, {one: record[one] for one in record if one != name})

    return [partial(prepare, *one) for one in zip(records, names, keys, strict=True)]


def _update(org: Org, record: Mapping[str, Any]) -> Write:
    id_ = next((value for name, value in record.items() if name.lower() == "id"), None)
    if not isinstance(id_, str):
        raise Fault("MISSING_ARGUMENT", "Id not specified in an update call")
    rest = {name: value for name, value in record.items() if name.lower() != "id"}
    return update(org, _typed(org, record), id_, rest)


def _typed(org: Org, record: Mapping[str, Any]) -> SObject:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, Mapping) else None
    found = org.objects.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        raise Fault("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return found


def _of_id(org: Org, id_: str) -> SObject:
    sobject = org.by_prefix.get(id_[:3])
    if sobject is None or normal(id_) is None:
        raise Fault("MALFORMED_ID", f"malformed id {id_}")
    return sobject


def _records(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Fault("JSON_PARSER_ERROR", "records must be a list of objects")
    _few(records)
    return records


def _few(records: list[Any]) -> None:
    if len(records) > RECORDS_MAX:
        message = f"The max number of records is {RECORDS_MAX}, and there are {len(records)}"
        raise Fault("LIMIT_EXCEEDED", message)


def _read(request: Request, name: str, ids: list[str], fields: str) -> HttpResponse:
    version, org = version_of(request), org_of(request)
    sobject = org.sobject(name)
    rows: list[dict[str, Any] | None] = []
    for id_ in ids[:2_000]:
        record = org.view.records.get(normal(id_.strip()) or "")
        present = record is not None and record.type == sobject.name and not record.deleted
        rows.append(shown_record(org, sobject, record, version, fields) if present and record else None)
    return answer(rows)
