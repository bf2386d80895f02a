"""What the standard leaves to the company, as one value; and which version of it holds on a day."""

from collections.abc import Sequence
from dataclasses import dataclass

from fakes.books.rounding import Exact
from fakes.books.splitting import Split, cumulative, largest_remainder
from fakes.books.variable import PROBABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenuePolicy:
    """The choices that change the numbers, each named as the argument that it is meant for.

    `allocation_split` and `period_split` are the conventions of rounding over obligations and over periods;
    `percent_decimals` how progress is printed before it is used, None for exactly; `whole_price` what a mixed
    modification allocates; `ssp_tolerance` by what share a price may be off and still be the selling price; `probable`
    from which likelihood on variable consideration counts, None to leave the constraint out; `setup_distinct` whether
    setting up a subscription is a promise by itself. In force from `from_day`.
    """

    from_day: int = 0
    allocation_split: Split = largest_remainder
    period_split: Split = cumulative
    percent_decimals: int | None = None
    whole_price: bool = True
    ssp_tolerance: Exact = 0
    probable: Exact | None = PROBABLE
    setup_distinct: bool = True


STANDARD = (RevenuePolicy(),)
"""What holds where a company has decided nothing else."""


def in_force(versions: Sequence[RevenuePolicy], day: int) -> RevenuePolicy:
    """The version that holds on `day`: the one that began last, of two from the same day the later in the list.

    A change in the middle of a period holds for what happens from its day on; what was recognised stays. Raises
    ValueError if none holds yet.
    """
    newest: RevenuePolicy | None = None
    for version in versions:
        if version.from_day <= day and (newest is None or version.from_day >= newest.from_day):
            newest = version
    if newest is None:
        raise ValueError(f"no revenue policy is in force on day {day}: add one that begins no later")
    return newest
