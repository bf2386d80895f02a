"""What is charged and what is earned in columns, for whatever is summed up over all contracts."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Column: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


class Charged(NamedTuple):
    """The charges one after the other: the places of their contracts, months, minor units, and instants due."""

    whose: Column
    month: Column
    minor: Column
    due_us: Column

    def by_document(self, these: Mask) -> Column:
        """What `these` charges come to by document: one has the charges of a contract that fall due together."""
        whose, due_us = self.whose[these], self.due_us[these]
        order = np.lexsort((due_us, whose))
        whose, due_us = whose[order], due_us[order]
        begins = (np.diff(whose, prepend=-1) != 0) | (np.diff(due_us, prepend=-1) != 0)
        return np.add.reduceat(self.minor[these][order], np.flatnonzero(begins))


class Served(NamedTuple):
    """Shares of prices that are earned by the day: the contract's place, the product's among `products`, minor units.

    And the days of its version's signing, of the contract's acquisition, and from which up to which it is earned.
    """

    whose: Column
    product: Column
    minor: Column
    signed_day: Column
    acquired_day: Column
    from_day: Column
    to_day: Column
    products: Sequence[str]


class Earned(NamedTuple):
    """Revenue by contract, month and product: the contract's place, the month, the product's place among `products`."""

    whose: Column
    month: Column
    product: Column
    minor: Column
    products: Sequence[str]

    def by_month(self, contracts: Sequence[str]) -> dict[tuple[str, int], dict[str, int]]:
        """The same by (contract, month) and product, given the contracts by their places."""
        amounts: dict[tuple[str, int], dict[str, int]] = {}
        columns = (self.whose, self.month, self.product, self.minor)
        for whose, month, product, minor in zip(*(each.tolist() for each in columns), strict=True):
            amounts.setdefault((contracts[whose], month), {})[self.products[product]] = minor
        return amounts


def column(values: Sequence[int]) -> Column:
    """The same whole numbers as an array."""
    return np.array(values, dtype=np.int64)


def columns(rows: Sequence[Sequence[int]], width: int) -> Column:
    """The columns of a table with rows of that `width`."""
    return np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width).reshape(-1, width).T


def summed(at: Column, whose: Column, minor: Column, size: tuple[int, int]) -> Column:
    """Minor units summed up by month and contract, of those that are at these places of an array of that size."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums.reshape(-1), at * size[1] + whose, minor)
    return sums
