"""Which promises of a contract are performance obligations, and when each is satisfied (step 2 of ASC 606)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A good or service that a contract promises, with what decides whether it is distinct.

    `capable`: the customer can benefit from it alone, or with what it can get (25-19(a)). `separable`: it is promised
    apart from the others, neither an input to a combined output, nor changing them, nor bound to them (25-19(b),
    25-21). `bundle` names the combined item it goes into if it is not distinct. `immaterial`: in the context of the
    contract.
    """

    name: str
    capable: bool = True
    separable: bool = True
    bundle: str = ""
    immaterial: bool = False


def is_distinct(promise: Promise) -> bool:
    """Whether a promise is distinct: capable of being so, and separately identifiable. ASC 606-10-25-19."""
    return promise.capable and promise.separable


def obligations(promises: Iterable[Promise]) -> dict[str, tuple[str, ...]]:
    """The performance obligations, each with the promises it consists of, in the order given.

    A distinct promise is one by itself; others are combined by `bundle` until the bundle is distinct, all that name
    none into one. Immaterial promises need not be assessed and are in none. ASC 606-10-25-14, 25-16A, 25-22.
    """
    found: dict[str, tuple[str, ...]] = {}
    for promise in promises:
        if not promise.immaterial:
            name = promise.name if is_distinct(promise) else promise.bundle or "combined"
            found[name] = (*found.get(name, ()), promise.name)
    return found


def is_series(*, same: bool, over_time: bool, same_measure: bool) -> bool:
    """Whether distinct goods or services are one obligation: a series. ASC 606-10-25-14(b), 25-15.

    They are substantially the `same`, each would be satisfied `over_time`, and progress of each has the same measure.
    """
    return same and over_time and same_measure


def is_over_time(
    *, consumed_as_performed: bool = False, customer_controls: bool = False, no_other_use: bool = False,
    right_to_payment: bool = False,
) -> bool:  # fmt: skip
    """Whether an obligation is satisfied over time; at a point in time if not. ASC 606-10-25-27(a) to (c).

    The customer consumes the benefits as they are provided; or controls the asset while it is made; or the asset has no
    other use to the company, which has an enforceable right to payment for the work to date.
    """
    return consumed_as_performed or customer_controls or (no_other_use and right_to_payment)


def gross_or_net_minor(price_minor: int, cost_minor: int, *, principal: bool) -> int:
    """The revenue of goods that another party provides: the price for a principal, what it keeps for an agent.

    A principal controls them before they are transferred. ASC 606-10-55-36..38.
    """
    return price_minor if principal else price_minor - cost_minor
