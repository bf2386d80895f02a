"""Revenue by the standard: a version's price split over the obligations, and earned by the day.

Relative stand-alone selling price (ASC 606-10-32-31), units left over by rounding to the largest remainders;
a decrease is split as the increase of the same size. Rateable by day (ASC 606-10-25-31), rounded on the
cumulative amount, so that months add up to the whole.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from fakes.agreements import Contract, PerformanceObligation
from harness.oracle.charges import half_away, halves_away
from harness.oracle.columns import Column


def allocation(price_minor: int, obligations: tuple[PerformanceObligation, ...]) -> tuple[int, ...]:
    """The share of each obligation, in order, in `price_minor`; they sum to it exactly."""
    return split(price_minor, [obligation.ssp_minor for obligation in obligations])


def split(price_minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """An amount split in proportion to weights, which sum to more than 0 unless there are none; in their order."""
    if len(weights) == 1:
        return (price_minor,)
    size = abs(price_minor)
    total = sum(weights)
    shares = [size * weight // total for weight in weights]
    spare = size - sum(shares)
    if spare:
        remainders = [size * weight % total for weight in weights]
        for at in sorted(range(len(shares)), key=remainders.__getitem__, reverse=True)[:spare]:
            shares[at] += 1
    return tuple(shares) if price_minor >= 0 else tuple(-share for share in shares)


def earned_minor(amount_minor: int, from_day: int, to_day: int, before_day: int) -> int:
    """What of an amount spread evenly over the days [from_day, to_day) is earned before `before_day`."""
    if before_day >= to_day:
        return amount_minor
    if before_day <= from_day:
        return 0
    return half_away(amount_minor * (before_day - from_day), to_day - from_day)


def earned_minors(amounts_minor: Column, from_day: Column, to_day: Column, before_day: Column | int) -> Column:
    """`earned_minor` of many amounts, in columns.

    Whole units a day and what is left over are earned apart: no product is larger than an amount or two days squared,
    so that nothing overflows that itself fits 64 bits.
    """
    days = np.maximum(to_day - from_day, 1)
    passed = np.clip(before_day - from_day, 0, days)
    rest = np.fmod(amounts_minor, days)
    partly = (amounts_minor - rest) // days * passed + halves_away(rest * passed, days)
    return np.where(before_day >= to_day, amounts_minor, partly)


def earned_by_version(
    contract: Contract, version_index: int, shares: Mapping[tuple[int, str], int], from_day: int, before_day: int
) -> dict[str, int]:
    """What one version's part of the subscription earns from a day up to another, by product.

    `shares` are those of all versions; products that earn nothing are left out.
    """
    version, end_day = contract.versions[version_index], contract.end_day
    earned: dict[str, int] = {}
    for obligation in contract.obligations:
        share = shares.get((version.number, obligation.product), 0)
        minor = earned_minor(share, version.effective_day, end_day, before_day)
        minor -= earned_minor(share, version.effective_day, end_day, from_day)
        if minor:
            earned[obligation.product] = minor
    return earned
