"""The chart of accounts: what the ledger's accounts are called, and how a cell of its balances is named."""

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from itertools import count
from typing import TypeAlias, TypeVar

import numpy as np

from harness.oracle.columns import Column

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


K = TypeVar("K")

_ACCOUNT, _MONTH = 1 << 48, 1 << 32
"""By how much the numbers of accounts and of months grow: room for those of the months, and of the subjects."""


class Cells:
    """A ledger's cells in the making, in columns that are quick to add to.

    The number of a cell is that of its account, `accounts[account]`, of its month, `months[month]`, and of its subject,
    `subjects[subject]`, added up.
    """

    __slots__ = ("_columns", "accounts", "months", "subjects")

    def __init__(self) -> None:
        self.accounts, self.months, self.subjects = Numbers[str](_ACCOUNT), Numbers[int](_MONTH), Numbers[str](1)
        self._columns: list[tuple[Column, Column]] = []

    def copy(self) -> "Cells":
        """The same cells, to add more to."""
        cells = Cells()
        cells.accounts.update(self.accounts)
        cells.months.update(self.months)
        cells.subjects.update(self.subjects)
        cells._columns += self._columns
        return cells

    def of_months(self, months: Column) -> Column:
        """The numbers of many months."""
        known = np.unique(months)
        return self.months.of(known.tolist())[np.searchsorted(known, months)]

    def add(self, numbers: Column, minors: Column) -> None:
        """Add minor units to the cells of these numbers."""
        self._columns.append((numbers, minors))

    def balances(self) -> dict[Cell, int]:
        """What has been added by cell, without those that come to zero."""
        found, sums = {}, self._sums()
        accounts, months, subjects = tuple(self.accounts), tuple(self.months), tuple(self.subjects)
        for account, month, subject in zip(*(axis.tolist() for axis in sums.nonzero()), strict=True):
            found[accounts[account], subjects[subject], months[month]] = int(sums[account, month, subject])
        return found

    def of_account(self, account: str) -> dict[int, Column]:
        """What has been added to an account by month, in the order of `subjects`."""
        return dict(zip(self.months, self._sums()[list(self.accounts).index(account)], strict=True))

    def _sums(self) -> Column:
        """What has been added by account, month and subject."""
        sums = np.zeros((len(self.accounts), len(self.months), len(self.subjects)), dtype=np.int64)
        for numbers, minors in self._columns:
            account, month, subject = numbers // _ACCOUNT, numbers % _ACCOUNT // _MONTH, numbers % _MONTH
            np.add.at(sums.reshape(-1), (account * len(self.months) + month) * len(self.subjects) + subject, minors)
        return sums


class Numbers(dict[K, int]):
    """Numbers for words, each given when it is first asked for: multiples of `step`."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def __missing__(self, word: K) -> int:
        number = self[word] = len(self) * self._step
        return number

    def of(self, words: Collection[K]) -> Column:
        """The numbers of some words, in their order."""
        if not self:  # the first words are nearly all that there will be: they are numbered together
            self.update(zip(dict.fromkeys(words), count(step=self._step), strict=False))
        return np.array([*map(self.__getitem__, words)], dtype=np.int64)
