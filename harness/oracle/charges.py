"""The price of service periods: what each version of a contract adds to each of them, in minor units.

Service period k runs from the k-th billing anniversary of the contract's start to the next. A version is
charged for the days from its effective day on; a broken period is charged by days, rounded half away from
zero to a minor unit.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from fakes.agreements import Contract
from harness.oracle.columns import Column
from harness.oracle.months import anniversary, month_of
from sim.errors import InvariantBroken


def half_away(numerator: int, denominator: int) -> int:
    """The quotient to the nearest integer, halves away from zero. The denominator is positive."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def halves_away(numerators: Column, denominators: Column) -> Column:
    """`half_away` of many, in columns. Twice a numerator with its denominator must fit 64 bits."""
    sizes = (2 * np.abs(numerators) + denominators) // (2 * denominators)
    return np.where(numerators >= 0, sizes, -sizes)


def period_bounds(contract: Contract, period: int) -> tuple[int, int]:
    """The first day of a service period, and the first day after it."""
    months = contract.billing_months
    return anniversary(contract.start_day, period * months), anniversary(contract.start_day, (period + 1) * months)


def period_count(contract: Contract) -> int:
    """How many service periods the term has. Raises InvariantBroken if it is no whole number of them."""
    periods = _periods_between(contract.start_day, contract.end_day, contract.billing_months)
    if periods <= 0:
        raise InvariantBroken("a term is a whole number of service periods", contract.key)
    return periods


@lru_cache(maxsize=1 << 14)
def _periods_between(start_day: int, end_day: int, billing_months: int) -> int:
    """How many service periods a term has, 0 if it is no whole number of them."""
    periods, rest = divmod(month_of(end_day) - month_of(start_day), billing_months)
    return periods if not rest and anniversary(start_day, periods * billing_months) == end_day else 0


def period_of(contract: Contract, day: int) -> int:
    """The number of the service period that `day` lies in; 0 for a day before the start."""
    period = max(0, (month_of(day) - month_of(contract.start_day)) // contract.billing_months)
    if period and day < anniversary(contract.start_day, period * contract.billing_months):
        return period - 1
    return period


def units_added(contract: Contract) -> tuple[int, ...]:
    """How many units each version, in order, adds."""
    if len(contract.versions) == 1:  # as most have
        return (contract.versions[0].quantity,)
    before = (0, *(version.quantity for version in contract.versions))
    return tuple(version.quantity - units for version, units in zip(contract.versions, before, strict=False))


def full_price_minor(contract: Contract, period: int) -> int:
    """What a unit costs in a full service period: of a ramp, at the price of the year in which it begins."""
    if not contract.ramp:
        return contract.unit_price_minor * contract.billing_months
    year, last = divmod(period * contract.billing_months, 12)[0], len(contract.ramp) - 1
    return contract.ramp[min(year, last)] * contract.billing_months


def charge_minor(full_minor: int, effective_day: int, from_day: int, to_day: int) -> int:
    """The part of a service period's full price that is charged from `effective_day` on."""
    if effective_day <= from_day:
        return full_minor
    if effective_day >= to_day:
        return 0
    return half_away(full_minor * (to_day - effective_day), to_day - from_day)


def price_changes(contract: Contract) -> Iterator[int]:
    """What each version, in order, adds to the transaction price: its charges over the whole term.

    Raises InvariantBroken where the contract says otherwise: then its makers and the oracle do not agree on
    what was agreed, and nothing can be tied out.
    """
    periods = period_count(contract)
    unit_minor = _prices_minor(contract, 0, periods)
    for version, units in zip(contract.versions, units_added(contract), strict=True):
        change_minor = units * unit_minor
        if version.effective_day > contract.start_day:
            change_minor = 0
            broken = period_of(contract, version.effective_day)
            if broken < periods:
                full_minor = units * full_price_minor(contract, broken)
                change_minor = charge_minor(full_minor, version.effective_day, *period_bounds(contract, broken))
                change_minor += units * _prices_minor(contract, broken + 1, periods)
        for one in contract.deliverables:
            if one.version == version.number:
                change_minor += one.price_minor
        if change_minor != version.price_change_minor:
            raise InvariantBroken(
                "a version's price change is the sum of its charges",
                f"{contract.key} version {version.number}: {version.price_change_minor}, charges {change_minor}",
            )
        yield change_minor


def _prices_minor(contract: Contract, first: int, end: int) -> int:
    """What a unit costs in the service periods from `first` up to, not including, `end`."""
    if not contract.ramp:
        return (end - first) * contract.unit_price_minor * contract.billing_months
    return sum(full_price_minor(contract, period) for period in range(first, end))
