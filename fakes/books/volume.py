"""Prices that depend on the volume in the end: rebates, retroactive tiers (ASC 606-10-55-216..220)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from fakes.books.rounding import Exact, rounded_minor


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of every unit, in minor units, once the volume is more than `above_units`."""

    above_units: int
    unit_minor: Exact


def ascending(tiers: Sequence[Tier]) -> Sequence[Tier]:
    """The same tiers. Raises ValueError if there is none, or they do not ascend."""
    if not tiers or any(low.above_units >= high.above_units for low, high in pairwise(tiers)):
        raise ValueError(f"tiers must ascend by above_units, got {[tier.above_units for tier in tiers]}")
    return tiers


def unit_price_minor(tiers: Sequence[Tier], units: int) -> Exact:
    """What a unit costs at a volume of `units` in all: the price of the highest tier that is exceeded.

    The first tier holds from the first unit on. Raises ValueError if there is none, or tiers do not ascend.
    """
    reached = [tier for tier in ascending(tiers) if units > tier.above_units]
    return (reached or tiers[:1])[-1].unit_minor


def expected_unit_price(tiers: Sequence[Tier], volumes: Sequence[tuple[int, Exact]]) -> Fraction:
    """The unit price expected of volumes with their probabilities, exact: expected revenue by expected units.

    Raises ValueError unless the probabilities sum to 1. ASC 606-10-32-8(a).
    """
    if sum((Fraction(probability) for _, probability in volumes), Fraction(0)) != 1:
        raise ValueError(f"probabilities must sum to exactly 1, got {[str(probability) for _, probability in volumes]}")
    revenue = sum((Fraction(unit_price_minor(tiers, units)) * units * odds for units, odds in volumes), Fraction(0))
    return revenue / sum((Fraction(units) * odds for units, odds in volumes), Fraction(0))


@dataclass(frozen=True, slots=True)
class VolumePeriod:
    """A period's units, and what a unit is estimated to cost in the end, as of the period's end."""

    units: int
    estimate_minor: Exact


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
    """The refund liability for units invoiced at one price and expected to cost another, lower one. 606-10-32-10."""
    return rounded_minor(units * (invoiced_minor - Fraction(estimate_minor)))
