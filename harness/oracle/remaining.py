"""Remaining performance obligations: what of the agreed price is not earned yet, share by share, and by when it is.

It is read off the shares of the price and their measures of progress, not off what was recognised month by month. What
people agree by the unit has no share in the price and is left out, as is what is worth what is invoiced
(ASC 606-10-50-13, 50-14(b)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from harness.oracle.columns import Column, columns
from harness.oracle.deliverables import earned_of
from harness.oracle.expected import Expected
from harness.oracle.months import first_day
from harness.oracle.movements import Amounts

YEAR_MONTHS = 12

Share: TypeAlias = tuple[int, int, int, int, int]
"""A share of a price: whose, how much, from which day, up to which day, and since when it is ours."""

Left: TypeAlias = tuple[int, int, int, int, int]
"""What is left of one that is not earned by the day: whose, how much, the end of its contract, in which month,
and since when it is ours."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """What remains at the end of a month, in minor units by contract, and how much of it within a year."""

    by_contract: Amounts
    within_year: Amounts


def remaining(expected: Expected, months: Sequence[int]) -> list[Remaining]:
    """What remains at the end of each of `months`.

    What is served by the day is due by the day. What is earned by hours or at an acceptance is due by the last day of
    its contract, or at once if that is over.
    """
    by_day, done = list[Share](), list[Left]()
    for place, (key, contract) in enumerate(expected.contracts.items()):
        if not contract.deliverables:
            continue
        shares, versions, end_day = expected.allocated[key], contract.versions, contract.end_day
        acquired_day = contract.acquired_day
        parts = {(one.version, one.product): one for one in contract.deliverables}
        for part, share in shares.items():
            version, one = versions[part[0] - 1], parts.get(part)
            since_day = max(version.signed_day, acquired_day)
            if one is None:
                by_day.append((place, share, version.effective_day, end_day, since_day))
            elif one.measure == "by_day":
                by_day.append((place, share, one.from_day, one.to_day, since_day))
            else:
                rendered = expected.rendered.get(key, ())
                for at, month in enumerate(months):
                    if since_day >= first_day(month + 1):
                        continue
                    left = share - earned_of(contract, one, share, rendered, first_day(month + 1))
                    done.append((place, left, end_day, at, since_day))
    count = len(expected.contracts)
    served = expected.served
    ours_day = np.maximum(served.signed_day, served.acquired_day)
    alone = np.stack([served.whose, served.minor, served.from_day, served.to_day, ours_day])
    tables = np.concatenate([alone, columns(by_day, 5)], axis=1), columns(done, 5)
    return [_at_end(*tables, at, month, count) for at, month in enumerate(months)]


def _at_end(by_day: Column, done: Column, at: int, month: int, count: int) -> Remaining:
    closes, horizon = first_day(month + 1), first_day(month + 1 + YEAR_MONTHS)
    by_contract, within_year = (np.zeros(count, dtype=np.int64) for _ in range(2))
    place, minor, from_day, to_day, ours_day = by_day
    agreed = ours_day < closes
    earned = _earned(minor, from_day, to_day, closes)
    within = _earned(minor, from_day, to_day, horizon) - earned
    np.add.at(by_contract, place[agreed], (minor - earned)[agreed])
    np.add.at(within_year, place[agreed], within[agreed])
    place, left, end_day, of_month, ours_day = done
    agreed = (ours_day < closes) & (of_month == at)
    np.add.at(by_contract, place[agreed], left[agreed])
    agreed &= end_day <= horizon
    np.add.at(within_year, place[agreed], left[agreed])
    return Remaining(by_contract, within_year)


def _earned(minor: Amounts, from_day: Amounts, to_day: Amounts, before_day: int) -> Amounts:
    """What of amounts spread evenly over their days is earned before a day, each rounded half away from zero."""
    days = np.maximum(to_day - from_day, 1)
    passed = np.clip(before_day - from_day, 0, days)
    size = (2 * np.abs(minor) * passed + days) // (2 * days)
    partly = np.where(minor >= 0, size, -size)
    return np.where(before_day >= to_day, minor, partly)
