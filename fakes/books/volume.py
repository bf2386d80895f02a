"""Prices that depend on the volume in the end: rebates, retroactive tiers (ASC 606-10-55-216..220)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from fakes.books.rounding import Exact, rounded_minor
from fakes.books.variable import Outcome, expected_value


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of a unit, in minor units, above a number of units and up to that of the next tier.

    Which units have it is the question's: `volume.unit_price_minor` prices all units so once the volume in all is more
    than `above_units` (retroactive); `usage.rated_minor` only those beyond it (graduated).
    """

    above_units: int
    unit_minor: Exact


def ascending(tiers: Sequence[Tier]) -> Sequence[Tier]:
    """The same tiers. Raises ValueError if there is none, or they do not ascend."""
    if not tiers or any(low.above_units >= high.above_units for low, high in pairwise(tiers)):
        raise ValueError(f"tiers must ascend by above_units, got {[tier.above_units for tier in tiers]}")
    return tiers


def unit_price_minor(tiers: Sequence[Tier], units: int) -> Exact:
    """What every unit costs at a volume of `units` in all: the price of the highest tier that is exceeded.

    Raises ValueError if tiers do not ascend from above 0 units, so that some volumes had no price, or for less than no
    units.
    """
    if ascending(tiers)[0].above_units != 0 or units < 0:
        raise ValueError(f"the first tier must begin above 0 units, and units be 0 or more; got {tiers[0]}, {units}")
    reached = [tier for tier in tiers if units > tier.above_units]
    return (reached or tiers[:1])[-1].unit_minor


def expected_unit_price(tiers: Sequence[Tier], volumes: Sequence[tuple[int, Exact]]) -> Fraction:
    """The unit price expected of volumes with their probabilities, exact: expected revenue by expected units.

    Raises ValueError if a probability is negative, they do not sum to 1, or no units are expected. ASC 606-10-32-8(a).
    """
    units_expected = expected_value([Outcome(units, odds) for units, odds in volumes])
    if not units_expected:
        raise ValueError("no units are expected: there is no price to be expected of them")
    return (
        expected_value([Outcome(units * Fraction(unit_price_minor(tiers, units)), odds) for units, odds in volumes])
        / units_expected
    )


@dataclass(frozen=True, slots=True)
class VolumePeriod:
    """A period's units, and what a unit is estimated to cost in the end, as of the period's end."""

    units: int
    estimate_minor: Exact

    def __post_init__(self) -> None:
        if self.units < 0:
            raise ValueError(f"a period has 0 or more units, not {self.units}: `returns` has what comes back")


@dataclass(frozen=True, slots=True)
class VolumeRevenue:
    """A period's revenue in minor units, and the part of it that changes what earlier periods had recognised."""

    revenue_minor: int
    catch_up_minor: int


def volume_revenue(periods: Sequence[VolumePeriod]) -> tuple[VolumeRevenue, ...]:
    """The revenue of each period when all units so far are priced at the newest estimate.

    Cumulative amounts are rounded, a half away from zero, so that the periods sum to the units at the last estimate.
    ASC 606-10-32-14, 32-42, 32-43.
    """
    revenue = []
    units, earned_minor = 0, 0
    for period in periods:
        repriced_minor = rounded_minor(units * period.estimate_minor)
        units += period.units
        now_minor = rounded_minor(units * period.estimate_minor)
        revenue.append(VolumeRevenue(now_minor - earned_minor, repriced_minor - earned_minor))
        earned_minor = now_minor
    return tuple(revenue)


def rebate_liability_minor(units: int, invoiced_minor: Exact, estimate_minor: Exact) -> int:
    """The refund liability for units invoiced at one price and expected to cost another, lower one. 606-10-32-10.

    Raises ValueError for a price expected to be higher, or less than no units: nothing is to be given back then.
    """
    if units < 0 or estimate_minor > invoiced_minor:
        raise ValueError(f"{units} units at {invoiced_minor}, expected to cost {estimate_minor}, leave no refund")
    return rounded_minor(units * (invoiced_minor - Fraction(estimate_minor)))
