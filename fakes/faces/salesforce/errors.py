"""How Salesforce says no: a list of errors, each with a code that programs go by."""

from collections.abc import Sequence
from typing import Any

from fakes.faces.salesforce.answers import answer
from sim.http import HttpResponse


class Fault(Exception):
    """A request, or one record of it, is declined: the status, Salesforce's code, what is said, and of which fields."""

    def __init__(self, code: str, message: str, fields: Sequence[str] = (), status: int = 400) -> None:
        super().__init__(code, message, fields, status)
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status

    @property
    def listed(self) -> dict[str, Any]:
        """The error as an answer lists it."""
        return {"message": self.message, "errorCode": self.code, **({"fields": self.fields} if self.fields else {})}

    @property
    def of_row(self) -> dict[str, Any]:
        """The error as it stands in the result of one record of several."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}

    @property
    def in_csv(self) -> str:
        """The error as bulk results write it."""
        return f"{self.code}:{self.message}:{', '.join(self.fields)} --"


class Choices(Exception):
    """An external id leads to more than one record: 300, with where they are."""

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__(urls)
        self.urls = list(urls)


def not_found(message: str = "The requested resource does not exist") -> Fault:
    """What leads nowhere."""
    return Fault("NOT_FOUND", message, status=404)


def expired() -> Fault:
    """A session that is over, or never was."""
    return Fault("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def over_limit() -> Fault:
    """More calls than the organisation is granted."""
    return Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)


def shape_of(fault: Fault, path: str) -> Any:
    """A fault in the shape of the API that a path is of: the older bulk API has one of its own."""
    if not path.startswith("/services/async/"):
        return [fault.listed]
    code = {"INVALID_SESSION_ID": "InvalidSessionId"}.get(fault.code, fault.code)
    return {"exceptionCode": code, "exceptionMessage": fault.message}


OF_NETWORK = {
    401: expired(),
    403: Fault("INSUFFICIENT_ACCESS", "The user does not have the permission for this", status=403),
    429: over_limit(),
    503: Fault("SERVER_UNAVAILABLE", "The server is unavailable: try again later", status=503),
}


_OF_NETWORK = "application/json;charset=UTF-8"


def refusal_of(status: int, word: str) -> HttpResponse:
    """What the network made of a call, as Salesforce says it. Its throttling is a 403."""
    if word == "invalid_grant":
        return answer({"error": word, "error_description": "expired access/refresh token"}, 400, kind=_OF_NETWORK)
    fault = OF_NETWORK.get(status) or Fault("UNKNOWN_EXCEPTION", f"An unexpected error occurred: {word}", status=status)
    return answer([fault.listed], fault.status, kind=_OF_NETWORK)
