"""What so many units cost at a price: by the unit, by tiers, by packages; whole minor units, half of one rounded up.

>>> amount_minor({"unit_amount_decimal": "12.5"}, 3)
38
>>> tiers = [{"up_to": 10, "unit_amount_decimal": "100"}, {"up_to": None, "unit_amount_decimal": "80"}]
>>> [amount_minor({"tiers": tiers, "tiers_mode": mode}, 12) for mode in ("graduated", "volume")]
[1160, 960]
"""

from collections.abc import Sequence
from fractions import Fraction

from fakes.faces.stripe.account import Object


def amount_minor(price: Object, quantity: int) -> int:
    """What a quantity costs once, or in a billing period."""
    tiers = price.get("tiers")
    if tiers is not None:
        by_tiers = _by_volume if price["tiers_mode"] == "volume" else _graduated
        return rounded(by_tiers(tiers, quantity))
    packages = price.get("transform_quantity")
    if packages:
        spare = packages["divide_by"] - 1 if packages["round"] == "up" else 0
        quantity = (quantity + spare) // packages["divide_by"]
    return rounded(quantity * Fraction(price["unit_amount_decimal"] or 0))


def rounded(minor: Fraction) -> int:
    """Whole minor units; of half of one the next, away from 0."""
    return int(minor + Fraction(1, 2)) if minor >= 0 else -int(Fraction(1, 2) - minor)


def _by_volume(tiers: Sequence[Object], quantity: int) -> Fraction:
    """All units cost what those of the tier do that the last of them is in."""
    for tier in tiers:
        if tier["up_to"] is None or quantity <= tier["up_to"]:
            return _flat(tier) + quantity * _unit(tier)
    raise AssertionError("the last tier has no end")


def _graduated(tiers: Sequence[Object], quantity: int) -> Fraction:
    """Each unit costs what those of its own tier do; a tier that is entered, its flat amount."""
    sum_minor, below = Fraction(0), 0
    for tier in tiers:
        above = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if above > below or not below:
            sum_minor += _flat(tier) + (above - below) * _unit(tier)
        below = above
        if below == quantity:
            break
    return sum_minor


def _unit(tier: Object) -> Fraction:
    return Fraction(tier.get("unit_amount_decimal") or 0)


def _flat(tier: Object) -> Fraction:
    return Fraction(tier.get("flat_amount_decimal") or 0)
