"""A subscription's items as the terms of billing's contract, and back. All amounts are billing's own.

A contract has one price and one quantity. Items of one quantity are its obligations, and their prices add up to its
price; items of several quantities are so many units of the largest price that all of them are multiples of. Where a
new price is no multiple of the old one, the contract is put in smaller units: it charges the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import gcd
from typing import NamedTuple

from fakes.agreements import Contract, Kind, PerformanceObligation, Version
from fakes.books.charges import price_change_minor, prorated_minor, ramped_minor, service_periods
from sim.calendar import add_months

TERM_MONTHS = 12
"""How long a subscription is agreed for that nobody has said an end of; it is renewed for as long."""


class Priced(NamedTuple):
    """So many units at a price for a billing period, of a product with a stand-alone selling price for a month."""

    minor: int
    quantity: int
    product: str
    ssp_minor: int


def amount_of(items: Sequence[Priced]) -> tuple[int, int]:
    """The price of a unit for a billing period, and the quantity."""
    if len({item.quantity for item in items}) <= 1:
        price_minor = sum(item.minor for item in items)
        return (price_minor, items[0].quantity if items else 0) if price_minor else (1, 0)
    parts = [item.minor * item.quantity for item in items]
    unit_minor = gcd(*parts)
    return (unit_minor, sum(parts) // unit_minor) if unit_minor else (1, 0)


def obligations_of(items: Sequence[Priced]) -> tuple[PerformanceObligation, ...]:
    """What the items promise; of one product, once."""
    ssp_minor: dict[str, int] = {}
    for item in items:
        ssp_minor[item.product] = ssp_minor.get(item.product, 0) + item.ssp_minor
    return tuple(PerformanceObligation(product, max(1, minor)) for product, minor in ssp_minor.items())


def period_minor(state: Contract) -> int:
    """What a unit costs a billing period; of a ramp, the first."""
    return state.period_price_minor or state.unit_price_minor * state.billing_months


def priced(state: Contract, unit_minor: int) -> Contract:
    """A contract at a price for a unit and billing period; one with a ramp stays at that."""
    if state.ramp:
        return state
    month_minor, rest = divmod(unit_minor, state.billing_months)
    return replace(state, unit_price_minor=max(1, month_minor), period_price_minor=unit_minor if rest else 0)


def with_version(
    state: Contract, items: Sequence[Priced], number: int, signed_day: int, effective_day: int
) -> Contract:
    """A contract whose items are these from a day on, by its version of this number. Newer ones are not any more.

    Versions that are not known yet stay as those before them.
    """
    unit_minor, quantity = amount_of(items)
    if not state.ramp and quantity and unit_minor != period_minor(state):
        state, quantity = _in_units_of(state, unit_minor, quantity)
    versions = list(state.versions[: number - 1])
    while len(versions) < number - 1:
        before = versions[-1]
        versions.append(Version(len(versions) + 1, "amended", signed_day, effective_day, before.quantity, 0))
    kind: Kind = "signed" if number == 1 else "amended" if quantity else "cancelled"
    before_units = versions[-1].quantity if versions else 0
    change_minor = _change_minor(state, quantity - before_units, effective_day)
    versions.append(Version(number, kind, signed_day, effective_day, quantity, change_minor))
    return replace(state, versions=tuple(versions))


def _in_units_of(state: Contract, unit_minor: int, quantity: int) -> tuple[Contract, int]:
    """The same contract in units small enough for a further price, and how many of them the latter's are."""
    old_minor = period_minor(state)
    new_minor = gcd(old_minor, unit_minor * quantity)
    finer = old_minor // new_minor
    versions = tuple(replace(one, quantity=one.quantity * finer) for one in state.versions)
    obligations = tuple(replace(one, ssp_minor=max(1, one.ssp_minor // finer)) for one in state.obligations)
    finer_state = priced(replace(state, versions=versions, obligations=obligations), new_minor)
    return finer_state, unit_minor * quantity // new_minor


def _change_minor(state: Contract, units: int, effective_day: int) -> int:
    """What more units from a day on add to the transaction price."""
    if not state.period_price_minor:
        return price_change_minor(
            start_day=state.start_day, end_day=state.end_day, billing_months=state.billing_months,
            unit_price_minor=state.unit_price_minor, units=units, effective_day=effective_day, ramp=state.ramp,
        )  # fmt: skip
    schedule = service_periods(state.start_day, state.end_day, state.billing_months)
    return sum(prorated_minor(units * state.period_price_minor, effective_day, *days) for days in schedule)


def term(start_day: int, end_day: int | None, billing_months: int) -> int:
    """The end of the shortest term of whole billing periods that takes in `end_day`; without one, of a year or more."""
    if end_day is None:
        return add_months(start_day, -(-TERM_MONTHS // billing_months) * billing_months)
    months = billing_months
    while add_months(start_day, months) < end_day:
        months += billing_months
    return add_months(start_day, months)


def current_period(state: Contract, day: int) -> tuple[int, int]:
    """The billing period of a day; before the first the first, after the last the last."""
    schedule = service_periods(state.start_day, state.end_day, state.billing_months)
    for from_day, to_day in schedule:
        if day < to_day:
            return from_day, to_day
    return schedule[-1]


def unit_in(state: Contract, number: int) -> int:
    """What a unit costs in a billing period, by its number."""
    if state.ramp:
        return ramped_minor(state.ramp, number, state.billing_months) * state.billing_months
    return period_minor(state)


def cancelled_from(state: Contract, day: int, signed_day: int) -> Contract:
    """A contract of which nothing is left from a day on, by a version of its own."""
    nothing = with_version(state, (), state.version + 1, signed_day, day)
    last = nothing.versions[-1]
    return replace(nothing, versions=(*nothing.versions[:-1], Version(last.number, "cancelled", *_rest(last))))


def _rest(version: Version) -> tuple[int, int, int, int]:
    return version.signed_day, version.effective_day, version.quantity, version.price_change_minor
