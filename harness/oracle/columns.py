"""What is charged and what is earned in columns, for whatever is summed up over all contracts."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Column: TypeAlias = npt.NDArray[np.int64]


class Charged(NamedTuple):
    """The charges one after the other: the places of their contracts, months, minor units, and instants due."""

    whose: Column
    month: Column
    minor: Column
    due_us: Column


class Earned(NamedTuple):
    """Revenue by contract, month and product: the contract's place, the month, the product's place among `products`."""

    whose: Column
    month: Column
    product: Column
    minor: Column
    products: Sequence[str]


def column(values: Sequence[int]) -> Column:
    """The same whole numbers as an array."""
    return np.array(values, dtype=np.int64)


def columns(rows: Sequence[Sequence[int]], width: int) -> Column:
    """The columns of a table with rows of that `width`."""
    return np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width).reshape(-1, width).T


def earned(place: Mapping[str, int], recognised: Mapping[tuple[str, int], Mapping[str, int]]) -> Earned:
    """The columns of revenue by (contract, month) and product, given the contracts' places."""
    sizes = column([len(amounts) for amounts in recognised.values()])
    products = [product for amounts in recognised.values() for product in amounts]
    number = {product: at for at, product in enumerate(dict.fromkeys(products))}
    return Earned(
        column([place[contract] for contract, _ in recognised]).repeat(sizes),
        column([month for _, month in recognised]).repeat(sizes),
        column([number[product] for product in products]),
        column([minor for amounts in recognised.values() for minor in amounts.values()]),
        tuple(number),
    )


def summed(at: Column, whose: Column, minor: Column, size: tuple[int, int]) -> Column:
    """Minor units summed up by month and contract, of those that are at these places of an array of that size."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums.reshape(-1), at * size[1] + whose, minor)
    return sums
