"""Remaining performance obligations: the price of what is still to be done, and when (ASC 606-10-50-13..15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sim.calendar import add_months


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A contract as the disclosure looks at it. Days are ordinals, amounts minor units.

    `end_day` is the first day after what the customer is bound to: what it may leave is not in the contract.
    `price_minor` is without constrained amounts. `exempt_minor` is the part of what remains of it that may be left out:
    revenue as invoiced (55-18), sales- or usage-based royalties, variable amounts for what is wholly unsatisfied. The
    rest of such a contract is disclosed. Raises ValueError if more is exempt than remains. ASC 606-10-50-14, 50-14A.
    """

    start_day: int
    end_day: int
    price_minor: int
    recognised_minor: int = 0
    exempt_minor: int = 0

    def __post_init__(self) -> None:
        if self.exempt_minor and not 0 <= self.exempt_minor <= remaining_minor(self):
            raise ValueError(f"{self.exempt_minor} cannot be exempt of {remaining_minor(self)} that remain")


def remaining_minor(contract: Disclosed) -> int:
    """The transaction price that is not recognised: unbilled, and contract liability less contract asset. 50-13(a)."""
    return contract.price_minor - contract.recognised_minor


def is_disclosed(contract: Disclosed, *, short_too: bool = False) -> bool:
    """Whether something of a contract is in the disclosure: not if all that remains may be left out.

    Contracts of an original term of up to a year, from a date to the same date of the next year, are left out unless
    the company discloses them, `short_too`. ASC 606-10-50-14, 50-14A.
    """
    short = contract.end_day <= add_months(contract.start_day, 12)
    return (short_too or not short) and contract.exempt_minor != remaining_minor(contract)


def disclosed_minor(contracts: Sequence[Disclosed], *, short_too: bool = False) -> int:
    """The remaining performance obligations to be disclosed, of all contracts, without what is exempt."""
    return sum(remaining_minor(one) - one.exempt_minor for one in contracts if is_disclosed(one, short_too=short_too))


@dataclass(frozen=True, slots=True)
class Planned:
    """Revenue that is planned for a day, such as a month's at its end."""

    day: int
    minor: int


def by_band(plan: Sequence[Planned], from_day: int, band_ends: Sequence[int]) -> tuple[int, ...]:
    """What is planned from `from_day` on, by bands: each up to, not including, its end; the last amount is beyond all.

    One amount more than `band_ends`, in minor units; they sum to all that is planned. Raises ValueError for ends that
    do not ascend. ASC 606-10-50-13(b).
    """
    if any(end >= later for end, later in pairwise(band_ends)):
        raise ValueError(f"the ends of bands must ascend, got {list(band_ends)}")
    bands = [0] * (len(band_ends) + 1)
    for planned in plan:
        if planned.day >= from_day:
            bands[sum(end <= planned.day for end in band_ends)] += planned.minor
    return tuple(bands)
