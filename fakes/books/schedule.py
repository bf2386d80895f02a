"""An amount over periods: the weights of months by one measure of time, and the revenue of each.

Days are proleptic ordinals, seconds count from the midnight that begins day 0 (`day * 86_400 + second`). A service
runs from its start up to, not including, its end: a day that is paid for whole ends on the next.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from fakes.books.rounding import Exact
from fakes.books.splitting import Split, cumulative
from sim.calendar import FiscalCalendar, add_months

DAY_SECONDS = 86_400


def straight_line(amount_minor: int, weights: Sequence[Exact], *, split: Split = cumulative) -> tuple[int, ...]:
    """The revenue of each period, in minor units; it sums to `amount_minor` exactly. ASC 606-10-25-31, 55-20.

    `weights` are the periods' days, seconds or units, or 1 for each of even ones. `split` is the convention of
    rounding. Raises ValueError for weights that are none.
    """
    return split(amount_minor, weights)


def ramp(fees_minor: Sequence[int], weights: Sequence[Exact] = (), *, split: Split = cumulative) -> tuple[int, ...]:
    """The revenue of each period of a service that stays the same while its fee rises or falls: all fees, spread.

    `fees_minor` are the periods' fees, `weights` their lengths, by default even. A fee that follows the quantity, such
    as more seats each year, is no ramp: each quantity is recognised at its own price. Raises ValueError unless each fee
    has a weight. ASC 606-10-25-31, 55-20.
    """
    if weights and len(weights) != len(fees_minor):
        raise ValueError(f"{len(fees_minor)} fees have {len(weights)} weights: give each its own, or none")
    return straight_line(sum(fees_minor), weights or (1,) * len(fees_minor), split=split)


def earned_to_date(revenue_minor: Sequence[int]) -> tuple[int, ...]:
    """The cumulative revenue at the end of each period."""
    return tuple(accumulate(revenue_minor))


def deferred(revenue_minor: Sequence[int]) -> tuple[int, ...]:
    """What is still to be recognised at the end of each period: the amount less its revenue so far."""
    total_minor = sum(revenue_minor)
    return tuple([total_minor - earned_minor for earned_minor in accumulate(revenue_minor)])


# --- the weights of periods --------------------------------------------------------------------------


def days_by_month(start_day: int, end_day: int) -> dict[int, int]:
    """The days of [start_day, end_day) by the calendar month they fall in (12 x year + month - 1), in order."""
    return {month: to_day - from_day for month, from_day, to_day in _months(start_day, end_day)}


def seconds_by_month(start_second: int, end_second: int) -> dict[int, int]:
    """The seconds of [start_second, end_second) by the calendar month they fall in, in order."""
    last_day = -(-end_second // DAY_SECONDS)
    return {
        month: min(to_day * DAY_SECONDS, end_second) - max(from_day * DAY_SECONDS, start_second)
        for month, from_day, to_day in _months(start_second // DAY_SECONDS, last_day)
    }


def service_months(start_day: int, months: int) -> tuple[tuple[int, int], ...]:
    """`months` service months from `start_day`, as [from, to) in days: even ones, on the day of `start_day`."""
    return tuple(pairwise([add_months(start_day, month) for month in range(months + 1)]))


def _months(start_day: int, end_day: int) -> Iterator[tuple[int, int, int]]:
    """Each calendar month of [start_day, end_day) with its part of it. Raises ValueError if there is none."""
    if start_day >= end_day:
        raise ValueError(
            f"a service must start before it ends, got days {start_day} to {end_day}; the end is not included"
        )
    month = FiscalCalendar.month_of_day(start_day)
    while FiscalCalendar.first_day(month) < end_day:
        yield month, max(FiscalCalendar.first_day(month), start_day), min(FiscalCalendar.end_day(month), end_day)
        month += 1
