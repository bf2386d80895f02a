"""A whole amount in parts by weight, by one of three conventions. All keep the sum; they differ in single units.

Which one a company uses is its policy: 100.00 over 22, 28 and 15 days is 33.84, 43.08, 23.08 by largest remainder,
33.85, 43.07, 23.08 by cumulative rounding, and 33.85, 43.08, 23.07 if the last part takes the rest.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import lcm
from typing import TypeAlias

from fakes.books.rounding import Exact, round_half_away

Split: TypeAlias = Callable[[int, Sequence[Exact]], tuple[int, ...]]
"""(total in minor units, weights) to one part a weight, in order, which sum to the total exactly.

Weights are integers or fractions of any common unit, none negative, not all zero; else ValueError. A negative total
is split as its absolute amount would be, and negated. Raises TypeError for floats.
"""


def largest_remainder(total_minor: int, weights: Sequence[Exact]) -> tuple[int, ...]:
    """Every part rounded down, and the units left over to the largest remainders, ties to the first (see `Split`)."""
    whole, total_weight = _whole_weights(total_minor, weights)
    size = abs(total_minor)
    parts = [size * weight // total_weight for weight in whole]
    spare = size - sum(parts)
    if spare:
        rests = [-(size * weight % total_weight) for weight in whole]
        for index in sorted(range(len(rests)), key=rests.__getitem__)[:spare]:
            parts[index] += 1
    return tuple(parts) if total_minor >= 0 else tuple([-part for part in parts])


def cumulative(total_minor: int, weights: Sequence[Exact]) -> tuple[int, ...]:
    """What each part adds to the rounded amount so far, a half away from zero (see `Split`).

    No cumulative amount is off by more than half a unit, and it does not depend on what comes later.
    """
    whole, total_weight = _whole_weights(total_minor, weights)
    so_far = [round_half_away(total_minor * weight, total_weight) for weight in accumulate(whole)]
    return tuple(after - before for before, after in zip([0, *so_far], so_far, strict=False))


def last_takes_rest(total_minor: int, weights: Sequence[Exact]) -> tuple[int, ...]:
    """Every part rounded by itself, a half away from zero, and the last that has a weight takes what is left.

    See `Split`. No part is more than what is left, so that a last part never turns against the total: 5 in ten parts is
    five times 1 and five times 0.
    """
    whole, total_weight = _whole_weights(total_minor, weights)
    left = size = abs(total_minor)
    last = max(index for index, weight in enumerate(whole) if weight)
    parts = []
    for index, weight in enumerate(whole):
        part = left if index == last else min(round_half_away(size * weight, total_weight), left)
        parts.append(part)
        left -= part
    sign = 1 if total_minor >= 0 else -1
    return tuple([sign * part for part in parts])


def _whole_weights(total_minor: int, weights: Sequence[Exact]) -> tuple[list[int], int]:
    """The weights as integers in the same proportion, and their sum. Raises as `Split` does."""
    if not isinstance(total_minor, int):
        raise TypeError(f"amounts are exact: use integers of minor units, not {total_minor!r}")
    try:
        whole = [weight.numerator for weight in weights]
    except AttributeError:
        raise TypeError(f"weights are exact: use integers and fractions.Fraction, not {list(weights)}") from None
    if whole != list(weights):
        scale = lcm(*[weight.denominator for weight in weights])
        whole = [weight.numerator * (scale // weight.denominator) for weight in weights]
    total = sum(whole)
    if total <= 0 or min(whole) < 0:
        raise ValueError(
            "weights, such as stand-alone selling prices, must not be negative and must sum to more than 0,"
            f" got {', '.join(map(str, weights)) or 'none'}"
        )
    return whole, total
