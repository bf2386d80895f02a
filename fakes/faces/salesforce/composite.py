"""Several requests in one: those that refer to each other's answers, batches of others, and trees of records."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from fakes.faces.calling import call
from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.collecting import RECORDS_MAX, result, transaction
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.gate import WITHIN
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, object_of, org_of, switch
from fakes.faces.salesforce.routing import Routes
from fakes.faces.salesforce.writing import insertion
from sim.http import HttpRequest, HttpResponse

routes = Routes()

REQUESTS_MAX = 25
DEEPEST = 5
"""Levels of records that a tree may have."""

_REFERENCE = re.compile(r"@\{([^}]*)\}")
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."


@routes.post("/services/data/{version}/composite")
async def composite(request: Request) -> HttpResponse:
    """Requests in order, each with the answers of those before it at hand; all of them or none, if so asked."""
    body = await object_of(request)
    wanted = _list(body, "compositeRequest")
    references = [one["referenceId"] for one in wanted if isinstance(one.get("referenceId"), str)]
    if len(dict.fromkeys(references)) < len(wanted):
        raise Fault("JSON_PARSER_ERROR", "Each subrequest needs a referenceId of its own")
    answers: list[dict[str, Any]] = []
    known: dict[str, Any] = {}
    with transaction(org_of(request), switch(body.get("allOrNone"))) as undo:
        for reference, one in zip(references, wanted, strict=True):
            answered = _one(request, one, known)
            known[reference] = answered["body"] if answered["httpStatusCode"] < 300 else None
            answers.append({**answered, "referenceId": reference})
            if switch(body.get("allOrNone")) and answered["httpStatusCode"] >= 300:
                undo()
                answers = _rolled_back(wanted, answers)
                break
    return answer({"compositeResponse": answers})


@routes.post("/services/data/{version}/composite/batch")
async def batch(request: Request) -> HttpResponse:
    """Requests that know nothing of each other."""
    body = await object_of(request)
    wanted = _list(body, "batchRequests")
    if not all(isinstance(one.get(name), str) for one in wanted for name in ("method", "url")):
        raise Fault("JSON_PARSER_ERROR", "Each request needs a method and a url")
    results: list[dict[str, Any]] = []
    for one in wanted:
        if switch(body.get("haltOnError")) and any(done["statusCode"] >= 300 for done in results):
            halted = Fault("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)
            results.append({"statusCode": 412, "result": [halted.listed]})
            continue
        method, url = one["method"], one["url"]
        target = url if url.startswith("/services/") else f"/services/data/{url.lstrip('/')}"
        answered = _ask(request, method, target, one.get("richInput"), {})
        results.append({"statusCode": answered.status, "result": _json(answered)})
    return answer({"hasErrors": any(one["statusCode"] >= 300 for one in results), "results": results})


@routes.post("/services/data/{version}/composite/tree/{name}")
async def tree(request: Request, name: str) -> HttpResponse:
    """Records with their children below them: all, 201, or none."""
    org = org_of(request)
    org.sobject(name)
    records = _list(await object_of(request), "records", RECORDS_MAX)
    made: list[dict[str, Any]] = []
    failed = _repeated([*_references(records)])
    with transaction(org) as undo:
        if not failed:
            _plant(org, name, records, {}, made, failed)
        if failed:
            undo()
    return answer({"hasErrors": bool(failed), "results": failed or made}, 400 if failed else 201)


def _one(request: Request, one: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    try:
        filled = _filled({name: one.get(name) for name in ("method", "url", "body", "httpHeaders")}, known)
        method, url, headers = filled["method"], filled["url"], filled["httpHeaders"] or {}
        if not isinstance(method, str) or not isinstance(url, str) or not isinstance(headers, dict):
            raise Fault("JSON_PARSER_ERROR", "Each subrequest needs a method and a url")
        if not url.startswith("/services/data/") or "/composite/" in url.partition("?")[0] + "/":
            allowed = "/composite/sobjects" in url
            if not allowed:
                raise Fault("PROCESSING_HALTED", f"A composite request cannot have {url}")
        answered = _ask(request, method, url, filled["body"], headers)
    except Fault as fault:
        return {"body": [fault.listed], "httpHeaders": {}, "httpStatusCode": fault.status}
    location = {}
    if answered.status == 201 and "/sobjects/" in url:
        body = _json(answered)
        if isinstance(body, dict) and "id" in body:
            base = url.partition("?")[0].split("/sobjects/")
            location = {"Location": f"{base[0]}/sobjects/{base[1].split('/')[0]}/{body['id']}"}
    return {"body": _json(answered), "httpHeaders": location, "httpStatusCode": answered.status}


def _ask(request: Request, method: str, target: str, body: Any, headers: Mapping[str, Any]) -> HttpResponse:
    """Have the face answer a request that is part of another."""
    sent = (("content-type", "application/json"), *((str(n).lower(), str(v)) for n, v in headers.items()))
    host = request.headers.get("host", "")
    said = b"" if body is None else json.dumps(body, default=float).encode()
    path = quote(target, safe="/?&=%:,'()!*@~+.-_<>")
    return call(request.app, HttpRequest(method.upper(), host, path, (("host", host), *sent), said), {WITHIN: True})


def _json(answered: HttpResponse) -> Any:
    return json.loads(answered.body) if answered.body else None


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    """A value with what `@{reference.field}` stands for in its texts. Raises Fault where it stands for nothing."""
    if isinstance(value, dict):
        return {name: _filled(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _looked_up(whole[1], known)
    return _REFERENCE.sub(lambda found: str(_looked_up(found[1], known)), value)


def _looked_up(path: str, known: Mapping[str, Any]) -> Any:
    reference, *steps = re.findall(r"[^.\[\]]+", path) or [""]
    at = known.get(reference)
    for step in steps:
        if isinstance(at, list) and step.isdigit() and int(step[:9]) < len(at):
            at = at[int(step[:9])]
        elif isinstance(at, dict):
            at = at.get(step)
        else:
            at = None
    if at is None:
        message = f"Invalid reference specified. No value for {path} found in {reference}"
        raise Fault("PROCESSING_HALTED", message)
    return at


def _rolled_back(wanted: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only the request that failed says why; all others, before and after it, that nothing is left of them."""
    halted = {"body": [Fault("PROCESSING_HALTED", _HALTED).listed], "httpHeaders": {}, "httpStatusCode": 400}
    before = [{**halted, "referenceId": one["referenceId"]} for one in answers[:-1]]
    after = [{**halted, "referenceId": one.get("referenceId")} for one in wanted[len(answers) :]]
    return [*before, answers[-1], *after]


def _below(record: Mapping[str, Any]) -> dict[str, Any]:
    """What of a record is other records below it, by relationship."""
    return {key: value for key, value in record.items() if isinstance(value, dict) and "records" in value}


def _references(records: list[dict[str, Any]], depth: int = 1) -> Iterator[str]:
    """What the records of a tree are called, every one. Raises Fault."""
    if depth > DEEPEST:
        raise Fault("INVALID_INPUT", f"The depth of a tree is at most {DEEPEST}")
    for record in records:
        attributes = record.get("attributes")
        reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
        if not isinstance(reference, str) or not reference:
            raise Fault("INVALID_INPUT", "Include a reference ID for each record in the request.")
        yield reference
        for children in _below(record).values():
            yield from _references(_list(children, "records", RECORDS_MAX), depth + 1)


def _repeated(references: list[str]) -> list[dict[str, Any]]:
    """An error for each reference that occurs again. Raises Fault if there are too many."""
    if len(references) > RECORDS_MAX:
        raise Fault("LIMIT_EXCEEDED", f"Limit of {RECORDS_MAX} exceeded: the request has {len(references)} records")
    error = Fault("INVALID_INPUT", "Duplicate ReferenceId provided in the request.").of_row
    again = [one for place, one in enumerate(references) if one in references[:place]]
    return [{"referenceId": one, "errors": [error]} for one in dict.fromkeys(again)]


def _plant(
    org: Org,
    name: str,
    records: list[dict[str, Any]],
    parent: dict[str, Any],
    made: list[dict[str, Any]],
    failed: list[dict[str, Any]],
) -> None:
    """Create records, and those below each as they refer to it."""
    sobject = org.sobject(name)
    for record in records:
        below = _below(record)
        own = {key: value for key, value in record.items() if key not in below} | parent
        reference = record["attributes"]["referenceId"]
        written = result(org, lambda own=own: insertion(org, sobject, own))  # type: ignore[misc]
        if not written["success"]:
            failed.append({"referenceId": reference, "errors": written["errors"]})
            continue
        made.append({"referenceId": reference, "id": written["id"]})
        for relationship, children in below.items():
            field, child = _child(org, sobject.name, relationship)
            _plant(org, child, children["records"], {field: written["id"]}, made, failed)


def _child(org: Org, parent: str, relationship: str) -> tuple[str, str]:
    for sobject in org.objects.values():
        for field in sobject.fields:
            if field.children.lower() == relationship.lower() and parent in field.to:
                return field.name, sobject.name
    raise Fault("INVALID_FIELD", f"No such relationship '{relationship}' on sobject of type {parent}")


def _list(body: Mapping[str, Any], name: str, most: int = REQUESTS_MAX) -> list[dict[str, Any]]:
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Fault("JSON_PARSER_ERROR", f"{name} must be a list of objects")
    if len(found) > most:
        raise Fault("LIMIT_EXCEEDED", f"Limit of {most} exceeded: {name} has {len(found)}")
    return found
