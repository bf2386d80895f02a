"""Measures of progress towards satisfying an obligation (step 5 of ASC 606), as exact shares from 0 to 1, or as costs.

Any measure is turned into revenue by `earned_minor`, which rounds once. Revenue of a period is the difference of two
cumulative amounts, so that a change of the estimate is caught up in the period of the change (ASC 606-10-25-35).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from fakes.books.rounding import Exact, round_half_away, rounded_minor

NOTHING, ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The costs of one obligation in minor units: incurred so far and expected in all, both with what is set apart.

    `uninstalled_minor` is the part of the expected costs that is for goods whose control passes long before they are
    installed; `uninstalled_to_date_minor` the part of it incurred, by default all. `wasted_minor` is the part of the
    costs so far that depicts no progress, for instance through inefficiency. Raises ValueError for a negative cost, or
    more incurred for uninstalled goods than they cost.
    """

    to_date_minor: int
    expected_minor: int
    uninstalled_minor: int = 0
    uninstalled_to_date_minor: int | None = None
    wasted_minor: int = 0

    def __post_init__(self) -> None:
        least = min(self.to_date_minor, self.expected_minor, self.wasted_minor, self.transferred_minor)
        if least < 0 or self.transferred_minor > self.uninstalled_minor:
            raise ValueError(f"costs must be 0 or more, and uninstalled goods incurred be part of all, got {self}")

    @property
    def transferred_minor(self) -> int:
        """The cost of uninstalled goods whose control has passed."""
        return self.uninstalled_minor if self.uninstalled_to_date_minor is None else self.uninstalled_to_date_minor


Progress: TypeAlias = Exact | Costs
"""How far an obligation is satisfied: a share from 0 to 1, or the costs that say so.

Costs say more than their share (`by_cost`) where goods are not installed: these earn what they cost, and no margin.
"""


def earned_minor(amount_minor: int, progress: Progress, *, percent_decimals: int | None = None) -> int:
    """The cumulative revenue of an amount at a progress: minor units, a half away from zero. ASC 606-10-25-31.

    `percent_decimals` rounds the progress first, to that many decimals of a percent, as those do who work with printed
    percentages: 420 of 820 is 51.2 % then, and 1 350 000 earns 691 200, not 691 463.41. Without it nothing is rounded
    but the amount. Raises ValueError for a progress below 0 or above 1.
    """
    if isinstance(progress, Costs):
        return earned_by_cost_minor(amount_minor, progress, percent_decimals=percent_decimals)
    if not 0 <= progress <= 1:
        raise ValueError(f"progress, as any share, must be from 0 to 1, got {progress}")
    if percent_decimals is not None:
        progress = percent(progress, percent_decimals)
    return rounded_minor(amount_minor * progress)


def percent(progress: Exact, decimals: int) -> Fraction:
    """The progress to `decimals` decimals of a percent, a half away from zero."""
    scale = 100 * 10**decimals
    return Fraction(round_half_away(progress.numerator * scale, progress.denominator), scale)


# --- by time (ASC 606-10-55-16, 55-20; stand-ready obligations, 55-184..186) -------------------------


def by_time(start: int, end: int, at: int) -> Fraction:
    """The share of [start, end) that has passed before `at` begins. Days, seconds: any unit, the same for all three.

    Straight line: for a service that is the same every day, and for standing ready, however much is called for.
    Raises ValueError unless `start` lies before `end`.
    """
    if start >= end:
        raise ValueError(f"a service must start before it ends, got {start} to {end}; the end is not included")
    return Fraction(min(max(at, start), end) - start, end - start)


# --- by output and by input (ASC 606-10-55-17, 55-20) ------------------------------------------------


def by_quantity(done: Exact, expected: Exact) -> Fraction:
    """The share done of what is expected in all: units delivered (an output), hours or labour spent (an input).

    `expected` is what is expected as of now, over the whole contract. Raises ValueError if more is done than that, or
    it is nothing: the estimate has to be revised first (25-35).
    """
    if not 0 <= done <= expected or not expected:
        raise ValueError(f"{done} done of {expected} expected in all: revise the estimate first")
    return Fraction(done) / Fraction(expected)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A result with its weight, such as its stand-alone price, and the day on which the customer accepted it."""

    name: str
    weight: Exact
    accepted_day: int | None = None


def by_milestones(milestones: Iterable[Milestone], at_day: int) -> Fraction:
    """The share, by weight, of the milestones accepted by the end of `at_day`. ASC 606-10-55-17, 55-85..88.

    Raises ValueError if no milestone has a weight, or one has a negative one.
    """
    reached, total = NOTHING, NOTHING
    for milestone in milestones:
        if milestone.weight < 0:
            raise ValueError(f"milestone {milestone.name!r} has a negative weight, {milestone.weight}")
        total += milestone.weight
        if accepted(milestone.accepted_day, at_day):
            reached += milestone.weight
    if not total:
        raise ValueError("milestones need weights that sum to more than 0")
    return reached / total


def accepted(accepted_day: int | None, at_day: int) -> Fraction:
    """1 if control passed by the end of `at_day`, else 0: a point in time, such as acceptance. ASC 606-10-25-30."""
    return ALL if accepted_day is not None and accepted_day <= at_day else NOTHING


# --- by cost (ASC 606-10-55-20, 55-21) ---------------------------------------------------------------


def by_cost(costs: Costs) -> Fraction:
    """Cost-to-cost without what depicts no performance: uninstalled goods and wasted costs. ASC 606-10-55-21.

    Raises ValueError if more is incurred than expected: the estimate has to be revised first.
    """
    apart_minor = costs.uninstalled_minor + costs.wasted_minor
    done_minor = costs.to_date_minor - costs.transferred_minor - costs.wasted_minor
    return by_quantity(done_minor, costs.expected_minor - apart_minor)


def earned_by_cost_minor(price_minor: int, costs: Costs, *, percent_decimals: int | None = None) -> int:
    """The cumulative revenue of an obligation measured by cost: uninstalled goods earn what they cost, no margin.

    `price_minor` and the result are minor units, `percent_decimals` as for `earned_minor`. ASC 606-10-55-21(b),
    55-187..192.
    """
    margin_bearing_minor = price_minor - costs.uninstalled_minor
    earned = earned_minor(margin_bearing_minor, by_cost(costs), percent_decimals=percent_decimals)
    return earned + costs.transferred_minor


def invoiceable_minor(quantity: Exact, price_minor: Exact) -> int:
    """The revenue of what may be invoiced, a fixed amount for each unit of service: the right to invoice, 55-18."""
    return rounded_minor(quantity * price_minor)
