"""Revenue by the standard: a version's price split over the obligations, and earned by the day.

Relative stand-alone selling price (ASC 606-10-32-31), units left over by rounding to the largest remainders;
a decrease is split as the increase of the same size. Rateable by day (ASC 606-10-25-31), rounded on the
cumulative amount, so that months add up to the whole.
"""

from fakes.agreements import Contract, PerformanceObligation
from harness.oracle.charges import half_away


def allocation(price_minor: int, obligations: tuple[PerformanceObligation, ...]) -> tuple[int, ...]:
    """The share of each obligation, in order, in `price_minor`; they sum to it exactly."""
    if len(obligations) == 1:
        return (price_minor,)
    size = abs(price_minor)
    weights = [obligation.ssp_minor for obligation in obligations]
    total = sum(weights)
    shares = [size * weight // total for weight in weights]
    spare = size - sum(shares)
    if spare:
        remainders = [size * weight % total for weight in weights]
        for at in sorted(range(len(shares)), key=remainders.__getitem__, reverse=True)[:spare]:
            shares[at] += 1
    return tuple(shares) if price_minor >= 0 else tuple(-share for share in shares)


def earned_minor(amount_minor: int, from_day: int, to_day: int, before_day: int) -> int:
    """What of an amount spread evenly over the days [from_day, to_day) is earned before `before_day`."""
    if before_day >= to_day:
        return amount_minor
    if before_day <= from_day:
        return 0
    return half_away(amount_minor * (before_day - from_day), to_day - from_day)


def earned_by_version(contract: Contract, version_index: int, from_day: int, before_day: int) -> dict[str, int]:
    """What one version earns from a day up to another, by product; products that earn nothing are left out."""
    version, end_day = contract.versions[version_index], contract.end_day
    shares = allocation(version.price_change_minor, contract.obligations)
    earned = {
        obligation.product: earned_minor(share, version.effective_day, end_day, before_day)
        - earned_minor(share, version.effective_day, end_day, from_day)
        for obligation, share in zip(contract.obligations, shares, strict=True)
    }
    return {product: minor for product, minor in earned.items() if minor}
