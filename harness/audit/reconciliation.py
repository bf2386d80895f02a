"""The proof of the audit: effective-date book, posting-date book, and the breaks between them, cell by cell.

It reads the oracle's ledger and the journal afresh and takes nothing from the checks but the breaks themselves.
"""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from fakes.records import JournalEntry, Payment
from harness.audit.breaks import Break
from harness.oracle import Expected
from harness.oracle.ledger import CASH, OPENING, RECEIVABLES, Cell
from harness.oracle.months import month_of


def unexplained(
    expected: Expected, journal: Sequence[JournalEntry], breaks: Iterable[Break], payments: Iterable[Payment] = ()
) -> dict[Cell, int]:
    """The ledger cells whose difference the listed breaks do not make up exactly, and what is left of it.

    What the bank reports as `payments` belongs to the effective-date book: cash, and so much less receivable.
    Entries posted at instant 0 or before are the opening position, which the oracle leaves out as well.
    """
    lacking = expected.book.copy()
    accounts, months, subjects = lacking.accounts, lacking.months, lacking.subjects
    numbers, minors = array("q"), array("q")
    number, amount = numbers.append, minors.append
    for payment in {payment.id: payment for payment in payments}.values():
        place = months[month_of(payment.day)] + subjects[payment.account]
        number(accounts[CASH] + place)
        amount(payment.minor)
        number(accounts[RECEIVABLES] + place)
        amount(-payment.minor)
    for entry in journal:
        if entry.posted_us > 0 and not (entry.source == OPENING and expected.takes_over(entry.source, entry.contract)):
            month, last = months[entry.period], None
            for account, subject, minor in entry.postings:
                if subject is not last:  # most entries are about one alone
                    last, place = subject, month + subjects[subject]
                number(accounts[account] + place)
                amount(-minor)
    for found in breaks:
        for (account, subject, period), minor in found.effects:
            number(accounts[account] + months[period] + subjects[subject])
            amount(minor)
    lacking.add(np.frombuffer(numbers, dtype=np.int64), np.frombuffer(minors, dtype=np.int64))
    return {cell: -minor for cell, minor in lacking.balances().items()}
