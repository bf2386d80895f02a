"""Contracts with deliverables and ramps, and what was delivered of them, for tests: by hand, and any at all."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import strategies as st

from fakes.agreements import Deliverable, Fulfilment
from sim.calendar import add_months
from tests.harness.oracle.agreed import CALENDAR, contract, day, truth

FIRST_DAY, LAST_DAY = CALENDAR.day_of(0), CALENDAR.day_of(CALENDAR.end_us)

FIXED = ("by_day", "by_hours", "on_acceptance")


def promising(terms, *deliverables, ramp=()):
    """The same contract with deliverables, and with a price that rises from year to year."""
    versions, before = [], 0
    for version in terms.versions:
        units = version.quantity - before
        minor = sum(ramped(terms, ramp, units, version.effective_day)) if ramp else version.price_change_minor
        minor += sum(one.price_minor for one in deliverables if one.version == version.number)
        versions.append(replace(version, price_change_minor=minor))
        before = version.quantity
    return replace(terms, versions=tuple(versions), deliverables=deliverables, ramp=ramp)


def ramped(terms, ramp, units, effective_day):
    """What units cost in each service period at the price of its year, by the days from an effective day on."""
    months, number = terms.billing_months, 0
    while (from_day := add_months(terms.start_day, number * months)) < terms.end_day:
        to_day = add_months(terms.start_day, (number + 1) * months)
        share = Fraction(min(max(to_day - effective_day, 0), to_day - from_day), to_day - from_day)
        exact = units * ramp[min(number * months // 12, len(ramp) - 1)] * months * share
        yield int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
        number += 1


def services(*deliverables, changes=(), start="2026-01-05", months=6, **terms):
    """A contract for services alone; `changes` are the days on which its change orders are signed and hold."""
    changes = [(change, 1) for change in changes]
    bare = contract(*changes, start=start, months=months, billing_months=1, price=0, quantity=1, **terms)
    return promising(replace(bare, obligations=()), *deliverables)


def setup(price_minor, ssp_minor, from_day, to_day, version=1):
    return Deliverable(
        "setup", version, "by_day", "at_start", price_minor, ssp_minor, 0, 0, 0, day(from_day), day(to_day)
    )


def hours(price_minor, units, version=1, ssp_minor=None):
    """Work for a fixed price, planned to take so many hours, and invoiced once it is accepted."""
    ssp_minor = price_minor if ssp_minor is None else ssp_minor
    return Deliverable("delivery", version, "by_hours", "on_acceptance", price_minor, ssp_minor, units)


def milestone(price_minor, ssp_minor=None, number=1, version=1, invoicing="on_acceptance"):
    ssp_minor = price_minor if ssp_minor is None else ssp_minor
    return Deliverable(f"milestone {number}", version, "on_acceptance", invoicing, price_minor, ssp_minor)


def usage(rate_minor, included=0, product="usage"):
    return Deliverable(product, 1, "as_invoiced", "as_delivered", included=included, rate_minor=rate_minor)


def done(product, on, units=0, *, key=None, contract="C-1", accepted=False, metered=False, since=None):
    """What was delivered by the end of a day, of that day alone unless it says since when."""
    from_day, last_day = day(since or on), day(on)
    key = key or f"F-{contract}-{product}-{on}"
    return Fulfilment(key, contract, product, from_day, last_day, units, accepted, metered)


# --- any at all --------------------------------------------------------------------------------------


@st.composite
def agreements(draw, key="C-1", first="2025-06-01", last="2026-03-31", opening=False):
    """Any contract of 1 to 36 months, billed anyhow, perhaps with a ramp, and with deliverables of every measure.

    It is amended up, down and to nothing, and widened by change orders; versions are signed by their effective day.
    An opening one is signed before the run, and amended in it.
    """
    signed_day = draw(st.integers(day(first), day(last)))
    start_day = signed_day + draw(st.sampled_from([0, 0, 1, 14]))
    billing_months = draw(st.sampled_from([1, 3, 12]))
    months = billing_months * draw(st.integers(1, 36 // billing_months))
    subscribed = draw(st.sampled_from([True, True, False]))
    changes, quantity = [], draw(st.integers(1, 40)) if subscribed else 1
    terms = {"quantity": quantity, "price": draw(st.integers(1, 20_000)) if subscribed else 0}
    earliest = max(start_day, FIRST_DAY) if opening else start_day
    end_day = add_months(start_day, months)
    agreed_day = FIRST_DAY if opening else signed_day
    effective = draw(st.lists(st.integers(earliest, end_day - 1), max_size=3)) if earliest < end_day else []
    for effective_day in sorted(effective):
        if subscribed:
            quantity = draw(st.sampled_from([quantity, quantity, quantity + 7, quantity // 2, 0]))
        agreed_day = draw(st.integers(min(agreed_day, effective_day), effective_day))
        changes.append((_iso(effective_day), quantity, _iso(agreed_day)))
    products = draw(st.dictionaries(st.sampled_from(["platform", "support"]), st.integers(1, 500), min_size=1))
    bare = contract(
        *changes, key=key, account=f"A-{key}", start=_iso(start_day), signed=_iso(signed_day), months=months,
        billing_months=billing_months, products=products, **terms,
    )  # fmt: skip
    ramp = ()
    if subscribed and months > 12 and draw(st.booleans()):
        ramp = tuple(draw(st.lists(st.integers(1, 20_000), min_size=2, max_size=3)))
    if not subscribed:
        bare = replace(bare, obligations=())
    return promising(bare, *draw(_deliverables(bare)), ramp=ramp)


@st.composite
def _deliverables(draw, bare):
    """Up to three promises; more of each may be agreed later, but for what has a price by the unit."""
    found = []
    newest = len(bare.versions)
    for number in range(draw(st.integers(0 if bare.obligations else 1, 3))):
        version = draw(st.integers(1, newest)) if bare.obligations or number else 1
        measure = draw(st.sampled_from([*FIXED, "as_invoiced"]))
        if measure == "as_invoiced":
            product, included = draw(st.sampled_from(["usage", "consulting"])), draw(st.integers(0, 50))
            if all(one.product != product for one in found):
                one = replace(usage(draw(st.integers(1, 900)), included, product), version=version)
                found.append(one)
            continue
        for agreed in [version, *([draw(st.integers(version + 1, newest))] if version < newest else [])]:
            if agreed == version or draw(st.booleans()):
                found.append(draw(_fixed(bare, f"{measure} {number}", measure, agreed, agreed == version)))
    return found


@st.composite
def _fixed(draw, bare, product, measure, version, distinct):
    invoicing = draw(st.sampled_from(["at_start", "on_acceptance"]))
    price_minor = draw(st.integers(1, 1_000_000))
    ssp_minor = draw(st.integers(1, 1_000_000)) if distinct else 0
    units = draw(st.integers(1, 200)) if measure == "by_hours" else 0
    from_day = to_day = 0
    if measure == "by_day":
        from_day = draw(st.integers(bare.start_day, bare.end_day - 1))
        to_day = from_day + draw(st.integers(1, 90))
    return Deliverable(product, version, measure, invoicing, price_minor, ssp_minor, units, 0, 0, from_day, to_day)


@st.composite
def deliveries(draw, terms, first_day=None, last_day=None):
    """What may have been delivered of a contract, in no order: more than was planned, and after its end, too.

    Each product is accepted once at most.
    """
    first_day = terms.start_day if first_day is None else first_day
    last_day = terms.end_day + 40 if last_day is None else last_day
    found = []
    for product in dict.fromkeys(one.product for one in terms.deliverables):
        measure = next(one.measure for one in terms.deliverables if one.product == product)
        days = draw(st.lists(st.integers(first_day, last_day), max_size=5))
        metered = product == "usage"
        for number, day_ in enumerate(days):
            accepted = measure != "as_invoiced" and number == 0
            if accepted or measure in ("by_hours", "as_invoiced"):
                units = draw(st.integers(0, 120))
                found_key = f"F-{terms.key}-{product}-{number}"
                since = day_ - draw(st.integers(0, 6))
                found.append(Fulfilment(found_key, terms.key, product, since, day_, units, accepted, metered))
    return draw(st.permutations(found))


@st.composite
def delivered_truths(draw):
    """Up to two such contracts signed in the run and two before it, with what was delivered of them as they ran."""
    signed = [
        draw(agreements(key=f"C-{number}", first="2025-12-20", last="2026-03-25"))
        for number in range(draw(st.integers(0, 2)))
    ]
    before = [
        draw(agreements(key=f"O-{number}", last="2025-12-17", opening=True))
        for number in range(draw(st.integers(0, 2)))
    ]
    rendered = []
    for terms in (*signed, *before):
        agreed_day = {}
        for one in terms.deliverables:
            agreed_day.setdefault(one.product, max(terms.start_day, terms.versions[one.version - 1].signed_day))
        for one in draw(deliveries(terms, terms.start_day, max(terms.start_day, LAST_DAY - 3))):
            if agreed_day[one.product] <= one.day:  # nobody works on what nobody has ordered
                rendered.append((draw(_recorded_us(one)), one))
    return truth(*signed, opening=before, rendered=rendered)


def policies_of_setup():
    """Days from which set-up is, or is not, a promise of its own."""
    return st.lists(st.tuples(st.integers(day("2025-06-01"), day("2026-03-31")), st.booleans()), max_size=2).map(sorted)


def _recorded_us(one):
    """When something delivered is on record: in the afternoon or, metered, in the night or late on a day after."""
    if one.day < FIRST_DAY:
        return st.just(-1)
    if not one.metered:
        return st.just(CALENDAR.instant_us(one.day, 15 * 60))
    return st.sampled_from([
        CALENDAR.instant_us(one.day + 1, 3 * 60), CALENDAR.instant_us(one.day + 1, 14 * 60),
        CALENDAR.instant_us(one.day + 2, 9 * 60),
    ])  # fmt: skip


def _iso(ordinal):
    return date.fromordinal(ordinal).isoformat()
