"""The proof of the audit: effective-date book, posting-date book, and the breaks between them, cell by cell.

It reads the oracle's ledger and the journal afresh and takes nothing from the checks but the breaks themselves.
"""

from collections.abc import Iterable, Sequence

from fakes.records import JournalEntry
from harness.audit.breaks import Break
from harness.oracle import Expected
from harness.oracle.ledger import Cell


def unexplained(expected: Expected, journal: Sequence[JournalEntry], breaks: Iterable[Break]) -> dict[Cell, int]:
    """The ledger cells whose difference the listed breaks do not make up exactly, and what is left of it.

    Entries posted at instant 0 or before are the opening position, which the oracle leaves out as well.
    """
    lacking = expected.ledger()
    for entry in journal:
        if entry.posted_us > 0:
            period = entry.period
            for posting in entry.postings:
                cell = (posting.account, posting.subject, period)
                lacking[cell] = lacking.get(cell, 0) - posting.minor
    for found in breaks:
        for cell, minor in found.effects:
            lacking[cell] = lacking.get(cell, 0) + minor
    return {cell: -minor for cell, minor in lacking.items() if minor}
