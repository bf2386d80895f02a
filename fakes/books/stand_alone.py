"""Stand-alone selling prices: observed, or estimated where none is observable (ASC 606-10-32-32..34)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fakes.books.rounding import Exact, rounded_minor


def adjusted_market_minor(market_minor: int, adjustment: Exact = 0) -> int:
    """What customers in the market would pay, changed by a share for the company's own costs and margins: 32-34(a)."""
    return rounded_minor(market_minor * (1 + Fraction(adjustment)))


def cost_plus_minor(cost_minor: int, margin: Exact) -> int:
    """The expected cost of an obligation and a margin, as a share of the cost: 32-34(b). Minor units."""
    return rounded_minor(cost_minor * (1 + Fraction(margin)))


def in_range_minor(stated_minor: int, low_minor: int, high_minor: int) -> int:
    """The stated price if it lies in the range in which the item sells alone, else the middle of the range.

    Minor units, both ends included. A policy in wide use where prices vary; the standard asks only for as many
    observable inputs as there are, 32-33. Raises ValueError for a range that ends below its beginning.
    """
    if low_minor > high_minor:
        raise ValueError(f"a range goes from the lower price to the higher, got {low_minor} to {high_minor}")
    if low_minor <= stated_minor <= high_minor:
        return stated_minor
    return rounded_minor(Fraction(low_minor + high_minor, 2))


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """A stand-alone selling price in minor units, and the first day of contracts that it holds for."""

    from_day: int
    minor: int


def in_force_minor(versions: Sequence[PriceVersion], inception_day: int) -> int:
    """The price that holds for a contract of `inception_day`; it is not revised later. ASC 606-10-32-33, 32-43.

    Of two from the same day, it is the later in the list. Raises ValueError if none holds yet.
    """
    begun = [version for version in versions if version.from_day <= inception_day]
    if not begun:
        raise ValueError(f"no stand-alone selling price holds on day {inception_day}: add one that begins no later")
    return max(reversed(begun), key=lambda version: version.from_day).minor
