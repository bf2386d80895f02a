"""Contracts, truths and calendars for tests, with defaults: a test names only what matters to it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import strategies as st

from fakes.agreements import Account, Contract, PerformanceObligation, Version
from scenarios.truth import Act, Truth
from sim.calendar import FiscalCalendar, add_months
from sim.durations import HOUR, MINUTE, SECOND

CALENDAR = FiscalCalendar(
    quarter_start=date(2026, 1, 1),
    months=3,
    timezone="America/New_York",
    holidays=(),
    opens_minute=8 * 60,
    closes_minute=20 * 60,
    lead_in_days=14,
    close_business_days=6,
    revenue_runs=(3, 5),
)
JANUARY, FEBRUARY, MARCH = (12 * 2026 + month for month in range(3))


def day(text):
    return date.fromisoformat(text).toordinal()


def at(text, hour=10, calendar=CALENDAR):
    """The instant of an hour, local time, on a day."""
    return calendar.instant_us(day(text), hour * 60)


def account(key="A-1", name=None):
    return Account(key, name or f"Company {key}")


def contract(
    *changes, key="C-1", account="A-1", start="2026-01-01", signed=None, months=12, billing_months=12, price=1000,
    quantity=10, products=None,
):  # fmt: skip
    """A contract and its `changes`, each (effective day, new quantity[, day of signing])."""
    start_day = day(start)
    signed_day = day(signed) if signed else start_day
    end_day = add_months(start_day, months)
    terms = [(signed_day, start_day, quantity)]
    for effective, new_quantity, *signing in changes:
        terms.append((day(signing[0]) if signing else day(effective), day(effective), new_quantity))
    versions, before = [], 0
    for number, (agreed_day, effective_day, units) in enumerate(terms, start=1):
        kind = "signed" if number == 1 else "amended" if units else "cancelled"
        change = price_change(start_day, end_day, billing_months, price * (units - before), effective_day)
        versions.append(Version(number, kind, agreed_day, effective_day, units, change))
        before = units
    obligations = tuple(PerformanceObligation(name, ssp) for name, ssp in (products or {"platform": price}).items())
    return Contract(key, account, "USD", start_day, end_day, billing_months, price, obligations, tuple(versions))


def price_change(start_day, end_day, billing_months, monthly_minor, effective_day):
    """The slow way to a version's price: period by period, in fractions."""
    total, number = 0, 0
    while (from_day := add_months(start_day, number * billing_months)) < end_day:
        to_day = add_months(start_day, (number + 1) * billing_months)
        share = Fraction(min(max(to_day - effective_day, 0), to_day - from_day), to_day - from_day)
        exact = monthly_minor * billing_months * share
        total += int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
        number += 1
    return total


def states(final):
    """A contract at each of its versions, oldest first."""
    for count in range(1, len(final.versions) + 1):
        deliverables = tuple(one for one in final.deliverables if one.version <= count)
        yield replace(final, versions=final.versions[:count], deliverables=deliverables)


def truth(*contracts, opening=(), rendered=(), calendar=CALENDAR, hour=10):
    """Everything signed at `hour` on its day, a minute apart; accounts opened an hour before, or before the run.

    `rendered` is what was delivered, each with its instant; that is negative for what was delivered before the run.
    """
    before = dict.fromkeys(one.account for one in opening)
    acts, known = [], set(before)
    for place, one in enumerate(contracts):
        if one.account not in known:
            known.add(one.account)
            first_us = calendar.instant_us(one.versions[0].signed_day, hour * 60)
            acts.append(Act(first_us - HOUR + place * SECOND, account=account(one.account)))
    for place, one in enumerate([*contracts, *opening]):
        for state in states(one):
            agreed = state.versions[-1]
            us = calendar.instant_us(agreed.signed_day, hour * 60) + place * MINUTE + agreed.number * SECOND
            if us >= 0:
                acts.append(Act(us, contract=state))
    first_day = calendar.day_of(0)
    known_before = []
    for one in opening:
        count = sum(version.signed_day < first_day for version in one.versions)
        known_before.append(list(states(one))[count - 1])
    acts += [Act(us, fulfilment=fulfilment) for us, fulfilment in rendered if us >= 0]
    return Truth(
        opening_accounts=tuple(map(account, before)),
        opening=tuple(known_before),
        acts=tuple(sorted(acts, key=lambda act: act.at_us)),
        opening_rendered=tuple(fulfilment for us, fulfilment in rendered if us < 0),
    )


@st.composite
def contracts(draw, key="C-1", first="2025-12-20", last="2026-04-05", opening=False):
    """Any contract signed between two days, with changes in the run; an opening one was signed before it.

    Others may begin before they are signed, and changes take effect before: even after all is over.
    """
    signed = draw(st.integers(day(first), day(last)))
    backdated = 0 if opening else draw(st.sampled_from([0, 0, 0, 10, 45]))
    start = draw(st.sampled_from([signed, add_months(signed - date.fromordinal(signed).day + 1, 1)])) - backdated
    billing_months = draw(st.sampled_from([1, 3, 12]))
    months = billing_months * draw(st.integers(1, 24 // billing_months))
    end = add_months(start, months)
    earliest = max(start, signed, CALENDAR.day_of(0)) if opening else start
    last_day = CALENDAR.day_of(CALENDAR.end_us) - 1
    latest = min(end + 5, last_day)
    effective = sorted(draw(st.lists(st.integers(earliest, latest), max_size=4))) if earliest <= latest else []
    quantities = draw(st.lists(st.integers(0, 60), min_size=len(effective), max_size=len(effective)))
    changes, agreed_day = [], signed
    for effective_day, quantity in zip(effective, quantities, strict=True):
        agreed_first = max(agreed_day, CALENDAR.day_of(0) if opening else 0)
        late = draw(st.sampled_from([0, 0, 0, 20, 60]))
        agreed_day = draw(st.integers(agreed_first, max(agreed_first, min(effective_day + late, last_day))))
        changes.append((_iso(effective_day), quantity, _iso(agreed_day)))
    products = draw(
        st.dictionaries(st.sampled_from(["platform", "support", "storage"]), st.integers(1, 500), min_size=1)
    )
    return contract(
        *changes, key=key, account=f"A-{draw(st.integers(1, 3))}", start=_iso(start), signed=_iso(signed),
        months=months, billing_months=billing_months, price=draw(st.integers(1, 20_000)),
        quantity=draw(st.integers(1, 60)), products=products,
    )  # fmt: skip


@st.composite
def truths(draw):
    """Up to five contracts signed in the run, up to three before it."""
    signed = [draw(contracts(key=f"C-{number}")) for number in range(draw(st.integers(0, 5)))]
    before = [
        draw(contracts(key=f"O-{number}", first="2024-06-01", last="2025-12-17", opening=True))
        for number in range(draw(st.integers(0, 3)))
    ]
    return truth(*signed, opening=before)


def _iso(ordinal):
    return date.fromordinal(ordinal).isoformat()
