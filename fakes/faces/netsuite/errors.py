"""What NetSuite says when it does not do something: a problem document, with details that have a code and a place."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from fakes.service import Refused
from sim.durations import SECOND
from sim.http import HttpResponse
from sim.network import Response

MEDIA_TYPE = "application/vnd.oracle.resource+json; type=error"

_SECTIONS = {
    400: "#sec10.4.1", 401: "#sec10.4.2", 403: "#sec10.4.4", 404: "#sec10.4.5", 405: "#sec10.4.6", 409: "#sec10.4.10",
    413: "#sec10.4.14", 415: "#sec10.4.16", 500: "#sec10.5.1", 503: "#sec10.5.4",
}  # fmt: skip
"""The sections of RFC 2616 that the type of a problem names."""


class Fault(Exception):
    """A request is not done: `status` as over HTTP, NetSuite's `code`, what people read, and the place in the body."""

    def __init__(self, status: int, code: str, detail: str, path: str = "") -> None:
        super().__init__(status, code, detail, path)
        self.status = status
        self.code = code
        self.detail = detail
        self.path = path

    def body(self) -> bytes:
        """The fault as a document."""
        said: dict[str, object] = {"detail": self.detail, "o:errorCode": self.code}
        if self.path:
            said["o:errorPath"] = self.path
        document = {
            "type": f"https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html{_SECTIONS.get(self.status, '')}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "o:errorDetails": [said],
        }
        return json.dumps(document).encode()


def invalid_login() -> Fault:
    """The client is not let in; the reason is in the account's audit trail alone."""
    return Fault(
        401,
        "INVALID_LOGIN",
        "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > "
        "Users/Roles > User Management > View Login Audit Trail.",
    )


def invalid(detail: str, path: str = "") -> Fault:
    """The request itself is not as it should be."""
    return Fault(400, "INVALID_CONTENT", f"Error while accessing a resource. {detail}", path)


def bad_value(value: object, field: str, path: str) -> Fault:
    """A field has a value that it cannot have."""
    return invalid(f"You have entered an Invalid Field Value {value} for the following field: {field}.", path)


def missing(field: str, path: str = "") -> Fault:
    """A field is needed."""
    return Fault(
        400, "USER_ERROR", f"Error while accessing a resource. Please enter value(s) for: {field}.", path or field
    )


def user_error(detail: str, path: str = "") -> Fault:
    """The business does not allow it."""
    return Fault(400, "USER_ERROR", f"Error while accessing a resource. {detail}", path)


def nonexistent(kind: str = "") -> Fault:
    """There is no such record."""
    named = f" of the type {kind}" if kind else ""
    return Fault(404, "NONEXISTENT_ID", f"The record instance{named} does not exist. Provide a valid record ID.")


def no_such_type(name: str) -> Fault:
    """There is no such kind of record."""
    return Fault(404, "NONEXISTENT_ID", f"Record '{name}' was not found.")


_REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "customer_not_found": (400, "USER_ERROR", "Invalid entity reference key."),
    "order_not_found": (404, "NONEXISTENT_ID", "That record does not exist."),
    "order_voided": (400, "USER_ERROR", "This transaction is closed: it can no longer be changed."),
    "entry_not_found": (404, "NONEXISTENT_ID", "That record does not exist."),
    "not_reversible": (400, "USER_ERROR", "This transaction cannot be reversed."),
    "invalid_contract": (
        400, "USER_ERROR", "The terms of the order contradict each other: look at its dates, billing months, rates "
        "and versions.",
    ),
    "revision_changed": (409, "RCRD_HAS_BEEN_CHANGED", "Record has been changed."),
    "period_closed": (
        400, "USER_ERROR", "The transaction date you specified is not within the date range of an open accounting "
        "period: the posting period is closed.",
    ),
    "unbalanced": (400, "USER_ERROR", "Please balance the transaction: debits and credits differ."),
    "unknown_account": (400, "USER_ERROR", "Journals cannot be posted to this account."),
    "unknown_item": (400, "USER_ERROR", "Invalid item reference key."),
    "missing_tax_code": (400, "USER_ERROR", "Please enter value(s) for: Tax Code"),
    "invalid_legal_entity": (400, "USER_ERROR", "Invalid subsidiary reference key for this entity."),
    "unmapped_product": (400, "USER_ERROR", "Invalid item reference key: the product is not set up."),
}  # fmt: skip
"""What the core's words are in NetSuite's."""


def of_refusal(refused: Refused) -> Fault:
    """What a core's refusal is in NetSuite's words."""
    status, code, detail = _REFUSALS.get(refused.code, (400, "USER_ERROR", refused.code.replace("_", " ")))
    return Fault(status, code, f"Error while accessing a resource. {detail}")


def refusal(response: Response) -> HttpResponse:
    """How NetSuite says what the network made of a call."""
    fault = _of_network(response.status)
    headers: tuple[tuple[str, str], ...] = (("content-type", MEDIA_TYPE),)
    if response.retry_after_us is not None:
        headers += (("retry-after", str(-(-response.retry_after_us // SECOND))),)
    return HttpResponse(response.status, headers, fault.body())


def _of_network(status: int) -> Fault:
    if status == 401:
        return invalid_login()
    if status == 429:
        return Fault(
            429,
            "CONCURRENCY_LIMIT_EXCEEDED",
            "Concurrent request limit exceeded. Request blocked. The account or integration has too many at a time.",
        )
    if status == 503:
        return Fault(503, "SERVICE_UNAVAILABLE", "The service is temporarily unavailable. Try again later.")
    if status >= 500:
        return Fault(status, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: tieout")
    return Fault(status, "USER_ERROR", "The request was refused.")
