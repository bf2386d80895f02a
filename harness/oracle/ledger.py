"""The chart of accounts: what the ledger's accounts are called, and how a cell of its balances is named."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import TypeAlias

import numpy as np

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


def _accounts() -> Accounts:
    return defaultdict(_subjects)


def _subjects() -> dict[str, int]:
    return defaultdict(int)


class Cells:
    """A ledger's cells in the making, in columns that are quick to add to one by one.

    The number of a cell is that of its account in its month, `accounts[month][account]`, and that of its subject,
    `subjects[subject]`, added up. Who adds much appends such `numbers` and `minors`, minor units, by himself.
    """

    __slots__ = ("accounts", "minors", "numbers", "subjects")

    def __init__(self) -> None:
        columns = count(step=1 << _SUBJECT_BITS)
        self.accounts: defaultdict[int, _Numbers] = defaultdict(lambda: _Numbers(columns))
        self.subjects = _Numbers(count())
        self.numbers, self.minors = array("q"), array("q")

    def add(self, account: str, subject: str, month: int, minor: int) -> None:
        """Add minor units to one cell."""
        self.numbers.append(self.accounts[month][account] + self.subjects[subject])
        self.minors.append(minor)

    def balances(self) -> dict[Cell, int]:
        """What has been added by cell, without those that come to zero."""
        columns = {
            number >> _SUBJECT_BITS: (account, month)
            for month, accounts in self.accounts.items()
            for account, number in accounts.items()
        }
        subjects = tuple(self.subjects)
        sums = np.zeros((len(columns), len(subjects)), dtype=np.int64)
        if self.numbers:
            column, subject = np.divmod(np.frombuffer(self.numbers, dtype=np.int64), 1 << _SUBJECT_BITS)
            np.add.at(sums, (column, subject), np.frombuffer(self.minors, dtype=np.int64))
        found = {}
        for column, subject in zip(*(axis.tolist() for axis in sums.nonzero()), strict=True):
            account, month = columns[column]
            found[account, subjects[subject], month] = int(sums[column, subject])
        return found


_SUBJECT_BITS = 32


class _Numbers(dict[str, int]):
    """A number for each name, given to it when it is first asked for."""

    def __init__(self, numbers: Iterator[int]) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, name: str) -> int:
        number = self[name] = next(self._numbers)
        return number
