"""Where contracts from before the run stand as its first month begins, from what was agreed and delivered alone.

What was due before instant 0 is billed, and what was earned before the first month is recognised: so it is taken over.
Of a contract that came with another company, all before the day of its acquisition is settled.
"""

from collections.abc import Mapping, Sequence

from fakes.agreements import Contract
from harness.oracle.charges import charge_minor, full_price_minor, period_bounds, period_count, units_added
from harness.oracle.deliverables import delivered_minor, earned_of
from harness.oracle.expected import Expected
from harness.oracle.months import first_day, month_of
from harness.oracle.movements import Position, Sheet
from harness.oracle.revenue import earned_minor


def opening_position(expected: Expected, months: Sequence[int]) -> tuple[Position, Position]:
    """Where contracts from before the run stood as the first of `months` begins, by contract.

    And where those stood, by month and contract, that were acquired with another company in one of the months.
    """
    size = len(months), len(expected.contracts)
    opens_day = first_day(months[0]) if months else 0
    opening, acquired = (tuple(Sheet() for _ in range(3)) for _ in range(2))
    place = expected.place
    for key, (versions, periods) in expected.settled.items():
        contract = expected.contracts[key]
        month = month_of(contract.acquired_day) if contract.acquired_day else 0
        if not contract.acquired_day:
            stood, at, sheets = _stood(expected, contract, versions, periods, opens_day), 0, opening
        elif months and month <= months[-1]:
            stood = _stood(expected, contract, versions, periods, contract.acquired_day)
            at, sheets = month - months[0], acquired
        else:
            continue
        for sheet, minor in zip(sheets, stood, strict=True):
            if minor:
                sheet.add(at, place[key], minor)
    fixed, as_invoiced, remaining = (sheet.amounts(max(len(months), 1), size[1])[0] for sheet in opening)
    come = Position(**{
        name: sheet.amounts(*size)
        for name, sheet in zip(("fixed", "as_invoiced", "remaining"), acquired, strict=True)
    })  # fmt: skip
    return Position(fixed=fixed, as_invoiced=as_invoiced, remaining=remaining), come


def _stood(
    expected: Expected, contract: Contract, versions: int, periods: int, before_day: int
) -> tuple[int, int, int]:
    """Billed less earned before a day, of the transaction price and by the unit; and what remained of the price.

    The first versions and service periods of a contract are settled.
    """
    fixed, as_invoiced = _periods_billed(contract, versions, periods), 0
    if contract.deliverables:
        delivered_fixed, delivered_variable = _delivered(expected, contract, versions, periods)
        earned, earned_variable = _earned_by_measure(expected, contract, before_day)
        fixed += delivered_fixed
        as_invoiced = delivered_variable - earned_variable
    else:
        earned = _earned(contract, expected.allocated[contract.key], before_day)
    return fixed - earned, as_invoiced, _price_minor(contract, versions) - earned


def _periods_billed(contract: Contract, versions: int, periods: int) -> int:
    """What the first versions of a contract charge for its first service periods."""
    if not contract.obligations or not periods:
        return 0
    periods = min(periods, period_count(contract))
    first = contract.versions[0]
    if versions == 1 and not contract.ramp and first.effective_day <= contract.start_day:
        return first.quantity * contract.unit_price_minor * contract.billing_months * periods
    units = units_added(contract)[:versions]
    minor = 0
    for period in range(periods):
        price_minor, (from_day, to_day) = full_price_minor(contract, period), period_bounds(contract, period)
        for version, added in zip(contract.versions, units, strict=False):
            minor += charge_minor(added * price_minor, version.effective_day, from_day, to_day)
    return minor


def _delivered(expected: Expected, contract: Contract, versions: int, periods: int) -> tuple[int, int]:
    """What is charged beside the service periods: of the transaction price, and by the unit."""
    fixed, variable = 0, 0
    known = [one for one in contract.deliverables if one.version <= versions]
    if periods:
        fixed = sum(one.price_minor for one in known if one.invoicing == "at_start")
    by_unit = {one.product for one in known if one.measure == "as_invoiced"}
    for fulfilment in expected.rendered.get(contract.key, ()):
        if expected.rendered_us[fulfilment.key] < 0:
            charges = delivered_minor(contract, fulfilment)
            minor = sum(minor for version, minor in charges.items() if version <= versions)
            if fulfilment.product in by_unit:
                variable += minor
            else:
                fixed += minor
    return fixed, variable


def _price_minor(contract: Contract, versions: int) -> int:
    """What the first versions of a contract agree."""
    if versions == 1:
        return contract.versions[0].price_change_minor
    return sum(version.price_change_minor for version in contract.versions[:versions])


def _earned(contract: Contract, shares: Mapping[tuple[int, str], int], opens_day: int) -> int:
    """What of a subscription is earned before a day, of what was agreed by then."""
    minor, versions, end_day = 0, contract.versions, contract.end_day
    for (number, _), share in shares.items():
        version = versions[number - 1]
        if version.signed_day < opens_day:
            minor += earned_minor(share, version.effective_day, end_day, opens_day)
    return minor


def _earned_by_measure(expected: Expected, contract: Contract, opens_day: int) -> tuple[int, int]:
    """The same of a contract with deliverables: of the transaction price, and by the unit."""
    rendered, versions = expected.rendered.get(contract.key, ()), contract.versions
    parts = {(one.version, one.product): one for one in contract.deliverables}
    subscribed, fixed = dict[tuple[int, str], int](), 0
    for part, share in expected.allocated[contract.key].items():
        one = parts.get(part)
        if one is None:
            subscribed[part] = share
        elif versions[part[0] - 1].signed_day < opens_day:
            fixed += earned_of(contract, one, share, rendered, opens_day)
    variable = sum(
        earned_of(contract, one, 0, rendered, opens_day)
        for one in contract.deliverables
        if one.measure == "as_invoiced" and versions[one.version - 1].signed_day < opens_day
    )
    return fixed + _earned(contract, subscribed, opens_day), variable
