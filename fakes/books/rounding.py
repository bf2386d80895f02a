"""Rounding to whole minor units, in integers only."""

from fractions import Fraction
from typing import TypeAlias

Exact: TypeAlias = int | Fraction
"""A number without rounding: whole, or a fraction. Never a float."""


def round_half_away(numerator: int, denominator: int) -> int:
    """The integer nearest to `numerator / denominator`; a half goes away from zero. `denominator` is positive."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def rounded_minor(amount: Exact) -> int:
    """An exact amount in whole minor units; a half goes away from zero. For the edge: round once, and last.

    Raises TypeError for a float.
    """
    if not isinstance(amount, int | Fraction):
        raise TypeError(f"amounts are exact: use integers and fractions.Fraction, not {amount!r}")
    return round_half_away(amount.numerator, amount.denominator)
