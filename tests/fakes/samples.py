"""Contracts, and ways to ask a core, for tests of the fakes: a test names only what matters to it."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from fakes.agreements import Contract, PerformanceObligation, Version
from fakes.books.charges import price_change_minor
from fakes.service import Refused
from sim.calendar import FiscalCalendar, add_months
from sim.durations import MINUTE

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
DECEMBER, JANUARY, FEBRUARY, MARCH = (12 * 2026 + month for month in range(-1, 3))


def day(text):
    return date.fromisoformat(text).toordinal()


def at(text, clock="10:00"):
    """The instant of a local time on a day."""
    hours, minutes = map(int, clock.split(":"))
    return CALENDAR.instant_us(day(text), 60 * hours + minutes)


def contract(
    *changes, key="C-1", account="A-1", start="2026-01-01", quantity=10, months=12, billing_months=1, price=100,
    products=None,
):  # fmt: skip
    """A contract, signed on its first day, with its changes: (effective day, quantity) each."""
    start_day = start if isinstance(start, int) else day(start)
    end_day = add_months(start_day, months)
    versions, before = [], 0
    for number, (effective, after) in enumerate([(start_day, quantity), *changes], start=1):
        effective_day = effective if isinstance(effective, int) else day(effective)
        price_minor = price_change_minor(
            start_day=start_day, end_day=end_day, billing_months=billing_months, unit_price_minor=price,
            units=after - before, effective_day=effective_day,
        )  # fmt: skip
        kind = "signed" if number == 1 else "amended" if after else "cancelled"
        versions.append(Version(number, kind, min(effective_day, start_day), effective_day, after, price_minor))
        before = after
    obligations = tuple(PerformanceObligation(*each) for each in (products or {"platform": price}).items())
    return Contract(key, account, "USD", start_day, end_day, billing_months, price, obligations, tuple(versions))


def as_of(state, version):
    """The contract as it was at one of its versions."""
    known = tuple(one for one in state.deliverables if one.version <= version)
    return replace(state, versions=state.versions[:version], deliverables=known)


@st.composite
def contracts(draw, key="C-1", first="2025-06-01", last="2026-03-31"):
    """Any contract, with up to four changes in order of their effective days; the last may cancel."""
    start_day = draw(st.integers(day(first), day(last)))
    billing_months = draw(st.sampled_from([1, 3, 12]))
    months = billing_months * draw(st.integers(1, 24 // billing_months))
    effective = draw(st.lists(st.integers(start_day, add_months(start_day, months) - 1), max_size=4))
    quantities = draw(st.lists(st.integers(0, 50), min_size=len(effective), max_size=len(effective)))
    products = draw(
        st.dictionaries(st.sampled_from(["platform", "support", "storage"]), st.integers(1, 99), min_size=1)
    )
    return contract(
        *zip(sorted(effective), quantities, strict=True), key=key, start=start_day, months=months,
        billing_months=billing_months, quantity=draw(st.integers(1, 50)), price=draw(st.integers(1, 9_999)),
        products=products,
    )  # fmt: skip


# --- asking a core -----------------------------------------------------------------------------------


def ask(core, request, now_us=MINUTE):
    """The record that a core answers with."""
    return core.operations[type(request)].perform(request, now_us)


def refusal(core, request, now_us=MINUTE):
    """The status and the word that a core refuses with; None if it does as asked."""
    try:
        ask(core, request, now_us)
    except Refused as refused:
        return refused.status, refused.code
    return None
