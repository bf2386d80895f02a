"""The transaction price (step 3 of ASC 606): what a company expects to be entitled to, in minor units."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from fakes.books.rounding import Exact, rounded_minor
from fakes.books.variable import PROBABLE, Variable, included_minor
from sim.calendar import add_months


@dataclass(frozen=True, slots=True)
class Payable:
    """What is paid or credited to the customer, and the fair value of a distinct good or service got for it.

    `fair_value_minor` is 0 if nothing distinct is got, None if its fair value cannot be estimated.
    """

    minor: int
    fair_value_minor: int | None = 0

    def __post_init__(self) -> None:
        if self.minor < 0 or (self.fair_value_minor or 0) < 0:
            raise ValueError(f"what is payable, and its fair value, must be 0 or more, got {self}")

    @property
    def purchase_minor(self) -> int:
        """The part that pays for what is got, as any purchase. ASC 606-10-32-26."""
        return min(self.minor, self.fair_value_minor or 0)

    @property
    def reduction_minor(self) -> int:
        """The part that takes from the transaction price: all but the purchase. ASC 606-10-32-25, 32-26."""
        return self.minor - self.purchase_minor


def transaction_price_minor(
    fixed_minor: int,
    variable: Iterable[Variable] = (),
    *,
    noncash_minor: int = 0,
    payables: Iterable[Payable] = (),
    probable: Exact | None = PROBABLE,
    significant: Exact = 0,
) -> int:
    """Fixed and variable consideration, what is paid in kind at fair value, less what is payable to the customer.

    Each variable amount is estimated and constrained by itself (`variable.included_minor`). Taxes collected for others
    are not in it. ASC 606-10-32-2, 32-5..14, 32-21, 32-25.
    """
    counted = [
        included_minor(amount, fixed_minor=fixed_minor, probable=probable, significant=significant)
        for amount in variable
    ]
    return fixed_minor + sum(counted) + noncash_minor - sum(payable.reduction_minor for payable in payables)


def present_value_minor(payment_minor: int, rate: Exact, periods: int) -> int:
    """The cash price of a payment due `periods` periods after transfer, at a `rate` a period. ASC 606-10-32-15, 32-19.

    The rate is that of a separate financing at inception, and is not updated. The difference is interest.
    """
    return rounded_minor(payment_minor / (1 + Fraction(rate)) ** periods)


def accreted_minor(received_minor: int, rate: Exact, periods: int) -> int:
    """What an advance payment has grown to `periods` periods later: revenue on transfer. ASC 606-10-32-15, 32-20."""
    return rounded_minor(received_minor * (1 + Fraction(rate)) ** periods)


def has_significant_financing(
    transfer_day: int,
    payment_day: int,
    *,
    customer_times_transfer: bool = False,
    varies_beyond_control: bool = False,
    other_reason: bool = False,
) -> bool:
    """Whether a payment that comes before or after the transfer, days both, finances one of the two.

    Not within a year, from a date to the same date of the next, which may be ignored (32-18). Nor if one of the facts
    of 32-17 holds: the customer pays in advance and decides when the transfer is, `customer_times_transfer`; a
    substantial part of the price depends on what neither controls, as a royalty, `varies_beyond_control`; or the price
    differs from that in cash for another reason than financing, such as protection against poor work, and by as much
    as that reason justifies, `other_reason`. That the amount is significant is not asked here. ASC 606-10-32-15..18.
    """
    if varies_beyond_control or other_reason or (customer_times_transfer and payment_day < transfer_day):
        return False
    first_day, last_day = sorted((transfer_day, payment_day))
    return last_day > add_months(first_day, 12)
