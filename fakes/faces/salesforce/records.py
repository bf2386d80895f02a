"""One record at a time: created, read, changed and deleted, by id or by an external id."""

from typing import Any

from fakes.faces.salesforce.answers import answer, empty
from fakes.faces.salesforce.errors import Fault, not_found
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.ids import normal
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, object_of, org_of, version_of
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.writing import choices, deletion, existing, fault_of, insertion, update, upsertion
from fakes.object_types import Record, Write
from sim.http import HttpResponse

routes = Routes()
PATH = "/services/data/{version}/sobjects/{name}"

CREATED_IN_UPSERT = "v46.0"
"""From this version on, an upsert that changes a record answers with 200 and not with 204."""


@routes.post(PATH)
async def create(request: Request, name: str) -> HttpResponse:
    """A new record: 201."""
    org = org_of(request)
    sobject = org.sobject(name)
    write = insertion(org, sobject, await object_of(request), allow_duplicates=allows_duplicates(request))
    return answer({"id": done(org, write)[0], "success": True, "errors": []}, 201)


@routes.get(PATH + "/deleted")
async def deleted(request: Request, name: str) -> HttpResponse:
    """The records that were deleted between two instants."""
    org = org_of(request)
    records = [one for one in _between(org, org.sobject(name), request) if one.deleted]
    listed = [{"id": one.id, "deletedDate": org.times.shown(one.modified_us)} for one in records]
    now = org.times.shown(org.now_us)
    return answer({"deletedRecords": listed, "earliestDateAvailable": org.times.shown(0), "latestDateCovered": now})


@routes.get(PATH + "/updated")
async def updated(request: Request, name: str) -> HttpResponse:
    """The ids of the records that were created or changed between two instants."""
    org = org_of(request)
    ids = [one.id for one in _between(org, org.sobject(name), request) if not one.deleted]
    return answer({"ids": ids, "latestDateCovered": org.times.shown(org.now_us)})


@routes.get(PATH + "/{id_}")
async def read(request: Request, name: str, id_: str) -> HttpResponse:
    """A record, with all its fields or those that are asked for."""
    version, org = version_of(request), org_of(request)
    sobject = org.sobject(name)
    record = org.record(sobject, normal(id_))
    return answer(shown_record(org, sobject, record, version, request.query_params.get("fields")))


@routes.patch(PATH + "/{id_}")
async def change(request: Request, name: str, id_: str) -> HttpResponse:
    """A record, changed: 204."""
    org = org_of(request)
    sobject = org.sobject(name)
    body = await object_of(request)
    org.record(sobject, normal(id_))
    done(org, update(org, sobject, id_, body))
    return empty()


@routes.delete(PATH + "/{id_}")
async def delete(request: Request, name: str, id_: str) -> HttpResponse:
    """A record, deleted, with all that is part of it: 204."""
    org = org_of(request)
    sobject = org.sobject(name)
    _present(org, sobject, id_)
    done(org, deletion(sobject, id_))
    return empty()


@routes.get(PATH + "/{field}/{value:path}")
async def read_by(request: Request, name: str, field: str, value: str) -> HttpResponse:
    """The record that an external id leads to; or what a record's relationship leads to."""
    version, org = version_of(request), org_of(request)
    sobject = org.sobject(name)
    if sobject.field(field) is None and normal(field):
        return _follow(org, sobject, field, value, version)
    record = existing(org, sobject, field, value)
    return answer(shown_record(org, sobject, record, version, request.query_params.get("fields")))


@routes.patch(PATH + "/{field}/{value:path}")
async def upsert(request: Request, name: str, field: str, value: str) -> HttpResponse:
    """The record that an external id leads to, changed; or a new one with it: 201."""
    version, org = version_of(request), org_of(request)
    sobject = org.sobject(name)
    body = await object_of(request)
    if field.lower() in {key.lower() for key in body}:
        message = f"The {field} field should not be specified in the sobject data."
        raise Fault("INVALID_FIELD", message, [field])
    write = upsertion(org, sobject, field, value, body, allow_duplicates=allows_duplicates(request))
    if write.action == "update" and request.query_params.get("updateOnly") is None and field == "Id":
        _present(org, sobject, value)
    id_, created = done(org, write)
    said = {"id": id_, "success": True, "errors": [], "created": created}
    if created:
        return answer(said, 201)
    return answer(said) if version >= CREATED_IN_UPSERT else empty()


@routes.delete(PATH + "/{field}/{value:path}")
async def delete_by(request: Request, name: str, field: str, value: str) -> HttpResponse:
    """The record that an external id leads to, deleted: 204."""
    org = org_of(request)
    sobject = org.sobject(name)
    done(org, deletion(sobject, existing(org, sobject, field, value).id))
    return empty()


# --- what several paths share ------------------------------------------------------------------------


def done(org: Org, write: Write) -> tuple[str, bool]:
    """Have a write done: the record's id, and whether it is new. Raises Fault, or Choices."""
    (outcome,) = org.write([write])
    problem = outcome.problem
    if problem is None:
        return outcome.id, outcome.created
    if problem.word == "ambiguous":
        raise choices(write.type, problem.detail)
    if problem.word == "not_found":
        raise not_found()
    raise fault_of(org, write, outcome)


def shown_record(org: Org, sobject: SObject, record: Record, version: str, fields: str | None) -> dict[str, Any]:
    """A record as it is read. Raises Fault for a field that there is not."""
    shown: dict[str, Any] = {
        "attributes": {"type": sobject.name, "url": f"/services/data/{version}/sobjects/{sobject.name}/{record.id}"}
    }
    wanted = sobject.all_fields
    if fields is not None:
        wanted = ()
        for name in ["Id", *fields.split(",")]:
            field = sobject.field(name.strip())
            if field is None:
                raise Fault("INVALID_FIELD", f"No such column '{name.strip()}' on sobject of type {sobject.name}")
            wanted += (field,)
    for field in wanted:
        shown[field.name] = org.shown(record, field)
    return shown


def allows_duplicates(request: Request) -> bool:
    """Whether a client saves what a duplicate rule would have it think over."""
    return "allowsave=true" in request.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()


def _present(org: Org, sobject: SObject, id_: str) -> None:
    record = org.view.records.get(normal(id_) or "")
    if record is None or record.type != sobject.name:
        raise not_found()


def _follow(org: Org, sobject: SObject, id_: str, relationship: str, version: str) -> HttpResponse:
    record = org.record(sobject, normal(id_))
    relation = sobject.relations.get(relationship.lower())
    if relation is not None:
        target = org.view.records.get(org.value(record, relation) or "")
        if target is None or target.deleted:
            raise not_found("The requested resource does not exist")
        return answer(shown_record(org, org.sobject(target.type), target, version, None))
    for child in org.objects.values():
        for field in child.fields:
            if field.children.lower() == relationship.lower() and sobject.name in field.to:
                found = org.view.find(child.name, field.name, record.id)
                rows = [shown_record(org, child, one, version, None) for one in found]
                return answer({"totalSize": len(rows), "done": True, "records": rows})
    raise not_found()


def _between(org: Org, sobject: SObject, request: Request) -> list[Record]:
    try:
        start_us, end_us = (
            org.times.instant_us(request.query_params[name].replace(" ", "+")) for name in ("start", "end")
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise Fault("INVALID_REPLICATION_DATE", "start and end must be dates with a time and a zone") from error
    if end_us <= start_us:
        raise Fault("INVALID_REPLICATION_DATE", "startDate before endDate is expected")
    found = org.view.changed_since(sobject.name, start_us)
    return sorted((one for one in found if one.modified_us < end_us), key=lambda record: record.id)
