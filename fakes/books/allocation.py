"""The transaction price over performance obligations (step 4 of ASC 606)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fakes.books.rounding import Exact
from fakes.books.splitting import Split, largest_remainder


def allocate(price_minor: int, ssp_minor: Mapping[str, Exact], *, split: Split = largest_remainder) -> dict[str, int]:
    """Split a transaction price over performance obligations by relative stand-alone selling price.

    `price_minor` and the stand-alone selling prices are minor units of one currency. The result has the
    keys of `ssp_minor`, in order, and sums to `price_minor` exactly: units left over by rounding go to the
    largest remainders, ties to the obligation listed first, or as another `split` has it. A negative price
    (a decrease) is split as its absolute amount would be, and negated. Raises ValueError if a stand-alone
    selling price is negative, or none is more than 0; TypeError for floats. ASC 606-10-32-31.
    """
    if len(ssp_minor) == 1 and isinstance(price_minor, int):
        ((name, weight),) = ssp_minor.items()
        if weight > 0:
            return {name: price_minor}
    return dict(zip(ssp_minor, split(price_minor, tuple(ssp_minor.values())), strict=True))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Obligations that are regularly sold together, for `price_minor`, each of them also by itself."""

    names: tuple[str, ...]
    price_minor: int

    def __post_init__(self) -> None:
        if self.price_minor < 0:
            raise ValueError(f"a bundle of {list(self.names)} cannot sell for {self.price_minor}: 0 or more")


def allocate_with_bundles(
    price_minor: int,
    ssp_minor: Mapping[str, int],
    bundles: Sequence[Bundle],
    *,
    tolerance: Exact = 0,
    split: Split = largest_remainder,
) -> dict[str, int]:
    """Allocate a price so that its discount falls on the bundles which explain it, and on nothing else.

    Obligations outside of the bundles, which must not overlap, get their stand-alone selling prices. If the bundles'
    discounts are not substantially that of the contract, the discount falls on all in proportion, as `allocate` does.
    `tolerance` is the share of the contract's discount by which the bundles' may differ from it and still be
    substantially the same; the contract's own is then what is spread, over the bundles by their discounts. Amounts
    are minor units; the result has the keys of `ssp_minor` and sums to the price. Raises ValueError for bundles that
    overlap or name other obligations, and for a negative selling price or tolerance. ASC 606-10-32-36, 32-37.
    """
    if tolerance < 0 or min(ssp_minor.values(), default=0) < 0:
        raise ValueError(f"tolerance and selling prices must not be negative, got {tolerance} and {dict(ssp_minor)}")
    discount_minor, discounts = sum(ssp_minor.values()) - price_minor, _discounts(bundles, ssp_minor)
    explained = abs(sum(discounts) - discount_minor) <= tolerance * discount_minor
    if discount_minor <= 0 or min(discounts, default=0) < 0 or sum(discounts) <= 0 or not explained:
        return allocate(price_minor, ssp_minor, split=split)
    shares = dict(ssp_minor)
    for bundle, off_minor in zip(bundles, split(discount_minor, discounts), strict=True):
        inside = {name: ssp_minor[name] for name in bundle.names}
        shares.update(allocate(sum(inside.values()) - off_minor, inside, split=split))
    return shares


def allocate_residual(
    price_minor: int,
    ssp_minor: Mapping[str, int],
    residual: str,
    *,
    bundles: Sequence[Bundle] = (),
    range_minor: tuple[int, int] | None = None,
    split: Split = largest_remainder,
) -> dict[str, int]:
    """Allocate to the obligation `residual` what the stand-alone selling prices of all others leave of the price.

    For an obligation whose selling price is highly variable or not yet established. Discounts of the others' `bundles`
    come off first (32-38). The result has the keys of `ssp_minor`, then `residual`, and sums to `price_minor`. Raises
    ValueError if nothing is left, or what is left is outside of the `range_minor` in which it sells, both ends
    included: estimate its price in another way then, and `allocate`. ASC 606-10-32-34(c), 32-35, 32-38.
    """
    if residual in ssp_minor:
        raise ValueError(f"{residual!r} has a stand-alone selling price: leave it out of ssp_minor")
    known_minor = sum(ssp_minor.values())
    off_minor = sum(_discounts(bundles, ssp_minor))
    left_minor = price_minor - (known_minor - off_minor)
    least, most = range_minor or (1, left_minor)
    if left_minor <= 0 or not least <= left_minor <= most:
        raise ValueError(
            f"the residual for {residual!r} is {left_minor}, which does not depict its price: estimate it by another"
            " method (606-10-32-34) and allocate by relative price"
        )
    return {**allocate_with_bundles(known_minor - off_minor, ssp_minor, bundles, split=split), residual: left_minor}


@dataclass(frozen=True, slots=True)
class Dedicated:
    """A variable amount that relates to some obligations only: to transferring them, or to what comes of it."""

    names: tuple[str, ...]
    minor: int


def allocate_variable(
    fixed_minor: int,
    ssp_minor: Mapping[str, Exact],
    dedicated: Sequence[Dedicated],
    *,
    fixed_to: Collection[str] | None = None,
    split: Split = largest_remainder,
) -> dict[str, int]:
    """Allocate each dedicated variable amount to its own obligations alone, and a fixed amount to all.

    Each goes by relative stand-alone selling price. `fixed_to` names the obligations that share the fixed amount, if
    not all do: those whose price is fixed, where the variable amounts are what the others sell for (Example 35 A).
    Minor units; keys as in `ssp_minor`; the sum is that of all amounts. Ask `depicts` whether the outcome meets the
    objective (32-40(b)); if not, `allocate` the whole price. Raises ValueError for a name that has no selling price.
    ASC 606-10-32-39..41.
    """
    named = [name for amount in dedicated for name in amount.names] + list(fixed_to or ())
    if not set(named) <= ssp_minor.keys():
        raise ValueError(f"amounts are for {named}, of which some have no selling price in {list(ssp_minor)}")
    among = ssp_minor if fixed_to is None else {name: ssp for name, ssp in ssp_minor.items() if name in fixed_to}
    shares = dict.fromkeys(ssp_minor, 0) | allocate(fixed_minor, among, split=split)
    for amount in dedicated:
        own = {name: ssp_minor[name] for name in amount.names}
        for name, share in allocate(amount.minor, own, split=split).items():
            shares[name] += share
    return shares


def depicts(allocation_minor: Mapping[str, int], ssp_minor: Mapping[str, Exact], *, tolerance: Exact = 0) -> bool:
    """Whether an allocation meets the objective: no share is off its relative price by more than `tolerance` of it.

    A unit more is let pass, for rounding. Raises ValueError for a share of what has no selling price, or if the selling
    prices sum to nothing. ASC 606-10-32-28, 32-40(b).
    """
    price_minor, total = sum(allocation_minor.values()), sum(ssp_minor.values())
    if total <= 0 or not allocation_minor.keys() <= ssp_minor.keys():
        raise ValueError(f"{list(allocation_minor)} need selling prices that sum to more than 0, got {dict(ssp_minor)}")
    for name, ssp in ssp_minor.items():
        relative = Fraction(price_minor * ssp) / total
        if abs(allocation_minor.get(name, 0) - relative) > tolerance * abs(relative) + 1:
            return False
    return True


def _discounts(bundles: Sequence[Bundle], ssp_minor: Mapping[str, int]) -> list[int]:
    """What each bundle costs less than its parts. Raises ValueError if they overlap or name what has no price."""
    bundled = [name for bundle in bundles for name in bundle.names]
    if len(set(bundled)) < len(bundled) or not set(bundled) <= ssp_minor.keys():
        raise ValueError(f"bundles must not overlap, and name obligations of {list(ssp_minor)}; got {bundled}")
    return [sum(ssp_minor[name] for name in bundle.names) - bundle.price_minor for bundle in bundles]
