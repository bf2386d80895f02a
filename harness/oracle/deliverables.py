"""What a contract promises beside its subscription: what is charged for it, its share in the price, what it earns.

Read off the standard and the words of `fakes.agreements`, apart from the systems' own reckoning.
"""

from collections.abc import Mapping, Sequence

from fakes.agreements import Contract, Deliverable, Fulfilment
from harness.oracle.charges import charge_minor, half_away, period_bounds, period_count, units_added
from harness.oracle.revenue import earned_minor, split

Shares = dict[tuple[int, str], int]
"""Minor units by (version, product)."""


def delivered_minor(contract: Contract, fulfilment: Fulfilment) -> Mapping[int, int]:
    """What is charged for something delivered, by the version that agreed it; nothing for what is charged otherwise."""
    charges: dict[int, int] = {}
    for one in contract.deliverables:
        if one.product == fulfilment.product:
            if one.invoicing == "on_acceptance" and fulfilment.accepted:
                charges[one.version] = one.price_minor
            elif one.rate_minor:
                charges[one.version] = max(0, fulfilment.units - one.included) * one.rate_minor
    return {version: minor for version, minor in charges.items() if minor}


def shares_of(contract: Contract, changes_minor: Sequence[int], *, setup_distinct: bool) -> Shares:
    """The price of each version, given in order, split over what it adds (ASC 606-10-32-31).

    What adds to a deliverable of an earlier version is part of that promise, and keeps its price (606-10-25-13(b)); so
    does all that comes with a version that takes units away. Set-up that is not distinct is part of the subscription,
    if there is one (606-10-25-21).
    """
    first: dict[str, int] = {}
    for one in contract.deliverables:
        first.setdefault(one.product, one.version)
    shares: Shares = {}
    for version, change_minor, units in zip(contract.versions, changes_minor, units_added(contract), strict=True):
        left_minor, apart, together_minor = change_minor, dict[str, int](), 0
        for one in contract.deliverables:
            if one.version != version.number or not one.price_minor:
                continue
            if one.measure == "by_day" and contract.obligations and not setup_distinct:
                together_minor += one.ssp_minor or one.price_minor
            elif units < 0 or first[one.product] < version.number:
                shares[version.number, one.product] = one.price_minor
                left_minor -= one.price_minor
            else:
                apart[one.product] = one.ssp_minor
        weights = {obligation.product: obligation.ssp_minor for obligation in contract.obligations}
        if apart:
            weights = _weights(contract, version.effective_day, units, together_minor, apart)
        for product, minor in zip(weights, split(left_minor, list(weights.values())), strict=True):
            shares[version.number, product] = minor
    return shares


def _weights(
    contract: Contract, effective_day: int, units: int, together_minor: int, apart: Mapping[str, int]
) -> dict[str, int]:
    """Whole numbers in proportion to what each product of a version would cost alone.

    The subscription's have `together_minor` among them, in proportion to their prices a month.
    """
    whole = sum(obligation.ssp_minor for obligation in contract.obligations) or 1
    weights = {product: minor * whole for product, minor in apart.items()}
    subscribed: dict[str, int] = {}
    for obligation in contract.obligations if units or together_minor else ():
        alone_minor = _alone_minor(contract, units * obligation.ssp_minor, effective_day)
        subscribed[obligation.product] = alone_minor * whole + together_minor * obligation.ssp_minor
    return subscribed | weights


def earned_by_product(
    contract: Contract, shares: Mapping[tuple[int, str], int], rendered: Sequence[Fulfilment], before_day: int
) -> dict[str, int]:
    """What a contract has earned before a day, by product, given the shares of its versions; nothing of some, too.

    What is not agreed by then has earned nothing: what is done of it counts when it is.
    """
    by_part = {(one.version, one.product): one for one in contract.deliverables}
    as_invoiced = [part for part, one in by_part.items() if one.measure == "as_invoiced"]
    earned: dict[str, int] = {}
    for part in dict.fromkeys((*shares, *as_invoiced)):
        one, version, share = by_part.get(part), contract.versions[part[0] - 1], shares.get(part, 0)
        minor = 0
        if version.signed_day < before_day:
            if one is not None:
                minor = earned_of(contract, one, share, rendered, before_day)
            else:
                minor = earned_minor(share, version.effective_day, contract.end_day, before_day)
        earned[part[1]] = earned.get(part[1], 0) + minor
    return earned


def earned_of(
    contract: Contract, one: Deliverable, share_minor: int, rendered: Sequence[Fulfilment], before_day: int
) -> int:
    """What of a deliverable's share is earned before a day, by its measure of progress."""
    if one.measure == "by_day":
        return earned_minor(share_minor, one.from_day, one.to_day, before_day)
    done = [each for each in rendered if each.product == one.product and each.day < before_day]
    if one.measure == "as_invoiced":
        return sum(max(0, each.units - one.included) * one.rate_minor for each in done)
    if any(each.accepted for each in done):
        return share_minor
    if one.measure == "on_acceptance":
        return 0
    agreed = {version.number for version in contract.versions if version.signed_day < before_day}
    planned = sum(
        other.units for other in contract.deliverables if other.product == one.product and other.version in agreed
    )
    return half_away(share_minor * min(planned, sum(each.units for each in done)), planned)


def _alone_minor(contract: Contract, monthly_minor: int, effective_day: int) -> int:
    """What a version's units would cost by themselves over the rest of the term, period by period."""
    total_minor = 0
    for period in range(period_count(contract)):
        full_minor = monthly_minor * contract.billing_months
        total_minor += charge_minor(full_minor, effective_day, *period_bounds(contract, period))
    return total_minor
