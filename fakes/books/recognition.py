"""Rateable recognition by day: what of an allocated price is revenue by the end of a day (ASC 606-10-25-31)."""

from fakes.books.rounding import round_half_away


def recognised_minor(allocated_minor: int, from_day: int, to_day: int, through_day: int) -> int:
    """The revenue recognised of `allocated_minor` over [from_day, to_day) before `through_day` begins.

    Minor units, rounded half away from zero on the cumulative amount, so that months add up to the whole. `from_day` is
    not after `to_day`, which is not checked: every run asks this for every contract each month.
    """
    if through_day >= to_day:
        return allocated_minor
    if through_day <= from_day:
        return 0
    return round_half_away(allocated_minor * (through_day - from_day), to_day - from_day)
