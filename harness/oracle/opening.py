"""Where contracts from before the run stand as its first month begins, from what was agreed and delivered alone.

What was due before instant 0 is billed, and what was earned before the first month is recognised: so it is taken over.
"""

import numpy as np

from fakes.agreements import Contract
from harness.oracle.charges import charge_minor, period_bounds, period_count, period_price_minor, units_added
from harness.oracle.deliverables import delivered_minor, earned_of
from harness.oracle.expected import Expected
from harness.oracle.movements import Position
from harness.oracle.revenue import earned_minor


def opening_position(expected: Expected, opens_day: int) -> Position:
    """The position of every contract before the day on which the first month begins: zero but for the opening ones."""
    count = len(expected.contracts)
    fixed, as_invoiced, remaining = ([0] * count for _ in range(3))
    place = {key: at for at, key in enumerate(expected.contracts)}
    for key, (versions, periods) in expected.settled.items():
        contract, at = expected.contracts[key], place[key]
        delivered_fixed, delivered_variable = _delivered(expected, contract, versions, periods)
        earned_fixed, earned_variable = _earned(expected, contract, opens_day)
        fixed[at] = _periods_billed(contract, versions, periods) + delivered_fixed - earned_fixed
        as_invoiced[at] = delivered_variable - earned_variable
        remaining[at] = sum(one.price_change_minor for one in contract.versions[:versions]) - earned_fixed
    return Position(
        fixed=np.array(fixed, dtype=np.int64),
        as_invoiced=np.array(as_invoiced, dtype=np.int64),
        remaining=np.array(remaining, dtype=np.int64),
    )


def _periods_billed(contract: Contract, versions: int, periods: int) -> int:
    """What the first versions of a contract charge for its first service periods."""
    if not contract.obligations or not periods:
        return 0
    periods = min(periods, period_count(contract))
    units = units_added(contract)[:versions]
    if len(units) == 1 and not contract.ramp and contract.versions[0].effective_day <= contract.start_day:
        return units[0] * period_price_minor(contract, 0) * periods
    minor = 0
    for period in range(periods):
        price_minor, (from_day, to_day) = period_price_minor(contract, period), period_bounds(contract, period)
        for version, added in zip(contract.versions, units, strict=False):
            minor += charge_minor(added * price_minor, version.effective_day, from_day, to_day)
    return minor


def _delivered(expected: Expected, contract: Contract, versions: int, periods: int) -> tuple[int, int]:
    """What is charged beside the service periods: of the transaction price, and by the unit."""
    if not contract.deliverables:
        return 0, 0
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


def _earned(expected: Expected, contract: Contract, opens_day: int) -> tuple[int, int]:
    """What is earned before a day of what was agreed by then: of the transaction price, and by the unit."""
    shares, versions, end_day = expected.allocated[contract.key], contract.versions, contract.end_day
    if not contract.deliverables:
        fixed = 0
        for (number, _), share in shares.items():
            version = versions[number - 1]
            if version.signed_day < opens_day:
                fixed += earned_minor(share, version.effective_day, end_day, opens_day)
        return fixed, 0
    rendered = expected.rendered.get(contract.key, ())
    parts = {(one.version, one.product): one for one in contract.deliverables}
    fixed = 0
    for (number, product), share in shares.items():
        version, one = versions[number - 1], parts.get((number, product))
        if version.signed_day >= opens_day:
            continue
        if one is None:
            fixed += earned_minor(share, version.effective_day, end_day, opens_day)
        else:
            fixed += earned_of(contract, one, share, rendered, opens_day)
    variable = sum(
        earned_of(contract, one, 0, rendered, opens_day)
        for one in contract.deliverables
        if one.measure == "as_invoiced" and versions[one.version - 1].signed_day < opens_day
    )
    return fixed, variable
