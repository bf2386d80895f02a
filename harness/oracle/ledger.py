"""The chart of accounts: what the ledger's accounts are called, and how a cell of its balances is named."""

from array import array
from collections import defaultdict
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

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

    __slots__ = ("_columns", "accounts", "minors", "numbers", "subjects")

    def __init__(self) -> None:
        self._columns: list[tuple[str, int]] = []
        self.accounts = _Months(self._columns)
        self.subjects = _Subjects()
        self.numbers, self.minors = array("q"), array("q")

    def copy(self) -> "Cells":
        """The same cells, to add more to."""
        cells = Cells()
        cells._columns += self._columns
        for column, (account, month) in enumerate(self._columns):
            cells.accounts[month][account] = column << _SUBJECT_BITS
        cells.subjects.update(self.subjects)
        cells.numbers += self.numbers
        cells.minors += self.minors
        return cells

    def add(self, account: str, subject: str, month: int, minor: int) -> None:
        """Add minor units to one cell."""
        self.numbers.append(self.accounts[month][account] + self.subjects[subject])
        self.minors.append(minor)

    def balances(self) -> dict[Cell, int]:
        """What has been added by cell, without those that come to zero."""
        found, sums, subjects = {}, self._sums(), tuple(self.subjects)
        for column, subject in zip(*(axis.tolist() for axis in sums.nonzero()), strict=True):
            account, month = self._columns[column]
            found[account, subjects[subject], month] = int(sums[column, subject])
        return found

    def of_account(self, account: str) -> dict[int, npt.NDArray[np.int64]]:
        """What has been added to an account by month, in the order of `subjects`."""
        sums = self._sums()
        return {month: sums[column] for column, (name, month) in enumerate(self._columns) if name == account}

    def _sums(self) -> npt.NDArray[np.int64]:
        sums = np.zeros((len(self._columns), len(self.subjects)), dtype=np.int64)
        if self.numbers:
            column, subject = np.divmod(np.frombuffer(self.numbers, dtype=np.int64), 1 << _SUBJECT_BITS)
            np.add.at(sums, (column, subject), np.frombuffer(self.minors, dtype=np.int64))
        return sums


_SUBJECT_BITS = 32


class _Months(dict[int, "_Accounts"]):
    """The numbers of accounts by month: their places in `columns`, shifted to make room for a subject's."""

    def __init__(self, columns: list[tuple[str, int]]) -> None:
        super().__init__()
        self._columns = columns

    def __missing__(self, month: int) -> "_Accounts":
        accounts = self[month] = _Accounts(self._columns, month)
        return accounts


class _Accounts(dict[str, int]):
    """The numbers of a month's accounts, each given when it is first asked for."""

    def __init__(self, columns: list[tuple[str, int]], month: int) -> None:
        super().__init__()
        self._columns, self._month = columns, month

    def __missing__(self, account: str) -> int:
        number = self[account] = len(self._columns) << _SUBJECT_BITS
        self._columns.append((account, self._month))
        return number


class _Subjects(dict[str, int]):
    """The numbers of subjects, each given when it is first asked for."""

    def __missing__(self, subject: str) -> int:
        number = self[subject] = len(self)
        return number
