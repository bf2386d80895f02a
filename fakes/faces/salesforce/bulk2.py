"""Bulk API 2.0: jobs that write a table of records, and jobs that read one."""

from typing import Any

from fakes.faces.salesforce.answers import answer, empty, text_answer
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.ids import USER
from fakes.faces.salesforce.jobs import OPERATIONS, ROW_US, START_US, Job, Jobs, work
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, body_of, object_of, org_of, version_of
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.soql.parsing import parse
from fakes.faces.salesforce.soql.running import fields_meant, run
from fakes.faces.salesforce.soql.tree import AllFields, Call, Children, Query
from fakes.faces.salesforce.tables import Dialect, flat, nested, referring
from sim.http import Headers, HttpResponse

routes = Routes()
INGEST = "/services/data/{version}/jobs/ingest"
QUERY = "/services/data/{version}/jobs/query"

DATA_MAX = 150_000_000
PAGE = 50_000


# --- writing -----------------------------------------------------------------------------------------


@routes.post(INGEST)
async def open_ingest(request: Request) -> HttpResponse:
    """A new job, which waits for its data."""
    version, org = version_of(request), org_of(request)
    said = await object_of(request)
    operation, name, by = (said.get(one) for one in ("operation", "object", "externalIdFieldName"))
    if operation not in OPERATIONS or not isinstance(name, str) or not isinstance(by, str | None):
        raise _bad(f"InvalidJob : operation must be one of {', '.join(OPERATIONS)}, of an object")
    sobject = org.objects.get(name.lower())
    if sobject is None:
        raise _bad(f"InvalidJob : Unable to find object: {name}")
    key = sobject.field(by or "")
    if operation == "upsert" and not (key and (key.external_id or key.name == "Id")):
        raise _bad(f"InvalidJob : External ID was not specified, or is none of {sobject.name}: {by}")
    if said.get("contentType", "CSV") != "CSV":
        raise _bad("InvalidJob : the contentType of a job is CSV")
    dialect = Dialect(said.get("columnDelimiter", "COMMA"), said.get("lineEnding", "LF"))
    job = _ingest(request).open(
        org.now_us,
        {
            "operation": operation, "object": sobject.name, "contentType": "CSV", "columnDelimiter": dialect.delimiter,
            "lineEnding": dialect.line_ending, **({"externalIdFieldName": by} if by else {}),
        },
    )  # fmt: skip
    return answer(_told(org, job, version, "V2Ingest"))


@routes.get(INGEST)
async def list_ingest(request: Request) -> HttpResponse:
    """Every job."""
    version, org = version_of(request), org_of(request)
    records = [_told(org, job, version, "V2Ingest") for job in _ingest(request).all.values()]
    return answer({"done": True, "nextRecordsUrl": None, "records": records})


@routes.put(INGEST + "/{id_}/batches")
async def upload(request: Request, id_: str) -> HttpResponse:
    """A job's data: 201."""
    job = _ingest(request).get(id_)
    if job.state != "Open" or job.table is not None:
        raise Fault("INVALIDJOBSTATE", f"InvalidJobState : data cannot be uploaded to a job in state {job.state}")
    if "text/csv" not in request.headers.get("content-type", ""):
        raise Fault("INVALID_CONTENT_TYPE", "The data of a job is text/csv", status=415)
    job.table = await body_of(request, DATA_MAX)
    return empty(201)


@routes.patch(INGEST + "/{id_}")
async def end_ingest(request: Request, id_: str) -> HttpResponse:
    """A job whose data is complete, or that is given up."""
    version, org = version_of(request), org_of(request)
    job, said = _ingest(request).get(id_), await object_of(request)
    if said.get("state") == "Aborted" and job.state in {"Open", "UploadComplete"}:
        job.state = "Aborted"
    elif said.get("state") == "UploadComplete" and job.state == "Open":
        _write(org, job)
    else:
        raise Fault(
            "INVALIDJOBSTATE", f"InvalidJobState : a job in state {job.state} cannot become {said.get('state')}"
        )
    shown = _told(org, job, version, "V2Ingest")
    return answer(shown | {"state": said["state"]})


@routes.get(INGEST + "/{id_}")
async def read_ingest(request: Request, id_: str) -> HttpResponse:
    """How far a job has come."""
    version, org = version_of(request), org_of(request)
    return answer(_told(org, _ingest(request).get(id_), version, "V2Ingest"))


@routes.delete(INGEST + "/{id_}")
async def delete_ingest(request: Request, id_: str) -> HttpResponse:
    """A job, forgotten: 204."""
    jobs = _ingest(request)
    job = jobs.get(id_)
    if job.state_at(org_of(request).now_us) not in {"JobComplete", "Aborted", "Failed"}:
        raise Fault("API_ERROR", "Error encountered when deleting the job because the job is not terminated")
    del jobs.all[job.id]
    return empty()


@routes.get(INGEST + "/{id_}/{kind}")
async def ingest_results(request: Request, id_: str, kind: str) -> HttpResponse:
    """The rows of a job that were written, that were not and why, or that were not looked at."""
    job = _ingest(request).get(id_)
    pairs = [*zip(job.rows, job.outcomes, strict=False)]
    dialect = Dialect(job.said["columnDelimiter"], job.said["lineEnding"])
    match kind.lower():
        case "successfulresults":
            rows = [{"sf__Id": o.id, "sf__Created": o.created, **row} for row, (o, fault) in pairs if fault is None]
            return _table(dialect.write(["sf__Id", "sf__Created", *job.names], rows))
        case "failedresults":
            rows = [{"sf__Id": o.id, "sf__Error": fault.in_csv, **row} for row, (o, fault) in pairs if fault]
            return _table(dialect.write(["sf__Id", "sf__Error", *job.names], rows))
        case "unprocessedrecords":
            return _table(dialect.write(job.names, job.rows[len(pairs) :]))
    raise Fault("NOT_FOUND", "The requested resource does not exist", status=404)


def _write(org: Org, job: Job) -> None:
    """Have a job's rows written; data that is no table fails it."""
    dialect, sobject = Dialect(job.said["columnDelimiter"], job.said["lineEnding"]), org.sobject(job.said["object"])
    try:
        job.names, job.rows = dialect.read(job.table or b"")
        _known(sobject, job.names)
    except Fault as fault:
        job.state, job.due_us, job.message = "Failed", org.now_us, f"{fault.code} : {fault.message}"
        return
    finally:
        job.table = b""
    by = job.said.get("externalIdFieldName", "")
    work(org, job, sobject, job.said["operation"], by, [nested(row) for row in job.rows])


def _known(sobject: SObject, names: list[str]) -> None:
    """Raises Fault for a column that is no field's, and leads to none."""
    for name in names:
        field, key = referring(name)
        if (sobject.relations.get(field.lower()) if key else sobject.field(field)) is None:
            raise Fault("InvalidBatch", f"Field name not found : {name}")


# --- reading -----------------------------------------------------------------------------------------


@routes.post(QUERY)
async def open_query(request: Request) -> HttpResponse:
    """A new job, which reads what its query comes to."""
    version, org = version_of(request), org_of(request)
    said = await object_of(request)
    operation, text = said.get("operation"), said.get("query")
    if operation not in ("query", "queryAll") or not isinstance(text, str):
        raise _bad("InvalidJob : operation must be query or queryAll, with a query")
    dialect = Dialect(said.get("columnDelimiter", "COMMA"), said.get("lineEnding", "LF"))
    query = parse(text)
    found = run(org, query, version, with_deleted=operation == "queryAll")
    names, paths = _columns(org, query)
    job = _queries(request).open(
        org.now_us,
        {
            "operation": operation, "object": query.source, "contentType": "CSV",
            "columnDelimiter": dialect.delimiter, "lineEnding": dialect.line_ending,
        },
        "JobComplete",
    )  # fmt: skip
    job.names = names
    job.rows = [{name: flat(row, path) for name, path in zip(names, paths, strict=True)} for row in found.rows]
    job.due_us = org.now_us + START_US + ROW_US * len(job.rows)
    return answer(_told(org, job, version, "V2Query") | {"state": "UploadComplete"})


@routes.get(QUERY)
async def list_queries(request: Request) -> HttpResponse:
    """Every job."""
    version, org = version_of(request), org_of(request)
    records = [_told(org, job, version, "V2Query") for job in _queries(request).all.values()]
    return answer({"done": True, "nextRecordsUrl": None, "records": records})


@routes.get(QUERY + "/{id_}")
async def read_query(request: Request, id_: str) -> HttpResponse:
    """How far a job has come."""
    version, org = version_of(request), org_of(request)
    return answer(_told(org, _queries(request).get(id_), version, "V2Query"))


@routes.patch(QUERY + "/{id_}")
async def end_query(request: Request, id_: str) -> HttpResponse:
    """A job, given up."""
    version, org = version_of(request), org_of(request)
    job, said = _queries(request).get(id_), await object_of(request)
    if said.get("state") != "Aborted" or job.state_at(org.now_us) != "InProgress":
        raise Fault("INVALIDJOBSTATE", "InvalidJobState : only a job that is under way can be aborted")
    job.state, job.due_us = "Aborted", None
    return answer(_told(org, job, version, "V2Query"))


@routes.delete(QUERY + "/{id_}")
async def delete_query(request: Request, id_: str) -> HttpResponse:
    """A job, forgotten: 204."""
    jobs = _queries(request)
    del jobs.all[jobs.get(id_).id]
    return empty()


@routes.get(QUERY + "/{id_}/results")
async def query_results(request: Request, id_: str) -> HttpResponse:
    """A part of what was read; where the next begins is in `Sforce-Locator`, `null` after the last."""
    org, job = org_of(request), _queries(request).get(id_)
    if job.state_at(org.now_us) != "JobComplete":
        raise Fault("INVALIDJOBSTATE", "InvalidJobState : the job has no results yet")
    asked, locator = request.query_params.get("maxRecords", str(PAGE)), request.query_params.get("locator", "0")
    if not (asked.isdigit() and int(asked[:9]) > 0) or not (locator.isascii() and locator.isdigit()):
        raise Fault("INVALID_QUERY_LOCATOR", "invalid locator or maxRecords")
    start, size = int(locator[:9]), int(asked[:9])
    rows = job.rows[start : start + size]
    next_ = str(start + size) if start + size < len(job.rows) else "null"
    dialect = Dialect(job.said["columnDelimiter"], job.said["lineEnding"])
    told = (("sforce-locator", next_), ("sforce-numberofrecords", str(len(rows))))
    return _table(dialect.write(job.names, rows), told)


def _columns(org: Org, query: Query) -> tuple[list[str], list[tuple[str, ...]]]:
    """The columns of a table of a query, and where they are in its rows. Raises Fault for what has no column."""
    paths: list[tuple[str, ...]] = []
    for item in query.items:
        if isinstance(item, Children):
            raise _bad("InvalidJob : Entity is not supported by the Bulk API: a query within a query")
        if isinstance(item, Call):
            raise _bad("InvalidJob : Aggregate queries are not supported by the Bulk API")
        if isinstance(item, AllFields):
            paths += [(field.name,) for field in fields_meant(org.sobject(query.source), item)]
        else:
            paths.append(_beyond_alias(query, item.parts))
    return [".".join(path) for path in paths], paths


def _beyond_alias(query: Query, parts: tuple[str, ...]) -> tuple[str, ...]:
    if len(parts) > 1 and parts[0].lower() in {query.alias.lower(), query.source.lower()}:
        return parts[1:]
    return parts


# --- both --------------------------------------------------------------------------------------------


def _ingest(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.ingest
    return jobs


def _queries(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.queries
    return jobs


def _told(org: Org, job: Job, version: str, kind: str) -> dict[str, Any]:
    """A job as it is read."""
    state, failed = job.state_at(org.now_us), sum(fault is not None for _, fault in job.outcomes)
    told = {
        "id": job.id, **job.said, "createdById": USER, "createdDate": org.times.shown(job.created_us),
        "systemModstamp": org.times.shown(job.created_us), "state": state, "concurrencyMode": "Parallel",
        "apiVersion": float(version[1:]), "jobType": kind,
    }  # fmt: skip
    if kind == "V2Ingest":
        told["contentUrl"] = f"services/data/{version}/jobs/ingest/{job.id}/batches"
    if state != "Open":
        over = state in {"JobComplete", "Failed"}
        processed = len(job.outcomes) if kind == "V2Ingest" else len(job.rows)
        took_ms = 0 if job.due_us is None else (job.due_us - job.created_us) // 1_000
        told |= {
            "numberRecordsProcessed": processed if over else 0,
            "numberRecordsFailed": failed if over else 0,
            "retries": 0,
            "totalProcessingTime": took_ms if over else 0,
        }
    if job.message:
        told["errorMessage"] = job.message
    return told


def _table(text: str, headers: Headers = ()) -> HttpResponse:
    return text_answer(text, "csv", headers=headers)


def _bad(message: str) -> Fault:
    return Fault("INVALIDJOB", message)
