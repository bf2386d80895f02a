"""What a contract's versions add to each service period's invoice.

A contract is billed in advance for service periods of `billing_months`, on the anniversaries of its
start. A version that takes effect before a period changes it by its full price, one that takes effect
within it by the share of days left, one that takes effect after it not at all.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from fakes.agreements import Contract, Fulfilment
from fakes.books.rounding import round_half_away
from fakes.books.usage import overage_minor
from fakes.records import ChargeLine
from sim.calendar import add_months

Period = tuple[int, int]

MONTHS_A_YEAR = 12


def periods(contract: Contract) -> tuple[Period, ...]:
    """The service periods of the whole term, numbered from 0: each from a day up to, not including, another.

    Raises ValueError for a term that is no whole number of them.
    """
    return service_periods(contract.start_day, contract.end_day, contract.billing_months)


@lru_cache(maxsize=1 << 14)
def service_periods(start_day: int, end_day: int, billing_months: int) -> tuple[Period, ...]:
    """The periods of `billing_months` from `start_day` to `end_day`; the anchor is the day of `start_day`."""
    bounds = [start_day]
    while billing_months > 0 and bounds[-1] < end_day:
        bounds.append(add_months(start_day, len(bounds) * billing_months))
    if bounds[-1] != end_day or len(bounds) == 1:
        raise ValueError(f"days {start_day} to {end_day} are no whole number of {billing_months}-month service periods")
    return tuple(pairwise(bounds))


def due_lines(contract: Contract, period: int) -> tuple[ChargeLine, ...]:
    """The charges of one service period: a line for each version that adds to it or takes from it.

    What is invoiced at the start has a line of its own, and comes with the first period.
    """
    from_day, to_day = periods(contract)[period]
    unit_minor = contract.unit_price_minor
    if contract.ramp:
        unit_minor = ramped_minor(contract.ramp, period, contract.billing_months)
    unit_minor = contract.period_price_minor or unit_minor * contract.billing_months
    lines, before = [], 0
    for version in contract.versions:
        minor = prorated_minor((version.quantity - before) * unit_minor, version.effective_day, from_day, to_day)
        if minor:
            lines.append(ChargeLine(version.number, period, from_day, to_day, minor))
        before = version.quantity
    if contract.deliverables and period == 0:
        lines += [
            ChargeLine(one.version, one.product, one.from_day, one.to_day, one.price_minor)
            for one in contract.deliverables
            if one.invoicing == "at_start" and one.price_minor
        ]
    return tuple(lines)


def delivered_lines(contract: Contract, fulfilment: Fulfilment) -> tuple[ChargeLine, ...]:
    """The charges of what was delivered, a line for each version that agreed on some of it; often none.

    At its acceptance a deliverable is invoiced as a whole, as delivered unit by unit. Nothing is charged for what the
    contract does not have.
    """
    lines = []
    for part in contract.deliverables:
        if part.product != fulfilment.product:
            continue
        minor = 0
        if part.invoicing == "on_acceptance" and fulfilment.accepted:
            minor = part.price_minor
        elif part.invoicing == "as_delivered" and part.rate_minor:
            minor = overage_minor(fulfilment.units, part.included, part.rate_minor)
        if minor:
            lines.append(ChargeLine(part.version, fulfilment.key, fulfilment.from_day, fulfilment.day + 1, minor))
    return tuple(lines)


def ramped_minor(ramp: Sequence[int], period: int, billing_months: int) -> int:
    """What a unit costs a month in a service period, by the year of the contract that this begins in."""
    return ramp[min(period * billing_months // MONTHS_A_YEAR, len(ramp) - 1)]


def prorated_minor(full_minor: int, effective_day: int, from_day: int, to_day: int) -> int:
    """The part of a period's full price that falls on its days from `effective_day` on, half away from zero."""
    if effective_day <= from_day:
        return full_minor
    if effective_day >= to_day:
        return 0
    return round_half_away(full_minor * (to_day - effective_day), to_day - from_day)


def price_change_minor(
    *,
    start_day: int,
    end_day: int,
    billing_months: int,
    unit_price_minor: int,
    units: int,
    effective_day: int,
    ramp: Sequence[int] = (),
) -> int:
    """What adding `units` from `effective_day` on adds to the transaction price: its lines over the whole term."""
    schedule = service_periods(start_day, end_day, billing_months)
    if ramp:
        full = [units * ramped_minor(ramp, period, billing_months) * billing_months for period in range(len(schedule))]
        return sum(prorated_minor(minor, effective_day, *days) for minor, days in zip(full, schedule, strict=True))
    full_minor = units * unit_price_minor * billing_months
    if effective_day <= start_day:
        return full_minor * len(schedule)
    return sum(prorated_minor(full_minor, effective_day, *period) for period in schedule)
