"""What the standard leaves to the company and the revenue engine asks; and which version of it holds on a day.

Other choices are arguments of the functions that they change, such as the `split` of `allocation.allocate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenuePolicy:
    """A choice and the first day of the contracts, by their signing, that it holds for.

    `setup_distinct`: whether setting up a subscription is a promise by itself, or a part of it (ASC 606-10-25-21).
    """

    from_day: int = 0
    setup_distinct: bool = True


STANDARD = (RevenuePolicy(),)
"""What holds where a company has decided nothing else."""


def in_force(versions: Sequence[RevenuePolicy], day: int) -> RevenuePolicy:
    """The version for a contract signed on `day`: the one that began last, of two from one day the later in the list.

    Raises ValueError if none holds yet.
    """
    newest: RevenuePolicy | None = None
    for version in versions:
        if version.from_day <= day and (newest is None or version.from_day >= newest.from_day):
            newest = version
    if newest is None:
        raise ValueError(f"no revenue policy is in force on day {day}: add one that begins no later")
    return newest
