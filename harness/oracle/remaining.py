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
from harness.oracle.months import first_day, month_name
from harness.oracle.movements import Amounts
from harness.oracle.revenue import earned_minors
from sim.errors import InvariantBroken

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
    served = expected.served
    ours_day = np.maximum(served.signed_day, served.acquired_day)
    alone = np.stack([served.whose, served.minor, served.from_day, served.to_day, ours_day])
    tables = np.concatenate([alone, columns(by_day, 5)], axis=1), columns(done, 5)
    return [_at_end(*tables, at, month, tuple(expected.place)) for at, month in enumerate(months)]


def _at_end(by_day: Column, done: Column, at: int, month: int, contracts: Sequence[str]) -> Remaining:
    closes, horizon = first_day(month + 1), first_day(month + 1 + YEAR_MONTHS)
    by_contract, within_year = (np.zeros(len(contracts), dtype=np.int64) for _ in range(2))
    place, minor, from_day, to_day, ours_day = by_day[:, by_day[4] < closes]
    earned = earned_minors(minor, from_day, to_day, closes)
    left, within = minor - earned, earned_minors(minor, from_day, to_day, horizon) - earned
    _part(month, contracts, place, left, within)
    np.add.at(by_contract, place, left)
    np.add.at(within_year, place, within)
    place, left, end_day, of_month, ours_day = done
    agreed = (ours_day < closes) & (of_month == at)
    np.add.at(by_contract, place[agreed], left[agreed])
    agreed &= end_day <= horizon
    np.add.at(within_year, place[agreed], left[agreed])
    return Remaining(by_contract, within_year)


def _part(month: int, contracts: Sequence[str], place: Column, left: Column, within: Column) -> None:
    """Raise InvariantBroken if what of a share is due within a year is not between nothing and what is left of it."""
    off = (within < np.minimum(left, 0)) | (within > np.maximum(left, 0))
    if off.any():
        first = int(off.argmax())
        detail = f"{contracts[place[first]]} in {month_name(month)}: {within[first]} of {left[first]}"
        raise InvariantBroken("what is due within a year is a part of what remains", detail)
