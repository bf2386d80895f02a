"""The chart of accounts: what the ledger's accounts are called, and how a cell of its balances is named."""

from collections import defaultdict
from functools import lru_cache
from typing import TypeAlias

CASH = "1000 cash"
RECEIVABLES = "1100 accounts receivable"
UNAPPLIED_CASH = "2300 unapplied cash"
CONTRACT_LIABILITY = "2400 contract liability"

OPENING = "opening"
"""The source of entries that take a position over: of before the run, or of a company that was bought."""

Cell: TypeAlias = tuple[str, str, int]
"""(account, subject, month): receivables and cash have a customer's account key for subject, all others a contract."""


@lru_cache(maxsize=1 << 10)
def revenue_account(product: str) -> str:
    """The revenue account of a product."""
    return f"4000 revenue {product}"


Accounts: TypeAlias = defaultdict[str, dict[str, int]]
"""Minor units by account, then subject."""

Balances: TypeAlias = defaultdict[int, Accounts]
"""Cells by month, then account, then subject: the few tables of the latter are quick to add to."""


def empty_balances() -> Balances:
    """Balances in which every cell is zero."""
    return defaultdict(_accounts)


def cells_of(balances: Balances) -> dict[Cell, int]:
    """The balances by cell, without those that are zero."""
    return {
        (account, subject, month): minor
        for month, accounts in balances.items()
        for account, subjects in accounts.items()
        for subject, minor in subjects.items()
        if minor
    }


def _accounts() -> Accounts:
    return defaultdict(_subjects)


def _subjects() -> dict[str, int]:
    return defaultdict(int)
