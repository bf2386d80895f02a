"""A run's directory: written whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fakes.agreements import Contract
from harness.replication import Replication
from harness.tables import ParquetWriter
from scenarios.resolved import dump
from scenarios.schema import Scenario
from scenarios.truth import Truth

MANIFEST = "manifest.json"


class NotWritable(Exception):
    """Where the results were to go, they cannot: the message says where, why, and what to do."""


def ensure_writable(target: Path) -> None:
    """Raise NotWritable, before any work is done, if a run directory cannot be made at `target`."""
    if target.exists() and not (target / MANIFEST).is_file():
        if not target.is_dir():
            raise NotWritable(f"{target} is a file: name a folder with --out")
        if any(target.iterdir()):
            raise NotWritable(f"{target} has files that are no run's: name another folder with --out")
    parent = target.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        probe = parent / f".{target.name}.probe-{os.getpid()}"
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise NotWritable(f"cannot write to {parent} ({error.strerror}): name another folder with --out") from error


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` once the block ends, and vanishes if it does not end well."""
    ensure_writable(target)
    partial = target.parent / f".{target.name}.partial-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        yield partial
        _replace(partial, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotWritable(
            f"cannot write {target} ({reason}): nothing of it was kept; free space or use --out"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _replace(partial: Path, target: Path) -> None:
    old = target.parent / f".{target.name}.old-{os.getpid()}"
    if target.exists():
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def link_latest(target: Path) -> None:
    """Point `latest` beside the run to it, where links can be made."""
    link = target.parent / "latest"
    try:
        if link.is_symlink():
            link.unlink()
        if not link.exists():
            link.symlink_to(target.name)
    except OSError:
        return  # a file system without links: the path printed at the end is enough


def write_json(path: Path, document: Any) -> None:
    """Write a document as JSON for people and programs alike."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_run(folder: Path, replication: Replication, scenario: Scenario, *, trace: bool = True) -> None:
    """Write all that a run says into `folder`: documents, and its tables as Parquet."""
    (folder / "scenario.yaml").write_text(dump(scenario), encoding="utf-8")
    tables = ParquetWriter(folder)
    _truth(tables, replication.simulation.truth)
    _expected(tables, replication)
    _actual(tables, replication)
    tables.rows("breaks", _BREAK, [_fields(found, _BREAK) for found in replication.audit.breaks])
    if trace:
        tables.trace(replication.simulation.trace)


def _contract_rows(contracts: Iterator[tuple[int, Contract]]) -> Iterator[tuple[Any, ...]]:
    for at_us, contract in contracts:
        newest = contract.versions[-1]
        yield (
            at_us, contract.key, contract.account, newest.number, newest.kind, newest.signed_day, newest.effective_day,
            newest.quantity, newest.price_change_minor, contract.unit_price_minor, contract.billing_months,
            contract.start_day, contract.end_day, contract.currency,
        )  # fmt: skip


def _truth(tables: ParquetWriter, truth: Truth) -> None:
    acts = [(act.at_us, act.contract) for act in truth.acts if act.contract]
    opening = [(-1, contract) for contract in truth.opening]
    columns = (
        "at_us", "contract", "account", "version", "kind", "signed_day", "effective_day", "quantity",
        "price_change_minor", "unit_price_minor", "billing_months", "start_day", "end_day", "currency",
    )  # fmt: skip
    tables.rows("truth/contracts", columns, _contract_rows(iter([*opening, *acts])))
    accounts = [(-1, account.key, account.name) for account in truth.opening_accounts]
    accounts += [(act.at_us, act.account.key, act.account.name) for act in truth.acts if act.account]
    tables.rows("truth/accounts", ("at_us", "account", "name"), accounts)


def _expected(tables: ParquetWriter, replication: Replication) -> None:
    expected = replication.expected
    tables.rows(
        "expected/charge_lines",
        ("contract", "version", "period", "minor", "from_day", "to_day", "due_us", "day", "month"),
        [(*key, *line) for key, line in expected.lines.items()],
    )
    tables.rows(
        "expected/revenue",
        ("contract", "month", "product", "minor"),
        [(*key, product, minor) for key, amounts in expected.recognised.items() for product, minor in amounts.items()],
    )
    tables.rows(
        "expected/ledger",
        ("account", "subject", "month", "minor"),
        [(*cell, minor) for cell, minor in expected.ledger().items()],
    )


def _actual(tables: ParquetWriter, replication: Replication) -> None:
    books = replication.books
    customers = [("billing", *_fields(c, _CUSTOMER)) for c in books.billing_customers]
    customers += [("erp", *_fields(c, _CUSTOMER)) for c in books.erp_customers]
    tables.rows("actual/customers", ("system", *_CUSTOMER), customers)
    kept = [
        ("billing", "subscription", r.id, r.contract, r.state.version, r.state.quantity, r.created_us)
        for r in books.subscriptions
    ]
    kept += [("erp", "order", r.id, r.contract, r.state.version, r.state.quantity, r.created_us) for r in books.orders]
    kept += [
        ("revenue", "contract", r.id, r.contract, r.state.version, r.state.quantity, r.created_us)
        for r in books.revenue_contracts
    ]
    tables.rows("actual/contracts", ("system", "kind", "id", "contract", "version", "quantity", "created_us"), kept)
    for name, columns, records in (
        ("invoices", _INVOICE, books.invoices),
        ("open_items", _OPEN_ITEM, books.open_items),
        ("recognitions", _RECOGNITION, books.recognitions),
        ("billed_documents", _BILLED, books.billed_documents),
    ):
        tables.rows(f"actual/{name}", columns, [_fields(record, columns) for record in records])
    tables.rows(
        "actual/invoice_lines",
        ("invoice", "contract", "version", "period", "from_day", "to_day", "minor"),
        [
            (invoice.id, invoice.contract, line.version, line.period, line.from_day, line.to_day, line.minor)
            for invoice in books.invoices
            for line in invoice.lines
        ],
    )
    tables.rows(
        "actual/journal",
        (*_ENTRY, "account", "subject", "minor"),
        [
            (*_fields(entry, _ENTRY), posting.account, posting.subject, posting.minor)
            for entry in books.journal
            for posting in entry.postings
        ],
    )


_BREAK = (
    "kind", "system", "record", "key", "contract", "account", "amount_minor", "delta_minor", "period", "expected",
    "actual", "cause", "since_us", "detail",
)  # fmt: skip
_CUSTOMER = ("id", "account", "name", "created_us")
_INVOICE = (
    "id",
    "kind",
    "subscription",
    "contract",
    "account",
    "currency",
    "day",
    "due_us",
    "issued_us",
    "total_minor",
)
_OPEN_ITEM = ("id", "external_id", "document", "customer", "contract", "total_minor", "day", "period", "posted_us")
_RECOGNITION = ("id", "revenue_contract", "contract", "currency", "month", "run", "total_minor", "run_us")
_BILLED = ("id", "document", "contract", "total_minor", "recorded_us")
_ENTRY = ("id", "source", "reference", "contract", "currency", "period", "effective_day", "posted_us")


def _fields(record: object, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in names)
