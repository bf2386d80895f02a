"""A contract's price split over what it promises, and what is earned of it by a day: each version by itself.

A version's price goes to the units of the subscription that it adds and to its deliverables, in proportion to what
each would cost alone (ASC 606-10-32-31). More of a deliverable that an earlier version has is not distinct from it: its
price is that promise's alone, and counts for what is done of it already (606-10-25-13(b)). Where a version takes units
away, what it adds keeps its own price: there is nothing in what is given up to share a discount with.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from fakes.agreements import Contract, Deliverable, Fulfilment, Measure, Version
from fakes.books.allocation import allocate
from fakes.books.charges import price_change_minor
from fakes.books.recognition import recognised_minor
from fakes.books.rounding import Exact, round_half_away
from fakes.books.usage import overage_minor

Part = tuple[int, str]
"""A version, and a product of it."""


class NothingPromised(ValueError):
    """A version of a contract has a price for which it promises nothing."""

    def __init__(self, contract: str, version: int, rest_minor: int) -> None:
        super().__init__(contract, version, rest_minor)

    def __str__(self) -> str:
        contract, version, rest_minor = self.args
        return f"version {version} of {contract}: no promise for {rest_minor} of its price"


def allocated_minor(contract: Contract, *, setup_distinct: bool = True) -> dict[Part, int]:
    """The fixed price by version and product, in minor units. It sums to the transaction price. Raises NothingPromised.

    Where set-up is not distinct from the subscription it serves, its price is the subscription's (606-10-25-21).
    """
    ssp_minor = {obligation.product: obligation.ssp_minor for obligation in contract.obligations}
    allocated: dict[Part, int] = {}
    for version in contract.versions:
        shares: Mapping[str, int]
        if contract.deliverables:
            shares = _shares(contract, version, setup_distinct)
        else:
            shares = allocate(version.price_change_minor, ssp_minor)
        for product, minor in shares.items():
            allocated[version.number, product] = minor
    return allocated


def earned_minor(
    contract: Contract, allocated: Mapping[Part, int], rendered: Sequence[Fulfilment], through_day: int
) -> dict[Part, int]:
    """What is earned of each part before `through_day` begins, in minor units: of some usage, more than was allocated.

    `rendered` is what was delivered, as far as it is known. What was agreed only later counts from then on, and then
    for what was done before, too (ASC 606-10-25-13(b)).
    """
    if contract.versions[-1].signed_day >= through_day:
        contract = _as_agreed(contract, through_day)
        known = len(contract.versions)
        earned = dict.fromkeys((part for part in allocated if part[0] > known), 0)
        allocated = {part: minor for part, minor in allocated.items() if part[0] <= known}
        return earned | _earned(contract, allocated, rendered, through_day) if known else earned
    if contract.deliverables:
        return _earned(contract, allocated, rendered, through_day)
    end_day, versions = contract.end_day, contract.versions
    return {
        part: recognised_minor(minor, versions[part[0] - 1].effective_day, end_day, through_day)
        for part, minor in allocated.items()
    }


def _as_agreed(contract: Contract, before_day: int) -> Contract:
    """A contract as it stood before a day began."""
    versions = tuple(version for version in contract.versions if version.signed_day < before_day)
    deliverables = tuple(one for one in contract.deliverables if one.version <= len(versions))
    return replace(contract, versions=versions, deliverables=deliverables)


def _earned(
    contract: Contract, allocated: Mapping[Part, int], rendered: Sequence[Fulfilment], through_day: int
) -> dict[Part, int]:
    end_day, starts = contract.end_day, [version.effective_day for version in contract.versions]
    by_part = {(one.version, one.product): one for one in contract.deliverables}
    done = [one for one in rendered if one.day < through_day]
    earned: dict[Part, int] = {}
    for part, minor in allocated.items():
        one = by_part.get(part)
        if one is None:
            earned[part] = recognised_minor(minor, starts[part[0] - 1], end_day, through_day)
        else:
            earned[part] = _BY_MEASURE[one.measure](contract, one, minor, done, through_day)
    for part, one in by_part.items():
        if one.measure == "as_invoiced":
            used = [each.units for each in done if each.product == one.product]
            earned[part] = sum(overage_minor(units, one.included, one.rate_minor) for units in used)
    return earned


def _shares(contract: Contract, version: Version, setup_distinct: bool) -> dict[str, int]:
    """A version's price by product."""
    before = contract.versions[version.number - 2].quantity if version.number > 1 else 0
    units = version.quantity - before
    fixed = [one for one in contract.deliverables if one.version == version.number and one.price_minor]
    inside: list[Deliverable] = []
    if contract.obligations and not setup_distinct:
        inside = [one for one in fixed if one.measure == "by_day"]
        fixed = [one for one in fixed if one.measure != "by_day"]
    kept = {one.product: one.price_minor for one in fixed if units < 0 or _is_more(contract, one)}
    distinct = {one.product: one.ssp_minor for one in fixed if one.product not in kept}
    weights: Mapping[str, Exact] = {obligation.product: obligation.ssp_minor for obligation in contract.obligations}
    if distinct:
        weights = dict(_alone(contract, version, units, inside)) | distinct
    rest_minor = version.price_change_minor - sum(kept.values())
    if weights:
        return allocate(rest_minor, weights) | kept
    if rest_minor:
        raise NothingPromised(contract.key, version.number, rest_minor)
    return kept


def _is_more(contract: Contract, one: Deliverable) -> bool:
    return any(other.product == one.product and other.version < one.version for other in contract.deliverables)


def _alone(
    contract: Contract, version: Version, units: int, inside: Sequence[Deliverable]
) -> Iterator[tuple[str, Exact]]:
    """What the units that a version adds would cost alone, by product, with the set-up that is a part of them."""
    if not (units or inside):
        return
    setup_minor = sum(one.ssp_minor or one.price_minor for one in inside)
    monthly_minor = sum(obligation.ssp_minor for obligation in contract.obligations)
    for obligation in contract.obligations:
        units_minor = price_change_minor(
            start_day=contract.start_day,
            end_day=contract.end_day,
            billing_months=contract.billing_months,
            unit_price_minor=obligation.ssp_minor,
            units=units,
            effective_day=version.effective_day,
        )
        yield obligation.product, units_minor + Fraction(setup_minor * obligation.ssp_minor, monthly_minor)


def _by_day(contract: Contract, one: Deliverable, minor: int, done: Sequence[Fulfilment], through_day: int) -> int:
    return recognised_minor(minor, one.from_day, one.to_day, through_day)


def _on_acceptance(
    contract: Contract, one: Deliverable, minor: int, done: Sequence[Fulfilment], through_day: int
) -> int:
    return minor if any(each.accepted for each in done if each.product == one.product) else 0


def _by_hours(contract: Contract, one: Deliverable, minor: int, done: Sequence[Fulfilment], through_day: int) -> int:
    """By the hours worked of those that all versions plan; all of it once it is accepted."""
    own = [each for each in done if each.product == one.product]
    planned = sum(other.units for other in contract.deliverables if other.product == one.product)
    worked = sum(each.units for each in own)
    if worked >= planned or any(each.accepted for each in own):
        return minor
    return round_half_away(minor * worked, planned)


_BY_MEASURE: Mapping[Measure, Callable[[Contract, Deliverable, int, Sequence[Fulfilment], int], int]] = {
    "by_day": _by_day,
    "on_acceptance": _on_acceptance,
    "by_hours": _by_hours,
}
