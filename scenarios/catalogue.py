"""What the company sells: editions of a platform, alone or with support and analytics."""

from collections.abc import Iterator
from dataclasses import dataclass

from fakes.agreements import PerformanceObligation

EDITIONS = ((2_900, 3), (5_900, 5), (11_900, 2))
"""The platform's stand-alone selling price, in minor units per unit and month, and its weight."""

BUNDLES = ((("platform",), 0, 4), (("platform", "support"), 7, 4), (("platform", "support", "analytics"), 13, 2))
"""What is sold together, at how many per cent less than apart, and its weight."""

PRICED_AT_PERCENT = {"platform": 100, "support": 22, "analytics": 45}
"""A product's stand-alone selling price, in per cent of the platform's."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A price per unit and month for one or more performance obligations, which cost at least as much apart."""

    unit_price_minor: int
    obligations: tuple[PerformanceObligation, ...]


def offers() -> Iterator[tuple[Offer, int]]:
    """Everything on offer, with its weight."""
    for platform_minor, edition_weight in EDITIONS:
        for products, discount_percent, bundle_weight in BUNDLES:
            obligations = tuple(
                PerformanceObligation(product, platform_minor * PRICED_AT_PERCENT[product] // 100)
                for product in products
            )
            apart_minor = sum(obligation.ssp_minor for obligation in obligations)
            yield Offer(apart_minor * (100 - discount_percent) // 100, obligations), edition_weight * bundle_weight
