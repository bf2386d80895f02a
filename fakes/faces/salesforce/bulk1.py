"""Bulk API 1.0 in JSON: jobs of batches, as older clients load with."""

from typing import Any

from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.ids import USER
from fakes.faces.salesforce.jobs import OPERATIONS, ROW_US, START_US, Job, Jobs, work
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, body_of, object_of, org_of, parsed
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.soql.parsing import parse
from fakes.faces.salesforce.soql.running import run
from sim.http import HttpResponse

routes = Routes()
PATH = "/services/async/{version}/job"

ROWS_MAX = 10_000
DATA_MAX = 10_000_000


@routes.post(PATH)
async def open_job(request: Request) -> HttpResponse:
    """A new job: 201."""
    org, said = org_of(request), await object_of(request)
    operation, name = said.get("operation"), said.get("object")
    if (
        operation not in (*OPERATIONS, "query", "queryAll")
        or not isinstance(name, str)
        or name.lower() not in org.objects
    ):
        raise Fault("InvalidJob", "a job needs an operation and an object")
    by = said.get("externalIdFieldName")
    if operation == "upsert" and not isinstance(by, str):
        raise Fault("InvalidJob", "External ID was not specified")
    kept = {"operation": operation, "object": org.sobject(name).name, "contentType": "JSON", "externalIdFieldName": by}
    return answer(_told(org, _jobs(request).open(org.now_us, kept)), 201)


@routes.get(PATH + "/{id_}")
async def read_job(request: Request, id_: str) -> HttpResponse:
    """A job."""
    return answer(_told(org_of(request), _jobs(request).get(id_)))


@routes.post(PATH + "/{id_}")
async def close_job(request: Request, id_: str) -> HttpResponse:
    """A job that gets no more batches."""
    job, said = _jobs(request).get(id_), await object_of(request)
    if said.get("state") not in ("Closed", "Aborted"):
        raise Fault("InvalidJobState", "a job can be Closed or Aborted")
    job.state = said["state"]
    return answer(_told(org_of(request), job))


@routes.post(PATH + "/{id_}/batch")
async def add_batch(request: Request, id_: str) -> HttpResponse:
    """A batch of a job: records, or a query: 201."""
    org, job = org_of(request), _jobs(request).get(id_)
    if job.state != "Open":
        raise Fault("InvalidJobState", f"a batch cannot be added to a job that is {job.state}")
    body = await body_of(request, DATA_MAX)
    batch = _batches(request).open(org.now_us, {"jobId": job.id})
    try:
        if job.said["operation"] in {"query", "queryAll"}:
            _read(org, job, batch, body.decode("utf-8", "replace"))
        else:
            _write(org, job, batch, body)
    except Fault as fault:
        batch.state, batch.due_us, batch.message = "Failed", org.now_us, f"{fault.code} : {fault.message}"
    return answer(_batch_told(org, batch) | {"state": "Queued"}, 201)


@routes.get(PATH + "/{id_}/batch/{batch_id}")
async def read_batch(request: Request, id_: str, batch_id: str) -> HttpResponse:
    """How far a batch has come."""
    return answer(_batch_told(org_of(request), _batches(request).get(batch_id)))


@routes.get(PATH + "/{id_}/batch/{batch_id}/request")
async def batch_request(request: Request, id_: str, batch_id: str) -> HttpResponse:
    """The records that a batch was sent with."""
    return answer(parsed(_batches(request).get(batch_id).table or b"[]"))


@routes.get(PATH + "/{id_}/batch/{batch_id}/result")
async def batch_result(request: Request, id_: str, batch_id: str) -> HttpResponse:
    """A result for each record; of a query, the ids of the parts of its result."""
    batch = _batches(request).get(batch_id)
    if _jobs(request).get(id_).said["operation"] in {"query", "queryAll"}:
        return answer([f"752{batch.id[3:]}"])
    results = [
        {"success": fault is None, "created": o.created, "id": o.id or None, "errors": [fault.of_row] if fault else []}
        for o, fault in batch.outcomes
    ]
    return answer(results)


@routes.get(PATH + "/{id_}/batch/{batch_id}/result/{result_id}")
async def query_result(request: Request, id_: str, batch_id: str, result_id: str) -> HttpResponse:
    """The records that a query came to."""
    return answer(_batches(request).get(batch_id).rows)


def _read(org: Org, job: Job, batch: Job, text: str) -> None:
    batch.rows = run(org, parse(text), "v59.0", with_deleted=job.said["operation"] == "queryAll").rows
    batch.state, batch.due_us = "Completed", org.now_us + START_US + ROW_US * len(batch.rows)


def _write(org: Org, job: Job, batch: Job, body: bytes) -> None:
    records = parsed(body)
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records) or len(records) > ROWS_MAX:
        raise Fault("InvalidBatch", f"a batch is a list of up to {ROWS_MAX} records")
    batch.table = body
    by = job.said["externalIdFieldName"] or ""
    work(org, batch, org.sobject(job.said["object"]), job.said["operation"], by, records)
    batch.state = "Completed"


def _told(org: Org, job: Job) -> dict[str, Any]:
    return {
        "id": job.id, **job.said, "createdById": USER, "createdDate": org.times.shown(job.created_us),
        "state": job.state, "concurrencyMode": "Parallel", "apiVersion": 59.0,
    }  # fmt: skip


def _batch_told(org: Org, batch: Job) -> dict[str, Any]:
    return {
        "id": batch.id, **batch.said, "state": batch.state_at(org.now_us), "stateMessage": batch.message or None,
        "createdDate": org.times.shown(batch.created_us), "systemModstamp": org.times.shown(batch.created_us),
        "numberRecordsProcessed": len(batch.outcomes) or len(batch.rows),
        "numberRecordsFailed": sum(fault is not None for _, fault in batch.outcomes),
    }  # fmt: skip


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.old_jobs
    return jobs


def _batches(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.batches
    return jobs
