"""What contracts earn month by month: by the day those for a subscription alone, all others by measures of progress."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from fakes.agreements import Contract, Fulfilment
from harness.oracle.columns import Column, Earned, Served, column, columns
from harness.oracle.deliverables import Shares, earned_by_product
from harness.oracle.revenue import earned_minors

Month: TypeAlias = tuple[int, int, int]
"""A month, its first day, and the first day after it."""

Row: TypeAlias = tuple[int, int, int, int]
"""What is earned: whose, in which month, in which product, how much."""


def served(contracts: Mapping[str, Contract], allocated: Mapping[str, Shares]) -> Served:
    """The shares of the contracts' versions that are earned by the day: of contracts for a subscription alone."""
    rows, products = list[tuple[int, ...]](), dict[str, int]()
    for place, (key, contract) in enumerate(contracts.items()):
        if contract.deliverables:
            continue
        versions, acquired_day, end_day = contract.versions, contract.acquired_day, contract.end_day
        for (number, promised), share in allocated[key].items():
            version, at = versions[number - 1], products.setdefault(promised, len(products))
            rows.append((place, at, share, version.signed_day, acquired_day, version.effective_day, end_day))
    whose, product, minor, signed_day, acquired_day, from_day, to_day = columns(rows, 7)
    return Served(whose, product, minor, signed_day, acquired_day, from_day, to_day, tuple(products))


def earned(
    served: Served,
    contracts: Mapping[str, Contract],
    allocated: Mapping[str, Shares],
    rendered: Mapping[str, Sequence[Fulfilment]],
    months: Sequence[Month],
) -> Earned:
    """The revenue of each of `months`, given the shares of the contracts' versions and what was delivered.

    It is in the order of contracts, months and the contract's products; what earns nothing is left out.
    """
    products = {product: at for at, product in enumerate(served.products)}
    by_measure: list[Row] = []
    for place, (key, contract) in enumerate(contracts.items()):
        if contract.deliverables:
            for month, product, minor in _by_measure(contract, allocated[key], rendered.get(key, ()), months):
                by_measure.append((place, month, products.setdefault(product, len(products)), minor))
    rows = np.concatenate([_by_day(served, months), columns(by_measure, 4)], axis=1)
    whose, in_month, product_at, minors = rows[:, np.lexsort((rows[1], rows[0]))]
    appearing, names = dict.fromkeys(product_at.tolist()), tuple(products)
    number = np.zeros(len(names), dtype=np.int64)
    number[list(appearing)] = np.arange(len(appearing))
    return Earned(whose, in_month, number[product_at], minors, tuple(names[at] for at in appearing))


def _by_day(served: Served, months: Sequence[Month]) -> Column:
    """What shares of prices earn by the day, each rounded by itself, in columns of rows."""
    whose, product, minor, signed_day, acquired_day, from_day, to_day, products = served
    _, first, part = np.unique(whose * len(products) + product, return_index=True, return_inverse=True)
    sums = np.zeros((len(months), len(minor)), dtype=np.int64)  # each where the contract first has the product
    for of_month, (_, first_day, closes) in zip(sums, months, strict=True):
        opens = np.maximum(first_day, acquired_day)
        before = np.where(signed_day < opens, earned_minors(minor, from_day, to_day, opens), 0)
        after = np.where(signed_day < closes, earned_minors(minor, from_day, to_day, closes), 0)
        np.add.at(of_month, first[part], np.where(opens < closes, after - before, 0))
    at, place = sums.nonzero()
    return np.stack([whose[place], column([month for month, _, _ in months])[at], product[place], sums[at, place]])


def _by_measure(
    contract: Contract, shares: Shares, rendered: Sequence[Fulfilment], months: Sequence[Month]
) -> Iterator[tuple[int, str, int]]:
    """The month, the product and the revenue of a contract with deliverables, each by its own measure of progress."""
    for month, first_day, closes in months:
        opens = max(first_day, contract.acquired_day)
        if opens < closes:
            before = earned_by_product(contract, shares, rendered, opens)
            for product, minor in earned_by_product(contract, shares, rendered, closes).items():
                if minor != before[product]:
                    yield month, product, minor - before[product]
