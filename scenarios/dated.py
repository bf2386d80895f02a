"""What changes from a day or a month on, as a scenario file says it: price books, rules of revenue, rates."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import Field
from pydantic_core import PydanticCustomError

from scenarios.dates import Day, Month
from scenarios.group import Currency
from scenarios.model import Model
from scenarios.values import KEY, MILLION, Positive, YesNo, refusal
from sim.calendar import FiscalCalendar

CURRENCY = "USD"
"""The first entity's currency, in which the group reports."""

Rate = Annotated[int, Positive(MILLION, 1000, "write 1.08 for 1.08 of the first entity's currency")]
RatesPpm: TypeAlias = dict[Currency, dict[Month, Rate]]


class PolicyChange(Model):
    """A new rule of revenue recognition: it holds for contracts signed from a day on, within the run or before it."""

    from_date: Day = Field(alias="from", description="The day.")
    setup_distinct: YesNo = Field(
        True, description="Whether setting up a subscription is a promise of its own, or a part of the subscription."
    )


class PriceChange(Model):
    """A new price book: what is signed from a day of the run on costs more, or less."""

    from_date: Day = Field(alias="from", description="The day.")
    price_ppm: Annotated[int, Positive(MILLION, 10, "write 1.05 for five per cent more")] = Field(
        MILLION, alias="price", description="The new prices, as a multiple of those at the run's start."
    )


def disordered(changes: Sequence[PolicyChange | PriceChange]) -> PydanticCustomError | None:
    """A refusal of the first change that is not from a later day than the one before it, if there is one."""
    for position in range(1, len(changes)):
        before, day = changes[position - 1].from_date, changes[position].from_date
        if day <= before:
            return refusal(f"a day after {before}, that of the one before it", "move it, or drop it", position, "from")
    return None


def bad_day(
    changes: Sequence[PolicyChange | PriceChange], calendar: FiscalCalendar, *at: str | int
) -> PydanticCustomError | None:
    """A refusal of the first change from whose day on nothing is signed, if there is one. `at` is where they stand.

    Prices are multiples of those at the run's start, and so cannot change before it; rules can have changed long ago.
    """
    first, end = date.fromordinal(calendar.day_of(0)), date.fromordinal(calendar.day_of(calendar.quarter_end_us))
    for position, change in enumerate(changes):
        if change.from_date >= end:
            expected = f"a day before {end}, when the quarter is over"
            return refusal(expected, "move it, or drop it", *at, position, "from")
        if isinstance(change, PriceChange) and change.from_date < first:
            expected = f"a day of the run, which begins on {first} with prices of its own"
            return refusal(expected, "move it, or drop it", *at, position, "from")
    return None


def bad_rates(rates: RatesPpm) -> PydanticCustomError | None:
    """A refusal of the first currency that needs no rates or has none, if there is one."""
    for currency, by_month in rates.items():
        if currency == CURRENCY:
            expected = f"currencies other than {CURRENCY}, in which the group reports"
            return refusal(expected, "drop it: what is in this one is not translated", currency, KEY)
        if not by_month:
            return refusal("a month with its rate", "write for example {2026-01: 1.08}", currency)
    return None


def late_rates(rates: RatesPpm, calendar: FiscalCalendar, *at: str | int) -> PydanticCustomError | None:
    """A refusal of the first currency whose rates begin after the month of the run's first day, if there is one."""
    first = date.fromordinal(calendar.day_of(0)).replace(day=1)
    for currency, by_month in rates.items():
        if min(by_month) > first:
            expected = f"a rate for {first:%Y-%m}, the month in which the run begins, or an earlier one"
            return refusal(expected, f"add {first:%Y-%m}: each rate holds until the next", *at, currency)
    return None
