"""Rounding to whole minor units, in integers only."""


def round_half_away(numerator: int, denominator: int) -> int:
    """The integer nearest to `numerator / denominator`; a half goes away from zero. `denominator` is positive."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)
