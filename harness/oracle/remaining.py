"""Remaining performance obligations: what of the agreed price is not earned yet, share by share, and by when it is.

It is read off the shares of the price and their measures of progress, not off what was recognised month by month. What
people agree by the unit has no share in the price and is left out, as is what is worth what is invoiced
(ASC 606-10-50-13, 50-14(b)).
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.oracle.deliverables import earned_of
from harness.oracle.expected import Expected
from harness.oracle.months import first_day
from harness.oracle.movements import Amounts

YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Remaining:
    """What remains at the end of a month, in minor units by contract, and how much of all of it within a year."""

    by_contract: Amounts
    within_year_minor: int

    @property
    def later_minor(self) -> int:
        """What remains for after a year."""
        return int(self.by_contract.sum()) - self.within_year_minor


def remaining(expected: Expected, months: Sequence[int]) -> list[Remaining]:
    """What remains at the end of each of `months`.

    What is served by the day is due by the day. What is earned by hours or at an acceptance is due by the last day of
    its contract, or at once if that is over.
    """
    by_day, done = _Shares(), _Shares()
    add = by_day.add
    for place, (key, contract) in enumerate(expected.contracts.items()):
        shares, versions, end_day = expected.allocated[key], contract.versions, contract.end_day
        if not contract.deliverables:
            for (number, _), share in shares.items():
                version = versions[number - 1]
                add(place, share, version.effective_day, end_day, version.signed_day)
            continue
        parts = {(one.version, one.product): one for one in contract.deliverables}
        for part, share in shares.items():
            version, one = versions[part[0] - 1], parts.get(part)
            if one is None:
                add(place, share, version.effective_day, end_day, version.signed_day)
            elif one.measure == "by_day":
                add(place, share, one.from_day, one.to_day, version.signed_day)
            else:
                rendered = expected.rendered.get(key, ())
                for at, month in enumerate(months):
                    if version.signed_day >= first_day(month + 1):
                        continue
                    left = share - earned_of(contract, one, share, rendered, first_day(month + 1))
                    done.add(place, left, end_day, at, version.signed_day)
    count = len(expected.contracts)
    return [_at_end(by_day, done, at, month, count) for at, month in enumerate(months)]


class _Shares:
    """Shares of prices in columns: whose, how much, from which day, up to which day, and since when agreed."""

    def __init__(self) -> None:
        self._columns = tuple(array("q") for _ in range(5))

    def add(self, place: int, minor: int, from_day: int, to_day: int, signed_day: int) -> None:
        places, minors, from_days, to_days, signed_days = self._columns
        places.append(place)
        minors.append(minor)
        from_days.append(from_day)
        to_days.append(to_day)
        signed_days.append(signed_day)

    def columns(self) -> tuple[Amounts, ...]:
        return tuple(np.frombuffer(column, dtype=np.int64) for column in self._columns)


def _at_end(by_day: _Shares, done: _Shares, at: int, month: int, count: int) -> Remaining:
    closes, horizon = first_day(month + 1), first_day(month + 1 + YEAR_MONTHS)
    by_contract = np.zeros(count, dtype=np.int64)
    place, minor, from_day, to_day, signed_day = by_day.columns()
    agreed = signed_day < closes
    earned = _earned(minor, from_day, to_day, closes)
    within = _earned(minor, from_day, to_day, horizon) - earned
    np.add.at(by_contract, place[agreed], (minor - earned)[agreed])
    within_minor = int(within[agreed].sum())
    place, left, end_day, of_month, signed_day = done.columns()
    agreed = (signed_day < closes) & (of_month == at)
    np.add.at(by_contract, place[agreed], left[agreed])
    within_minor += int(left[agreed & (end_day <= horizon)].sum())
    return Remaining(by_contract, within_minor)


def _earned(minor: Amounts, from_day: Amounts, to_day: Amounts, before_day: int) -> Amounts:
    """What of amounts spread evenly over their days is earned before a day, each rounded half away from zero."""
    days = np.maximum(to_day - from_day, 1)
    passed = np.clip(before_day - from_day, 0, days)
    size = (2 * np.abs(minor) * passed + days) // (2 * days)
    partly = np.where(minor >= 0, size, -size)
    return np.where(before_day >= to_day, minor, partly)
