"""Usage rated: what a month's units cost, by graduated tiers or above an allowance. Revenue of the month of use."""

from collections.abc import Sequence
from fractions import Fraction

from fakes.books.rounding import Exact, rounded_minor
from fakes.books.volume import Tier, ascending


def rated_minor(units: Exact, tiers: Sequence[Tier]) -> int:
    """The charge for `units` of a period, in minor units: each unit costs what the tier it falls into does.

    The tiers are graduated; units below the first are free. Rounded once, a half away from zero. Raises ValueError if
    tiers do not ascend, or for less than no units.
    ASC 606-10-32-40, 55-18: usage that is priced as it is used is revenue of the period of use.
    """
    if units < 0:
        raise ValueError(f"0 or more units can be used in a period, not {units}")
    charge = Fraction(0)
    used = Fraction(units)
    for tier, above in zip(ascending(tiers), [*tiers[1:], None], strict=True):
        top = used if above is None else min(used, Fraction(above.above_units))
        charge += max(top - tier.above_units, Fraction(0)) * tier.unit_minor
    return rounded_minor(charge)


def overage_minor(units: Exact, included_units: int, rate_minor: Exact) -> int:
    """The charge for the units beyond those that the fee includes, at `rate_minor` minor units each; else nothing."""
    return rounded_minor(max(units - included_units, 0) * rate_minor)


def late_minor(known_units: Exact, late_units: Exact, tiers: Sequence[Tier]) -> int:
    """What units that are reported late add to the charge of their period; by date of use, it is that period's."""
    return rated_minor(known_units + late_units, tiers) - rated_minor(known_units, tiers)
