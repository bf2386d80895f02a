"""Loading in bulk: many requests in one call, each row with a result of its own, and totals by batch to check them by.

A bad row fails alone. A job of several rows may stop part-way: its answer is 200 all the same, and the rows that were
not processed have no result (Salesforce Bulk 2.0 lists them as unprocessed).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fakes.books.ledger import CONTRACT_LIABILITY
from fakes.records import BilledDocument, CashReceipt, Copy, Customer, JournalEntry, OpenItem, Rendered
from fakes.service import Operation, Operations, Refused
from sim.chance import Stream
from sim.faults import Fault, PartialLoad
from sim.network import Response, Serve, Wire
from sim.record import Record, Value

ROWS_MAX = 10_000
"""Rows that one job takes, as a batch of Salesforce's Bulk API 2.0."""


class Row(Value):
    """One request of a bulk load, about a business key, with the idempotency key it would have had alone.

    `cause` is the business event on whose behalf it is done, for the record.
    """

    key: str
    request: Any
    idempotency_key: str | None
    cause: int = 0


class BulkLoad(Record):
    """Do the requests of all rows, in their order, as job number `job` of a batch."""

    batch: str
    job: int
    rows: Sequence[Row]

    @property
    def key(self) -> str:
        """What names the job."""
        return f"{self.batch}/{self.job}"


class BatchTotals(Record):
    """Read the totals of what a batch has left in the system's records."""

    batch: str


LOADING: Mapping[type, str] = {BulkLoad: "bulk_load"}
CHECKING: Mapping[type, str] = {BatchTotals: "batch_totals"}
"""What can be asked, by the types of the requests."""


class Totals(NamedTuple):
    """How many records, and the sum of what each bears: money in minor units; of what was delivered, its units.

    A hash total, which is there to be compared, and not an amount. Customers bear nothing, and are not among them.
    """

    records: int
    control_total: int


class BulkDoor:
    """Bulk loads at one system. `serve` does each row; `copies` are the system's copies of contracts by id.

    `rekeyed` are the rows that bore another idempotency key than the first for the same, with job, key and both.
    A record belongs to the batch that wrote it last.
    """

    def __init__(
        self, wire: Wire, system: str, serve: Serve, copies: Mapping[str, Copy], faults: Sequence[Fault], stream: Stream
    ) -> None:
        self.jobs: dict[str, tuple[str, ...]] = {}
        self.rekeyed: list[tuple[str, str, str | None, str | None]] = []
        self._first_keys: dict[tuple[type, str], str | None] = {}
        self._wire = wire
        self._system = system
        self._serve = serve
        self._copies = copies
        self._faults = [fault for fault in faults if isinstance(fault, PartialLoad) and fault.target == system]
        self._draws = stream
        self._tries: dict[str, int] = {}
        self._batch_of: dict[str, str] = {}
        self._records: dict[str, dict[str, Any]] = {}

    @property
    def operations(self) -> Operations:
        """What integrations can ask."""
        return {
            BulkLoad: Operation(LOADING[BulkLoad], self.load),
            BatchTotals: Operation(CHECKING[BatchTotals], self.totals),
        }

    def load(self, request: BulkLoad, now_us: int) -> list[Response | None]:
        """The result of each row, None for one that was not processed. Refused with 413 if there are too many."""
        rows = request.rows
        if len(rows) > ROWS_MAX:
            raise Refused(413, "too_many_rows")
        self.jobs[request.key] = (*self.jobs.get(request.key, ()), *[row.key for row in rows])
        for row in rows:
            first_key = self._first_keys.setdefault((type(row.request), row.key), row.idempotency_key)
            if first_key != row.idempotency_key:
                self.rekeyed.append((request.key, row.key, first_key, row.idempotency_key))
        processed = self._processed(request, now_us)
        results: list[Response | None] = []
        for row in rows[:processed]:
            self._wire.serving = row.cause
            result = self._serve(row.request, row.idempotency_key, now_us)
            if result.status == 200:
                self._take_note(request.batch, result.body)
            results.append(result)
        for row in rows[processed:]:
            self._wire.trace.notes.append((now_us, row.cause, UNPROCESSED, self._system, row.key))
            results.append(None)
        return results

    def totals(self, request: BatchTotals, now_us: int) -> Totals:
        """The totals of a batch, from the records as they are now."""
        records = self._records.get(request.batch, {}).values()
        return Totals(len(records), sum(borne(record) for record in records))

    def _take_note(self, batch: str, told: Any) -> None:
        record = self._copies.get(told.id, told)
        if isinstance(record, Customer):
            return
        before = self._batch_of.get(told.id)
        if before is not None:
            self._records[before].pop(told.id, None)
        self._batch_of[told.id] = batch
        self._records.setdefault(batch, {})[told.id] = record

    def _processed(self, request: BulkLoad, now_us: int) -> int:
        """How many rows are processed before a fault stops the job, if one does: any number but none and all."""
        rows = number = len(request.rows)
        key = request.key
        self._tries[key] = tries = self._tries.get(key, 0) + 1
        for fault in self._faults:
            if rows > 1 and fault.start_us <= now_us < fault.end_us:
                strikes, stops, *_ = self._draws.six(fault.name, key, tries)
                if fault.strikes(strikes):
                    self._wire.strike(fault, f"{self._system}.bulk_load", key, 0)
                    number = min(number, 1 + ((rows - 1) * stops >> 32))
        return number


UNPROCESSED = "unprocessed"
"""The trace's word for a row that a job did not come to."""


def borne(record: OpenItem | BilledDocument | CashReceipt | JournalEntry | Rendered | Copy) -> int:
    """What a record adds to a control total: a document's total, an entry's change of liability, a contract's price.

    These are minor units. What was delivered has no price of its own, and bears its units.
    """
    if isinstance(record, CashReceipt):
        return record.minor
    if isinstance(record, OpenItem | BilledDocument):
        return record.total_minor
    if isinstance(record, JournalEntry):
        return sum(minor for account, _, minor in record.postings if account == CONTRACT_LIABILITY)
    if isinstance(record, Rendered):
        return record.fulfilment.units
    return sum(version.price_change_minor for version in record.state.versions)
