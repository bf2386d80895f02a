"""The tables of one run: what was agreed, what the books must say, what they say, what differs, what happened.

Instants (`…_us`) are microseconds since the run's first instant, -1 for what was there before it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from msgspec.structs import astuple

from fakes.agreements import Contract, Fulfilment
from fakes.company import Company
from fakes.names import erp_of
from fakes.records import JournalEntry, Reminder
from harness.audit import Books
from harness.audit.breaks import COLUMNS as BREAK_COLUMNS
from harness.audit.statements import Statements
from harness.oracle import Expected
from harness.replication import Replication
from harness.simulation import Simulation
from harness.tables import ParquetWriter
from scenarios.truth import Truth

BEFORE_US = -1

_Row: TypeAlias = tuple[tuple[Any, ...], object]
"""What is to stand first in a row, and the record that the rest of the row is of."""


def write_tables(folder: Path, replication: Replication) -> None:
    """Write a run's tables as Parquet: `truth/`, `expected/`, `actual/`, `trace/` and `breaks.parquet`."""
    tables = ParquetWriter(folder)
    _truth(tables, replication.simulation.truth)
    _expected(tables, replication.expected)
    _actual(tables, replication.books)
    if replication.simulation.company.dunning:
        sent = [one for dunning in replication.simulation.company.dunning for one in dunning.reminders]
        _cash(tables, replication.books, sent)
    _statements(tables, replication.statements, replication.expected)
    _journal(tables, "adjustments", replication.closed.entries if replication.closed else ())
    numbers = {"amount_minor", "delta_minor", "since_us", "struck_us"}
    columns = [f"{column}:{'int' if column in numbers else 'text'}" for column in BREAK_COLUMNS]
    tables.rows("breaks", columns, [found.row() for found in replication.audit.breaks])
    slowest = ("flow:text", "event:int", "target:text", "committed_us:int", "reflected_us:int")
    tables.rows("actual/slowest", slowest, replication.slowest)
    tables.trace(replication.simulation.trace)
    _loads(tables, replication.simulation.company)
    _beside_the_trace(tables, replication.simulation)


def _loads(tables: ParquetWriter, company: Company) -> None:
    """Which rows each bulk load had: in the trace it is one call. And by which keys they were to be known, as of calls:
    those of the first row for the same and of this one, where they differ.
    """
    rows = []
    for name, system in company.systems.items():
        rekeyed = {(job, key): keys for job, key, *keys in system.bulk.rekeyed}
        for job, keys in system.bulk.jobs.items():
            rows += [(name, job, key, *rekeyed.get((job, key), (None, None))) for key in keys]
    tables.rows("trace/loads", ("system:text", "job:text", "key:text", "first_key:text", "own_key:text"), rows)


def _beside_the_trace(tables: ParquetWriter, simulation: Simulation) -> None:
    """By which keys calls and ERP's records were to be known; what the layer asked to be told of, for which target; and
    what it still has in hand at the end.
    """
    tables.rows("trace/keys", ("call:int", "first_key:text", "key:text"), simulation.wire.rekeyed)
    entered = [
        (erp_of(entity), record, external_id)
        for entity, erp in simulation.company.erps.items()
        for external_id, record in erp.external_ids()
    ]
    tables.rows("actual/external_ids", ("system:text", "id:text", "external_id:text"), entered)
    subscribed = [
        (endpoint.source, name, type_, target)
        for host in simulation.deployment.hosts
        for name, endpoint in host.subscribed.items()
        for type_ in sorted(endpoint.types)
        for target in sorted(endpoint.targets)
    ]
    subscriptions = ("source:text", "subscriber:text", "type:text", "target:text")
    tables.rows("trace/subscriptions", subscriptions, subscribed)
    held = [(event.id, target) for event, target in simulation.deployment.held()]
    tables.rows("trace/in_hand", ("event:int", "target:text"), held)


def _truth(tables: ParquetWriter, truth: Truth) -> None:
    """A row an agreement, in the order in which they were made."""
    named = [(BEFORE_US, account) for account in truth.opening_accounts]
    named += [(act.at_us, act.account) for act in truth.acts if act.account]
    accounts = [(at_us, account.key, account.name, account.parent) for at_us, account in named]
    tables.rows("truth/accounts", ("at_us:int", "account:text", "name:text", "parent:text"), accounts)
    delivered = [(BEFORE_US, one) for one in truth.opening_rendered]
    delivered += [(act.at_us, act.fulfilment) for act in truth.acts if act.fulfilment]
    rows = [(at_us, *_fulfilment(one)) for at_us, one in delivered]
    tables.rows("truth/fulfilments", ("at_us:int", *_FULFILMENT), rows)
    signed = [(BEFORE_US, contract) for contract in truth.opening]
    signed += [(act.at_us, act.contract) for act in truth.acts if act.contract]
    columns = (
        "at_us:int", "contract:text", "account:text", "version:int", "kind:text", "signed_day:day",
        "effective_day:day", "quantity:int", "price_change_minor:int", "unit_price_minor:int", "billing_months:int",
        "start_day:day", "end_day:day", "currency:text",
    )  # fmt: skip
    tables.rows("truth/contracts", columns, [_version(at_us, contract) for at_us, contract in signed])


def _version(at_us: int, contract: Contract) -> tuple[Any, ...]:
    """A contract as of its newest version."""
    newest = contract.versions[-1]
    return (
        at_us, contract.key, contract.account, newest.number, newest.kind, newest.signed_day, newest.effective_day,
        newest.quantity, newest.price_change_minor, contract.unit_price_minor, contract.billing_months,
        contract.start_day, contract.end_day, contract.currency,
    )  # fmt: skip


def _expected(tables: ParquetWriter, expected: Expected) -> None:
    tables.rows(
        "expected/charge_lines",
        ("contract:text", "version:int", "period:int", "item:text", "minor:int", "from_day:day", "to_day:day",
         "due_us:int", "day:day", "month:month"),
        [(key[0], key[1], *_what_for(key[2]), *astuple(line)) for key, line in expected.lines.items()],
    )  # fmt: skip
    tables.rows(
        "expected/revenue",
        ("contract:text", "month:month", "product:text", "minor:int"),
        [(*key, product, minor) for key, amounts in expected.recognised.items() for product, minor in amounts.items()],
    )
    tables.rows(
        "expected/ledger",
        ("account:text", "subject:text", "month:month", "minor:int"),
        [(*cell, minor) for cell, minor in expected.ledger().items()],
    )


def _actual(tables: ParquetWriter, books: Books) -> None:
    customers: list[_Row] = [(("billing",), each) for each in books.billing_customers]
    customers += [(("erp",), each) for each in books.erp_customers]
    tables.rows("actual/customers", ("system:text", *_CUSTOMER), _rows(_CUSTOMER, customers))
    copies: list[tuple[str, Any]] = [("billing", each) for each in books.subscriptions]
    copies += [("erp", each) for each in books.orders]
    copies += [("revenue", each) for each in books.revenue_contracts]
    copies += [("projects", each) for each in books.projects]
    tables.rows(
        "actual/contracts",
        _COPY,
        [_copy(system, copy) for system, copy in copies],
    )
    applied = [
        (system, copy.id, copy.state.key, version, applied_us)
        for system, copy in copies
        for version, applied_us in copy.applied.items()
    ]
    tables.rows(
        "actual/versions", ("system:text", "id:text", "contract:text", "version:int", "applied_us:int"), applied
    )
    kept: tuple[tuple[str, tuple[str, ...], Sequence[object]], ...] = (
        ("invoices", _INVOICE, books.invoices),
        ("open_items", _OPEN_ITEM, books.open_items),
        ("recognitions", _RECOGNITION, books.recognitions),
        ("billed_documents", _BILLED, books.billed_documents),
    )
    for name, columns, records in kept:
        tables.rows(f"actual/{name}", columns, _rows(columns, [((), record) for record in records]))
    lines = [
        (invoice.id, invoice.contract, line.version, *_what_for(line.period), line.from_day, line.to_day, line.minor)
        for invoice in books.invoices
        for line in invoice.lines
    ]
    tables.rows("actual/invoice_lines", _LINE, lines)
    notes = [("billing", each) for each in books.billing_rendered]
    notes += [("revenue", each) for each in books.revenue_rendered]
    rows = [(system, note.id, *_fulfilment(note.fulfilment), note.recorded_us) for system, note in notes]
    tables.rows("actual/fulfilments", ("system:text", "id:text", *_FULFILMENT, "recorded_us:int"), rows)
    _journal(tables, "journal", books.journal)
    tables.rows("actual/locks", ("period:month", "locked_us:int"), list(books.locks.items()))


def _cash(tables: ParquetWriter, books: Books, reminders: Sequence[Reminder]) -> None:
    """What customers paid, what became of it in ERP, and whom that reminded; where customers pay."""
    kept: tuple[tuple[str, tuple[str, ...], Sequence[object]], ...] = (
        ("payments", _PAYMENT, books.payments),
        ("cash_receipts", _RECEIPT, books.receipts),
        ("applications", _APPLICATION, books.applications),
        ("reminders", _REMINDER, reminders),
    )
    for name, columns, records in kept:
        tables.rows(f"actual/{name}", columns, _rows(columns, [((), record) for record in records]))


def _statements(tables: ParquetWriter, statements: Statements, expected: Expected) -> None:
    """The rollforward of each contract's position, and of each customer's receivables, month by month, in both books.

    With the currency that it is in and the legal entity that is party to it, as agreed; of what nobody agreed, neither.
    """
    contracts = {key: (each.currency, each.entity) for key, each in expected.contracts.items()}
    customers = {each.account: contracts[key] for key, each in expected.contracts.items()}
    nobody = (None, None)
    for side, book in (("expected", statements.expected), ("actual", statements.actual)):
        moved = ((*row, *contracts.get(str(row[1]), nobody)) for row in book.moved.rows())
        owed = ((*row, *customers.get(str(row[1]), nobody)) for row in book.owed.rows())
        tables.rows(f"{side}/rollforward", _ROLLFORWARD, moved)
        tables.rows(f"{side}/receivables", _RECEIVABLES, owed)


def _journal(tables: ParquetWriter, name: str, journal: Sequence[JournalEntry]) -> None:
    """A row a posting: the journal as it was audited, or the adjusting entries that the close added."""
    entries = zip(journal, _rows(_ENTRY, [((), entry) for entry in journal]), strict=True)
    postings = [(*row, *posting) for entry, row in entries for posting in entry.postings]
    tables.rows(f"actual/{name}", (*_ENTRY, *_POSTING), postings)


def _what_for(period: int | str) -> tuple[int | None, str | None]:
    """The number of a service period, or what else is charged for."""
    return (period, None) if isinstance(period, int) else (None, period)


def _fulfilment(one: Fulfilment) -> tuple[Any, ...]:
    return one.key, one.contract, one.product, one.from_day, one.day, one.units, int(one.accepted), int(one.metered)


def _copy(system: str, copy: Any) -> tuple[Any, ...]:
    voided = copy.void or (None, None, None)
    return (system, copy.id, copy.contract, copy.state.version, copy.state.quantity, copy.created_us, *voided)


_COPY = (
    "system:text", "id:text", "contract:text", "version:int", "quantity:int", "created_us:int", "voided_us:int",
    "voided_by:text", "void_reason:text",
)  # fmt: skip
_CUSTOMER = ("id:text", "account:text", "name:text", "created_us:int")
_INVOICE = (
    "id:text", "kind:text", "subscription:text", "contract:text", "account:text", "currency:text", "day:day",
    "due_us:int", "issued_us:int", "total_minor:int",
)  # fmt: skip
_LINE = (
    "invoice:text", "contract:text", "version:int", "period:int", "item:text", "from_day:day", "to_day:day",
    "minor:int",
)  # fmt: skip
_FULFILMENT = (
    "fulfilment:text", "contract:text", "product:text", "from_day:day", "day:day", "units:int", "accepted:int",
    "metered:int",
)  # fmt: skip
_OPEN_ITEM = (
    "id:text", "external_id:text", "document:text", "customer:text", "contract:text", "total_minor:int", "day:day",
    "period:month", "posted_us:int",
)  # fmt: skip
_RECOGNITION = (
    "id:text", "revenue_contract:text", "contract:text", "currency:text", "month:month", "run:int",
    "total_minor:int", "run_us:int",
)  # fmt: skip
_BILLED = ("id:text", "document:text", "contract:text", "total_minor:int", "recorded_us:int")
_PAYMENT = (
    "id:text", "kind:text", "document:text", "contract:text", "account:text", "currency:text", "minor:int", "day:day",
    "received_us:int",
)  # fmt: skip
_RECEIPT = (
    "id:text", "external_id:text", "payment:text", "document:text", "account:text", "contract:text", "minor:int",
    "day:day", "period:month", "journal_entry:text", "posted_us:int",
)  # fmt: skip
_APPLICATION = (
    "receipt:text", "item:text", "minor:int", "period:month", "journal_entry:text", "applied_us:int",
)  # fmt: skip
_REMINDER = (
    "item:text", "document:text", "account:text", "level:int", "day:day", "sent_us:int",
)  # fmt: skip
_ROLLFORWARD = (
    "month:month", "contract:text", "opening_minor:int", "acquired_minor:int", "bookings_minor:int",
    "invoiced_minor:int", "credited_minor:int", "revenue_minor:int", "other_minor:int", "closing_minor:int",
    "contract_liability_minor:int", "contract_asset_minor:int", "unbilled_receivable_minor:int",
    "remaining_obligations_minor:int", "currency:text", "entity:text",
)  # fmt: skip
_RECEIVABLES = (
    "month:month", "account:text", "opening_minor:int", "invoiced_minor:int", "credited_minor:int", "cash_minor:int",
    "refunds_minor:int", "unapplied_minor:int", "other_minor:int", "closing_minor:int", "currency:text", "entity:text",
)  # fmt: skip
_ENTRY = (
    "id:text", "source:text", "reference:text", "contract:text", "currency:text", "period:month", "effective_day:day",
    "posted_us:int", "reverses:text",
)  # fmt: skip
_POSTING = ("account:text", "subject:text", "minor:int")


def _rows(columns: Sequence[str], records: Iterable[_Row]) -> list[tuple[Any, ...]]:
    """For each record, what is to stand before it, then its fields that the columns name."""
    names = [column.partition(":")[0] for column in columns]
    return [(*before, *(getattr(record, name) for name in names)) for before, record in records]
