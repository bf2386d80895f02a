"""Remaining performance obligations: the price of what is still to be done, and when (ASC 606-10-50-13..15)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A contract as the disclosure looks at it. Days are ordinals, amounts minor units.

    `end_day` is the first day after what the customer is bound to: what it may leave is not in the contract. The flags
    are the practical expedients: `right_to_invoice`, revenue as invoiced (55-18), and `royalty`, for sales- or
    usage-based ones (50-14A). `price_minor` is without constrained amounts.
    """

    start_day: int
    end_day: int
    price_minor: int
    recognised_minor: int = 0
    right_to_invoice: bool = False
    royalty: bool = False


def remaining_minor(contract: Disclosed) -> int:
    """The transaction price that is not recognised: unbilled, and contract liability less contract asset. 50-13(a)."""
    return contract.price_minor - contract.recognised_minor


def is_disclosed(contract: Disclosed, *, one_year_days: int = 365, short_too: bool = False) -> bool:
    """Whether a contract is in the disclosure: not if it may be left out, by ASC 606-10-50-14, 50-14A.

    Contracts of an original term of up to a year are left out unless the company discloses them, `short_too`.
    """
    short = contract.end_day - contract.start_day <= one_year_days and not short_too
    return not (short or contract.right_to_invoice or contract.royalty)


def disclosed_minor(contracts: Sequence[Disclosed], *, short_too: bool = False) -> int:
    """The remaining performance obligations to be disclosed, of all contracts."""
    return sum(remaining_minor(one) for one in contracts if is_disclosed(one, short_too=short_too))


@dataclass(frozen=True, slots=True)
class Planned:
    """Revenue that is planned for a day, such as a month's at its end."""

    day: int
    minor: int


def by_band(plan: Sequence[Planned], from_day: int, band_ends: Sequence[int]) -> tuple[int, ...]:
    """What is planned from `from_day` on, by bands: each up to, not including, its end; the last amount is beyond all.

    One amount more than `band_ends`, in minor units; they sum to all that is planned. ASC 606-10-50-13(b).
    """
    bands = [0] * (len(band_ends) + 1)
    for planned in plan:
        if planned.day >= from_day:
            bands[sum(end <= planned.day for end in band_ends)] += planned.minor
    return tuple(bands)
