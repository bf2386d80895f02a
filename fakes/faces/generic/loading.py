"""Loading in bulk through the generic API: many requests in one call, each row with a result of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, create_model

from fakes.bulk import ROWS_MAX, BatchTotals, BulkLoad, Row, Totals
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.records import Amount
from fakes.faces.generic.wire import Count, Key, Number, Text, Wire
from fakes.faces.traceparent import event_of, traceparent_of
from sim.network import Response

BODY_MAX = 16_000_000
"""Bytes of a load, at most: a job of as many rows as there may be, each a contract of some length."""


class LoadRow(Wire):
    """One request of a load, about a business key, with the idempotency key that it would have alone.

    `traceparent` is that of the event on whose behalf it is done.
    """

    asks: ClassVar[type]
    word: ClassVar[str]
    takes: ClassVar[type[Wire]]

    key: Key
    idempotency_key: Text | None = None
    traceparent: Text | None = None

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        return {
            "operation": cls.word,
            "key": record.key,
            "idempotency_key": record.idempotency_key,
            "traceparent": traceparent_of(record.cause) if record.cause else None,
            "request": cls.takes.of(record.request, zero),
        }

    def core(self) -> Row:
        request: Wire = self.request  # type: ignore[attr-defined]  # each operation has a model of its own
        cause = event_of(self.traceparent) or 0
        return Row(self.key, self.asks(**request.arguments()), self.idempotency_key, cause)


class Load(Wire):
    """Job number `job` of a batch: its rows are done in their order."""

    taken: ClassVar[Mapping[type, type[LoadRow]]] = {}

    batch: Key
    job: Number

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        rows = [cls.taken[type(row.request)].of(row, zero) for row in record.rows]
        return {"batch": record.batch, "job": record.job, "rows": rows}


class RowResult(Wire):
    """What came of a row: its status and code as those of a single request, and the record where it succeeded."""

    told: ClassVar[Mapping[Any, type[Wire]]] = {}

    status: int
    code: str

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        if record is None:
            return None
        body = record.body
        written = None if body is None else cls.told[type(body)].of(body, zero)
        return {"status": record.status, "code": record.word, "record": written}

    def core(self) -> Response:
        record: Wire | None = self.record  # type: ignore[attr-defined]  # each system has a model of its own
        return Response(self.status, record and record.core(), self.code)


class Results(Wire):
    """The result of each row, in order; null for one that the job, which stopped part-way, did not come to."""

    result: ClassVar[type[RowResult]]

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        return {"data": [cls.result.of(one, zero) for one in record]}

    def core(self) -> list[Response | None]:
        data: tuple[RowResult | None, ...] = self.data  # type: ignore[attr-defined]  # as above
        return [None if one is None else one.core() for one in data]


class BatchSums(Wire):
    """How many records a batch has left, and the sum of what each bears: minor units, or units delivered.

    Customers do not count.
    """

    made = Totals

    records: Count
    control_total: Amount


def loading(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints at which a system is loaded with what these take, and the batches checked."""
    taken = [endpoint for endpoint in endpoints if endpoint.body is not None]
    models = [_row(endpoint) for endpoint in taken]
    row: Any = Annotated[_any_of(models), Discriminator("operation")]
    rows: Any = Annotated[tuple[row, ...], Field(min_length=1, max_length=ROWS_MAX)]
    load = create_model("Load", __base__=Load, __doc__=Load.__doc__, rows=(rows, ...))
    load.taken = {model.asks: model for model in models}
    first = taken[0]
    example = {"operation": first.word, "key": "A-1", "request": first.example}
    return (
        Endpoint(
            method="POST", path="/bulk-loads", request=BulkLoad, body=load, answer=_results(taken), about="batch",
            bytes_max=BODY_MAX, example={"batch": "2026-01-31", "job": 1, "rows": [example]},
        ),
        Endpoint(
            method="GET", path="/bulk-loads/{batch}", request=BatchTotals, answer=BatchSums, about="batch",
        ),
    )  # fmt: skip


def _row(endpoint: Endpoint) -> type[LoadRow]:
    """The model of a row that asks for an operation: what would be in the path is in its request."""
    name = endpoint.request.__name__
    assert endpoint.body is not None
    in_path: Any = dict.fromkeys(endpoint.in_path, (Key, ...))
    body: Any = endpoint.body
    request = create_model(f"{name}Request", __base__=body, __doc__=body.__doc__, **in_path) if in_path else body
    operation: Any = Literal[endpoint.word]
    row = create_model(
        f"{name}Row", __base__=LoadRow, __doc__=LoadRow.__doc__, operation=(operation, ...), request=(request, ...)
    )
    row.asks, row.word, row.takes = endpoint.request, endpoint.word, request
    return row


def _results(endpoints: Sequence[Endpoint]) -> type[Wire]:
    answers = {endpoint.answer.made: endpoint.answer for endpoint in endpoints}
    record = _any_of(list(answers.values())) | None
    result = create_model("RowResult", __base__=RowResult, __doc__=RowResult.__doc__, record=(record, ...))
    result.told = answers
    each: Any = result | None
    results = create_model("Results", __base__=Results, __doc__=Results.__doc__, data=(tuple[each, ...], ...))
    results.result = result
    return results


def _any_of(models: Sequence[Any]) -> Any:
    kind = models[0]
    for model in models[1:]:
        kind = kind | model
    return kind
