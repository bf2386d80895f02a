"""What is promised beside a subscription, reckoned by the systems and by the oracle, written apart: they agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.books.charges import delivered_lines, due_lines, periods
from fakes.books.performance import allocated_minor, earned_minor
from harness.oracle.charges import (
    charge_minor,
    full_price_minor,
    period_bounds,
    period_count,
    price_changes,
    units_added,
)
from harness.oracle.deliverables import delivered_minor, shares_of
from harness.oracle.earning import earned, served
from harness.oracle.months import first_day, month_of
from tests.harness.oracle.delivered import agreements, deliveries

MANY = settings(max_examples=300, derandomize=True)


@st.composite
def cases(draw):
    """Any contract, what was delivered of it, and whether set-up is a promise of its own."""
    terms = draw(agreements())
    return terms, draw(deliveries(terms)), draw(st.booleans())


def months_of(terms, rendered):
    """(month, first day, end) of every month in which a contract, or what was delivered of it, can earn."""
    days = [terms.start_day, terms.end_day, *(version.signed_day for version in terms.versions)]
    days += [day for one in terms.deliverables for day in (one.from_day, one.to_day) if day]
    days += [one.day for one in rendered]
    months = range(month_of(min(days)), month_of(max(days)) + 1)
    return [(month, first_day(month), first_day(month + 1)) for month in months]


@MANY
@given(cases())
def test_they_split_the_price_alike_over_what_each_version_promises(case):
    terms, _, distinct = case
    allocated = allocated_minor(terms, setup_distinct=distinct)

    assert allocated == shares_of(terms, list(price_changes(terms)), setup_distinct=distinct)
    for version in terms.versions:
        shares = [minor for (number, _), minor in allocated.items() if number == version.number]
        assert sum(shares) == version.price_change_minor


@MANY
@given(cases())
def test_they_earn_the_same_of_every_product_in_every_month(case):
    terms, rendered, distinct = case
    allocated = allocated_minor(terms, setup_distinct=distinct)
    months = months_of(terms, rendered)
    one, shares = {"C-1": terms}, {"C-1": allocated}
    oracle = earned(served(one, shares), one, shares, {"C-1": rendered}, months).by_month(["C-1"])

    for month, opens, closes in months:
        before = earned_minor(terms, allocated, rendered, opens)
        after = earned_minor(terms, allocated, rendered, closes)
        in_month = {}
        for part in after:
            in_month[part[1]] = in_month.get(part[1], 0) + after[part] - before.get(part, 0)
        assert {product: minor for product, minor in in_month.items() if minor} == oracle.get(("C-1", month), {})


@MANY
@given(cases())
def test_a_fixed_price_is_earned_within_its_share_and_in_full_once_it_is_satisfied(case):
    terms, rendered, distinct = case
    allocated = allocated_minor(terms, setup_distinct=distinct)
    by_part = {(one.version, one.product): one for one in terms.deliverables}
    months = months_of(terms, rendered)

    for _, _, closes in months:
        earned = earned_minor(terms, allocated, rendered, closes)
        for part, minor in allocated.items():
            assert min(0, minor) <= earned[part] <= max(0, minor)
    for part, minor in allocated.items():
        one = by_part.get(part)
        done = [each for each in rendered if one is not None and each.product == one.product]
        planned = sum(each.units for each in terms.deliverables if one is not None and each.product == one.product)
        satisfied = any(each.accepted for each in done)
        if one is not None and one.measure == "by_hours":
            satisfied = satisfied or sum(each.units for each in done) >= planned
        elif one is None or one.measure == "by_day":
            satisfied = True  # by the last of these months, its days have passed
        assert (earned[part] == minor) or not satisfied
        if one is not None and one.measure == "on_acceptance" and not satisfied:
            assert earned[part] == 0


@MANY
@given(cases())
def test_they_charge_the_same_for_service_periods_and_for_what_was_delivered(case):
    terms, rendered, _ = case

    assert len(periods(terms)) == period_count(terms)
    for period in range(period_count(terms)):
        bounds, price_minor = period_bounds(terms, period), full_price_minor(terms, period)
        charged = {
            version.number: charge_minor(units * price_minor, version.effective_day, *bounds)
            for version, units in zip(terms.versions, units_added(terms), strict=True)
        }
        lines = [line for line in due_lines(terms, period) if isinstance(line.period, int)]
        assert all((line.from_day, line.to_day) == bounds for line in lines)
        assert {line.version: line.minor for line in lines} == {
            number: minor for number, minor in charged.items() if minor
        }
    at_start = {(line.version, line.period): line.minor for line in due_lines(terms, 0) if isinstance(line.period, str)}
    assert at_start == {
        (one.version, one.product): one.price_minor for one in terms.deliverables if one.invoicing == "at_start"
    }
    for one in rendered:
        assert {line.version: line.minor for line in delivered_lines(terms, one)} == delivered_minor(terms, one)


@MANY
@given(cases())
def test_what_is_charged_in_all_is_the_price_once_all_is_accepted(case):
    terms, rendered, _ = case
    charged = sum(line.minor for period in range(len(periods(terms))) for line in due_lines(terms, period))
    fixed = {one.product for one in terms.deliverables if one.price_minor}
    charged += sum(line.minor for one in rendered if one.product in fixed for line in delivered_lines(terms, one))
    accepted = {one.product for one in rendered if one.accepted}
    open_minor = sum(
        one.price_minor
        for one in terms.deliverables
        if one.invoicing == "on_acceptance" and one.product not in accepted
    )

    assert charged + open_minor == sum(version.price_change_minor for version in terms.versions)
