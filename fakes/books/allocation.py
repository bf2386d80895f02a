"""The transaction price over performance obligations (step 4 of ASC 606)."""

from collections.abc import Mapping
from fractions import Fraction


def allocate(price_minor: int, ssp_minor: Mapping[str, int] | Mapping[str, Fraction]) -> dict[str, int]:
    """Split a transaction price over performance obligations by relative stand-alone selling price.

    `price_minor` and the stand-alone selling prices are minor units of one currency. The result has the
    keys of `ssp_minor`, in order, and sums to `price_minor` exactly: units left over by rounding go to the
    largest remainders, ties to the obligation listed first. A negative price (a decrease) is split as its
    absolute amount would be, and negated. ASC 606-10-32-31.
    """
    total = sum(ssp_minor.values())
    if total <= 0:
        raise ValueError(f"stand-alone selling prices must sum to more than 0, got {total}")
    if len(ssp_minor) == 1:
        return dict.fromkeys(ssp_minor, price_minor)
    size = abs(price_minor)
    shares = {name: divmod(size * ssp, total) for name, ssp in ssp_minor.items()}
    spare = size - sum(whole for whole, _ in shares.values())
    rounded_up = sorted(shares, key=lambda name: -shares[name][1])[:spare]
    sign = 1 if price_minor >= 0 else -1
    return {name: sign * (whole + (name in rounded_up)) for name, (whole, _) in shares.items()}
