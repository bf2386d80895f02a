"""ERP's cash as the audit takes it apart: each receipt with its entry, and what of the open items it was applied to."""

from collections.abc import Iterator
from typing import NamedTuple

from fakes.records import Application, CashReceipt, JournalEntry
from harness.audit.tie import Tie
from harness.oracle.ledger import CASH


class Entered(NamedTuple):
    """A cash receipt and its entry in the ledger, one of which may be missing; and how it was applied, if it was.

    `applying` is the entry of an application that came later than the receipt.
    """

    receipt: CashReceipt | None
    entry: JournalEntry | None
    application: Application | None = None
    applying: JournalEntry | None = None

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """What it has posted."""
        return tuple(entry for entry in (self.entry, self.applying) if entry is not None)

    @property
    def posted_us(self) -> int:
        record = self.receipt or self.entry
        assert record is not None, "what was entered is a receipt, an entry, or both"
        return record.posted_us


def entered(tie: Tie) -> tuple[dict[str, list[Entered]], list[JournalEntry], list[Application]]:
    """What was entered for each payment, the most complete and oldest first.

    Beside it, entries that apply no receipt, and applications of a receipt that is not there or was applied before.
    """
    ledger, strays = _entries(tie)
    applied, further = _applications(tie)
    found: dict[str, list[Entered]] = {}
    bare: list[Entered] = []
    for receipt in tie.books.receipts:
        if receipt.posted_us <= 0:
            continue
        application = applied.pop(receipt.id, None)
        entry = _taken(ledger, receipt.journal_entry, receipt.payment)
        later = application is not None and application.journal_entry != receipt.journal_entry
        applying = _taken(ledger, application.journal_entry, receipt.payment) if application and later else None
        one = Entered(receipt, entry, application, applying)
        (bare if entry is None else found.setdefault(receipt.payment, [])).append(one)
    left = [*ledger.values(), *strays]
    of_receipts = [entry for entry in left if _moves_cash(entry)]
    for one in _joined(bare, of_receipts):
        record = one.receipt
        reference = record.payment if record is not None else one.entry.reference if one.entry is not None else ""
        found.setdefault(reference, []).append(one)
    for several in found.values():
        if len(several) > 1:
            several.sort(key=_completeness)
    return found, [entry for entry in left if not _moves_cash(entry)], [*applied.values(), *further]


def _entries(tie: Tie) -> tuple[dict[str, JournalEntry], list[JournalEntry]]:
    """The entries of cash by id, and those whose id is taken."""
    ledger: dict[str, JournalEntry] = {}
    strays: list[JournalEntry] = []
    for entry in tie.cash:
        if entry.id in ledger:
            strays.append(entry)
        else:
            ledger[entry.id] = entry
    return ledger, strays


def _applications(tie: Tie) -> tuple[dict[str, Application], list[Application]]:
    """The first application of each receipt, and all further ones."""
    applied: dict[str, Application] = {}
    further: list[Application] = []
    for application in tie.books.applications:
        if application.receipt in applied:
            further.append(application)
        else:
            applied[application.receipt] = application
    return applied, further


def _taken(ledger: dict[str, JournalEntry], id_: str, payment: str) -> JournalEntry | None:
    """The entry with this id, taken out, if it is for the payment."""
    entry = ledger.get(id_)
    return ledger.pop(id_) if entry is not None and entry.reference == payment else None


def _moves_cash(entry: JournalEntry) -> bool:
    return not entry.postings or any(account == CASH for account, _, _ in entry.postings)


def _joined(bare: list[Entered], entries: list[JournalEntry]) -> Iterator[Entered]:
    """Receipts and entries that do not name each other, together by payment; what stays alone is a half."""
    halves: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        halves.setdefault(entry.reference, []).append(entry)
    for one in bare:
        waiting = halves.get(one.receipt.payment) if one.receipt is not None else None
        yield one._replace(entry=waiting.pop(0)) if waiting else one
    for waiting in halves.values():
        yield from (Entered(None, entry) for entry in waiting)


def _completeness(one: Entered) -> tuple[bool, bool, int]:
    return one.receipt is None or one.entry is None, one.application is None, one.posted_us
