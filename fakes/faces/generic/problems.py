"""What the generic API says when it does not do as asked: problems, as RFC 9457 has them, of one shape."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.durations import SECOND
from sim.http import HttpResponse
from sim.network import Response

MEDIA_TYPE = "application/problem+json"
CONTENT = (("content-type", MEDIA_TYPE),)

DETAILS: Mapping[str, str] = {
    "account_not_found": "There is no account with this key.",
    "contract_not_found": "There is no contract with this key.",
    "customer_not_found": "There is no customer with this id, or none of this account: create it first.",
    "subscription_not_found": "There is no subscription with this id, or no live one of this contract.",
    "subscription_voided": "This subscription was voided: it is not written any more.",
    "term_already_billed": "The contract would end before periods that are billed already.",
    "invoice_issued": "Something was billed of this subscription: void it with `credit`.",
    "invoice_not_found": "There is no invoice or credit memo with this id.",
    "payment_not_found": "There is no payment or refund with this id.",
    "usage_not_found": "No usage was metered under this key.",
    "unknown_deliverable": "The contract, as far as this system knows it, has no such deliverable.",
    "invalid_contract": "The contract's dates, prices, quantities or versions contradict themselves.",
    "order_not_found": "There is no sales order with this id.",
    "order_voided": "This sales order was voided: it is not written any more, and its external id stays taken.",
    "revision_changed": "The record is at another revision than `if_revision`: read it again.",
    "period_closed": "The period of `posting_day` is closed: post in one that is open.",
    "unbalanced": "Debits and credits must sum to zero.",
    "unknown_account": "A journal may name revenue accounts and the contract liability alone.",
    "unknown_item": "A posting names an item that this ERP does not have.",
    "entry_not_found": "There is no journal entry with this id.",
    "not_reversible": "Only an entry of revenue can be taken back, and once.",
    "revenue_contract_not_found": "There is no revenue contract with this id, or no live one of this contract.",
    "revenue_contract_voided": "This revenue contract was voided: it is not written any more.",
    "revenue_recognised": "Something was recognised of this revenue contract: it can no longer be voided.",
    "recognition_not_found": "There is no recognition with this id.",
    "project_not_found": "There is no project with this id, or no live one of this contract.",
    "fulfilment_not_found": "Nothing was delivered under this key.",
    "missing_tax_code": "The customer's record has no tax code: a person has to supply it.",
    "invalid_legal_entity": "The account belongs to no legal entity that this ERP knows: a person has to supply it.",
    "unmapped_product": "A product is no item of this ERP: a person has to supply it.",
    "unsupported_amendment": "There is no rule for a version of the contract: a person has to supply it.",
    "key_reused": "This idempotency key was used for another request: use a new one.",
    "position_expired": "What comes after this position is no longer stored: begin with the earliest.",
    "malformed_json": "The body is no JSON document.",
    "invalid_request": "The request does not fit the contract of this operation: see `errors`.",
    "unauthorised": "Send the API key: `Authorization: Bearer …`.",
    "token_expired": "The access token has run out: ask for a new one at /token.",
    "unknown_path": "There is nothing under this path: see /openapi.json.",
    "method_not_allowed": "This path is not asked in this way: see the header Allow.",
    "body_too_large": "The body is too long: 1 MB at most, and 16 MB for a load in bulk.",
    "unsupported_media_type": "The body must be `application/json`.",
}
"""What to do about each code."""

WHEN: Mapping[int, str] = {
    400: "The body is no JSON document, or a page of an impossible size is asked for",
    401: "There is no valid API key",
    404: "What the request is about is not there",
    409: "What the request is about is in a state that does not allow it",
    410: "What is asked for is no longer stored",
    412: "The record is no longer at the revision that its writer read",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The request does not fit its contract, contradicts itself, or what it needs is lacking",
    429: "Too many requests: wait for Retry-After",
    503: "The system is out of order",
}
"""When each status is answered."""


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(description="Where it is: `body.versions.0.kind`", examples=["body.name"])
    message: str


class ProblemDetails(BaseModel):
    """Why a request was not done, as RFC 9457 has it. `code` is for programs, `detail` for people."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=["urn:tieout:problem:customer_not_found"])
    title: str = Field(examples=["Customer not found"])
    status: int = Field(examples=[404])
    detail: str
    code: str = Field(examples=["customer_not_found"])
    errors: list[FieldError] | None = Field(default=None, description="Of a request that does not fit its contract")


class Problem(Exception):
    """A request is not done: `status` as over HTTP, `code` a word that says why, and of which fields."""

    def __init__(self, status: int, code: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(status, code, errors)
        self.status = status
        self.code = code
        self.errors = errors


def problem_body(status: int, code: str, errors: Sequence[Mapping[str, str]] = ()) -> bytes:
    """A problem as JSON."""
    title = code.replace("_", " ").capitalize()
    detail = DETAILS.get(code) or f"{title}: {HTTPStatus(status).phrase.lower()}."
    said = {"type": f"urn:tieout:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return json.dumps({**said, "errors": list(errors)} if errors else said).encode()


def refusal(response: Response) -> HttpResponse:
    """How the API says what the network made of a call."""
    wait_us = response.retry_after_us
    more = () if wait_us is None else (("retry-after", str(-(-wait_us // SECOND))),)
    if response.status == 401:
        more = (*more, ("www-authenticate", "Bearer"))
    return HttpResponse(response.status, (*CONTENT, *more), problem_body(response.status, response.word))


def unfit(place: str, error: ValidationError) -> Problem:
    """The problem of a body or query that does not fit its model."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Problem(400, "malformed_json")
    return Problem(422, "invalid_request", [wrong((place, *one["loc"]), one["msg"]) for one in errors])


def wrong(place: Sequence[str | int], message: str) -> dict[str, str]:
    """What is wrong at a place in a request."""
    return {"field": ".".join(map(str, place)), "message": message}


def declared(statuses: Sequence[int]) -> dict[int | str, dict[str, Any]]:
    """These problems, for an operation's document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": WHEN[status], "content": content} for status in statuses}
