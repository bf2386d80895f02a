"""The proof of the audit: effective-date book, posting-date book, and the breaks between them, cell by cell.

It reads the oracle's ledger and the journal afresh and takes nothing from the checks but the breaks themselves.
"""

from collections.abc import Iterable, Sequence

from fakes.records import JournalEntry, Payment
from harness.audit.breaks import Break
from harness.oracle import Expected
from harness.oracle.ledger import CASH, RECEIVABLES, Cell, cells_of
from harness.oracle.months import month_of


def unexplained(
    expected: Expected, journal: Sequence[JournalEntry], breaks: Iterable[Break], payments: Iterable[Payment] = ()
) -> dict[Cell, int]:
    """The ledger cells whose difference the listed breaks do not make up exactly, and what is left of it.

    What the bank reports as `payments` belongs to the effective-date book: cash, and so much less receivable.
    Entries posted at instant 0 or before are the opening position, which the oracle leaves out as well.
    """
    lacking = expected.balances()
    for payment in {payment.id: payment for payment in payments}.values():
        accounts = lacking[month_of(payment.day)]
        accounts[CASH][payment.account] += payment.minor
        accounts[RECEIVABLES][payment.account] -= payment.minor
    for entry in journal:
        if entry.posted_us > 0 and not expected.takes_over(entry.source, entry.contract):
            accounts = lacking[entry.period]
            for account, subject, minor in entry.postings:
                accounts[account][subject] -= minor
    for found in breaks:
        for (account, subject, month), minor in found.effects:
            lacking[month][account][subject] += minor
    return {cell: -minor for cell, minor in cells_of(lacking).items()}
