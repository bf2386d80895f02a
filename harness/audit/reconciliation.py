"""The proof of the audit: effective-date book, posting-date book, and the breaks between them, cell by cell.

It reads the oracle's ledger and the journal afresh and takes nothing from the checks but the breaks themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from fakes.records import JournalEntry
from harness.audit.breaks import Break
from harness.oracle import Expected
from harness.oracle.ledger import Cell

Accounts: TypeAlias = defaultdict[str, dict[str, int]]
"""Minor units by account, then subject."""

Balances: TypeAlias = defaultdict[int, Accounts]
"""Cells by month, then account, then subject: the few tables of the latter are quick to add to."""


def unexplained(expected: Expected, journal: Sequence[JournalEntry], breaks: Iterable[Break]) -> dict[Cell, int]:
    """The ledger cells whose difference the listed breaks do not make up exactly, and what is left of it.

    Entries posted at instant 0 or before are the opening position, which the oracle leaves out as well.
    """
    lacking: Balances = defaultdict(_accounts)
    for account, subject, month, minor in expected.movements():
        lacking[month][account][subject] += minor
    for entry in journal:
        if entry.posted_us > 0:
            accounts = lacking[entry.period]
            for account, subject, minor in entry.postings:
                accounts[account][subject] -= minor
    for found in breaks:
        for (account, subject, month), minor in found.effects:
            lacking[month][account][subject] += minor
    return {
        (account, subject, month): -minor
        for month, accounts in lacking.items()
        for account, subjects in accounts.items()
        for subject, minor in subjects.items()
        if minor
    }


def _accounts() -> Accounts:
    return defaultdict(_subjects)


def _subjects() -> dict[str, int]:
    return defaultdict(int)
