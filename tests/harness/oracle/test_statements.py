"""Statements of small businesses that can be worked out by hand."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings

from fakes.agreements import Contract, Deliverable, Fulfilment, Version
from harness.oracle import expect
from harness.oracle.charges import half_away
from harness.oracle.ledger import CONTRACT_LIABILITY
from harness.oracle.movements import Movements
from harness.oracle.receivables import receivables
from harness.oracle.statements import due, lines_of, movements, statements, together
from scenarios.truth import Act, Truth
from sim.calendar import FiscalCalendar
from sim.errors import InvariantBroken
from tests.harness.oracle.agreed import CALENDAR, FEBRUARY, JANUARY, MARCH, account, at, contract, day, truth, truths


def lines(agreed, calendar=CALENDAR):
    """The lines of each month, by the month's name."""
    called_for = due(expect(agreed, calendar))
    return {
        f"{month // 12}-{month % 12 + 1:02}": of_month
        for month, of_month in zip(called_for.moved.months, called_for.lines, strict=True)
    }


def told(of_month, *names):
    """These lines of a month, named without their unit."""
    return {name: of_month[f"{name}_minor"] for name in names}


# --- the textbook's deal: three years for 300,000, billed yearly --------------------------------------

MONTH_MINOR = 100_000
"""The price of a month. Three years are worth 36 of them, and a year 12, as 300,000 and 100,000 in the textbook."""


def year_of(first, start):
    """The statements of a year of months from `first`, in which nothing happens but a deal that starts on a day."""
    calendar = FiscalCalendar(
        quarter_start=date.fromisoformat(first), months=12, timezone="America/New_York", holidays=(),
        opens_minute=8 * 60, closes_minute=20 * 60, lead_in_days=0, close_business_days=6, revenue_runs=(3, 5),
    )  # fmt: skip
    deal = contract(start=start, months=36, billing_months=12, price=MONTH_MINOR, quantity=1)
    return lines(truth(deal, calendar=calendar), calendar)


def test_a_deal_of_three_years_after_its_first():
    year = year_of("2025-01-01", "2025-01-01")

    assert sum(each["bookings_minor"] for each in year.values()) == 36 * MONTH_MINOR
    assert sum(each["billings_minor"] for each in year.values()) == 12 * MONTH_MINOR
    assert sum(each["revenue_minor"] for each in year.values()) == 12 * MONTH_MINOR
    assert told(year["2025-12"], "closing", "contract_liability", "contract_asset") == {
        "closing": 0, "contract_liability": 0, "contract_asset": 0,
    }  # fmt: skip
    assert told(year["2025-12"], "remaining_obligations", "unbilled") == {
        "remaining_obligations": 24 * MONTH_MINOR, "unbilled": 24 * MONTH_MINOR,
    }  # fmt: skip
    assert told(year["2025-12"], "remaining_within_year", "remaining_later") == {
        "remaining_within_year": 12 * MONTH_MINOR, "remaining_later": 12 * MONTH_MINOR,
    }  # fmt: skip


def test_the_same_deal_that_starts_in_the_middle_of_the_year():
    year = year_of("2024-01-01", "2024-07-01")
    half_minor = half_away(12 * MONTH_MINOR * 184, 365)  # the textbook counts half a year, we count its days

    assert sum(each["revenue_minor"] for each in year.values()) == half_minor
    assert year["2024-12"]["contract_liability_minor"] == 12 * MONTH_MINOR - half_minor
    assert year["2024-12"]["unbilled_minor"] == 24 * MONTH_MINOR
    assert year["2024-12"]["remaining_obligations_minor"] == 24 * MONTH_MINOR + (12 * MONTH_MINOR - half_minor)


def test_a_deal_of_ten_years_for_trillions():
    price_minor = 138_286_641_168_410  # a month; what 120 of them come to, times twice the days, is beyond 64 bits
    deal = contract(start="2026-01-01", months=120, billing_months=12, price=price_minor, quantity=1)
    january = lines(truth(deal))["2026-01"]
    total_minor, days = 120 * price_minor, 3_652

    assert january["revenue_minor"] == half_away(total_minor * 31, days)
    assert january["remaining_within_year_minor"] == half_away(total_minor * 396, days) - january["revenue_minor"]


def test_more_within_a_year_than_remains_breaks_a_law(monkeypatch):
    monkeypatch.setattr("harness.oracle.remaining.YEAR_MONTHS", -1)

    with pytest.raises(InvariantBroken, match="due within a year is a part of what remains: C-1 in 2026-01: -"):
        lines(truth(contract(start="2026-01-01", months=36, billing_months=12, price=MONTH_MINOR, quantity=1)))


def test_a_month_opens_with_what_the_one_before_it_closes_with():
    year = list(year_of("2025-01-01", "2025-03-01").values())

    assert [each["opening_minor"] for each in year[1:]] == [each["closing_minor"] for each in year[:-1]]
    assert year[0]["opening_minor"] == 0
    assert [each["bookings_minor"] // MONTH_MINOR for each in year[:4]] == [0, 0, 36, 0]


# --- contract assets, liabilities and receivables ----------------------------------------------------


def signed(*contracts):
    """What follows from contracts of one customer as they are, each signed on its first day."""
    acts = [Act(at(date.fromordinal(one.start_day).isoformat()), contract=one) for one in contracts]
    return Truth(opening_accounts=(account(),), opening=(), acts=tuple(acts))


def test_a_ramp_earns_ahead_of_its_invoices():
    flat = contract(start="2026-01-01", months=24, billing_months=1, price=1_000, quantity=1)
    price_minor = 12 * 1_000 + 12 * 3_000
    ramp = replace(flat, ramp=(1_000, 3_000), versions=(replace(flat.versions[0], price_change_minor=price_minor),))
    months = lines(signed(ramp))
    january_minor = half_away(price_minor * 31, 730)

    assert told(months["2026-01"], "invoiced", "revenue", "contract_asset", "contract_liability") == {
        "invoiced": 1_000, "revenue": january_minor, "contract_asset": january_minor - 1_000, "contract_liability": 0,
    }  # fmt: skip
    assert months["2026-03"]["contract_asset_minor"] == half_away(price_minor * 90, 730) - 3_000


def test_contracts_are_never_netted_with_each_other():
    ahead = contract(start="2026-01-01", months=12, billing_months=12, price=1_000, quantity=1, key="C-1")
    flat = contract(start="2026-01-01", months=24, billing_months=1, price=1_000, quantity=1, key="C-2")
    behind = replace(flat, ramp=(1_000, 3_000), versions=(replace(flat.versions[0], price_change_minor=48_000),))
    months = lines(signed(ahead, behind))

    assert told(months["2026-01"], "contract_liability", "contract_asset", "closing") == {
        "contract_liability": 12_000 - half_away(12_000 * 31, 365),
        "contract_asset": half_away(48_000 * 31, 730) - 1_000,
        "closing": 12_000 - half_away(12_000 * 31, 365) - half_away(48_000 * 31, 730) + 1_000,
    }


def engagement(deliverable, *rendered):
    """A contract for one deliverable, signed on 10 January, and what is `rendered` of it: (day, units, accepted)."""
    start = day("2026-01-10")
    agreed = Contract(
        key="C-1", account="A-1", currency="USD", start_day=start, end_day=day("2026-07-10"), billing_months=6,
        unit_price_minor=0, obligations=(), deliverables=(deliverable,),
        versions=(Version(1, "signed", start, start, 0, deliverable.price_minor),),
    )  # fmt: skip
    acts = [Act(at("2026-01-10", 9), account=account()), Act(at("2026-01-10"), contract=agreed)]
    for number, (on, units, accepted) in enumerate(rendered):
        done = Fulfilment(f"F-{number}", "C-1", deliverable.product, day(on), day(on), units, accepted)
        acts.append(Act(at(on, 12), fulfilment=done))
    return Truth(opening_accounts=(), opening=(), acts=tuple(acts))


def test_what_is_paid_at_the_start_is_a_liability_until_it_is_accepted():
    work = Deliverable("work", 1, "on_acceptance", "at_start", price_minor=6_000, ssp_minor=6_000)
    months = lines(engagement(work, ("2026-03-05", 0, True)))

    assert [months[month]["contract_liability_minor"] for month in months] == [0, 6_000, 6_000, 0]
    assert [months[month]["revenue_services_minor"] for month in months] == [0, 0, 0, 6_000]
    assert [months[month]["remaining_obligations_minor"] for month in months] == [0, 6_000, 6_000, 0]
    assert [months[month]["unbilled_minor"] for month in months] == [0, 0, 0, 0]


def test_hours_are_an_asset_until_they_are_invoiced():
    work = Deliverable("work", 1, "by_hours", "on_acceptance", price_minor=10_000, ssp_minor=10_000, units=100)
    rendered = ("2026-01-30", 30, False), ("2026-02-27", 30, False), ("2026-03-20", 0, True)
    months = lines(engagement(work, *rendered))

    assert [months[month]["contract_asset_minor"] for month in months] == [0, 3_000, 6_000, 0]
    assert [months[month]["revenue_minor"] for month in months] == [0, 3_000, 3_000, 4_000]
    assert [months[month]["unbilled_minor"] for month in months] == [0, 10_000, 10_000, 0]
    assert months["2026-02"]["remaining_within_year_minor"] == 4_000


def test_what_is_earned_ahead_of_its_invoice_is_no_unbilled_obligation_any_more():
    work = Deliverable("work", 1, "by_hours", "on_acceptance", price_minor=10_000, ssp_minor=10_000, units=100)
    january = lines(engagement(work, ("2026-01-30", 30, False)))["2026-01"]

    assert told(january, "unbilled", "contract_asset", "unbilled_obligations", "remaining_obligations") == {
        "unbilled": 10_000, "contract_asset": 3_000, "unbilled_obligations": 7_000, "remaining_obligations": 7_000,
    }  # fmt: skip


def test_work_by_the_hour_is_neither_booked_nor_remaining():
    work = Deliverable("time", 1, "as_invoiced", "as_delivered", rate_minor=180)
    months = lines(engagement(work, ("2026-01-30", 40, False)))

    assert told(months["2026-01"], "bookings", "billings", "revenue_services", "remaining_obligations", "closing") == {
        "bookings": 0, "billings": 7_200, "revenue_services": 7_200, "remaining_obligations": 0, "closing": 0,
    }  # fmt: skip


def test_usage_is_a_receivable_from_the_month_in_which_it_is_used():
    usage = Deliverable("usage", 1, "as_invoiced", "as_delivered", included=10, rate_minor=2)
    plain = contract(start="2026-01-01", months=12, billing_months=12, price=1_000, quantity=1)
    agreed = replace(plain, deliverables=(usage,))
    used = Fulfilment("U-1", "C-1", "usage", day("2026-01-01"), day("2026-01-31"), units=60, metered=True)
    acts = (
        Act(at("2026-01-01", 9), account=account()),
        Act(at("2026-01-01"), contract=agreed),
        Act(at("2026-02-01", 5), fulfilment=used),
    )
    months = lines(Truth(opening_accounts=(), opening=(), acts=acts))

    assert told(months["2026-01"], "revenue_usage", "unbilled_receivable", "bookings") == {
        "revenue_usage": 100, "unbilled_receivable": 100, "bookings": 12_000,
    }  # fmt: skip
    assert months["2026-01"]["contract_liability_minor"] == 12_000 - half_away(12_000 * 31, 365)
    assert told(months["2026-02"], "billings", "unbilled_receivable") == {"billings": 100, "unbilled_receivable": 0}


def test_what_is_cancelled_is_no_longer_booked_nor_owed():
    cancelled = contract(("2026-02-01", 0), start="2026-01-01", months=12, billing_months=12, price=1_000, quantity=1)
    months = lines(truth(cancelled))
    kept_minor = 12_000 + cancelled.versions[1].price_change_minor

    assert months["2026-01"]["bookings_minor"] == 12_000
    assert months["2026-02"]["bookings_minor"] == -months["2026-02"]["credited_minor"] == kept_minor - 12_000
    assert told(months["2026-03"], "closing", "contract_liability", "remaining_obligations", "unbilled") == {
        "closing": 0, "contract_liability": 0, "remaining_obligations": 0, "unbilled": 0,
    }  # fmt: skip
    assert sum(each["revenue_minor"] for each in months.values()) == kept_minor


def test_a_contract_from_before_the_run_opens_where_it_stood():
    old = contract(start="2025-07-01", months=12, billing_months=12, price=1_000, quantity=1)
    months = lines(truth(opening=[old]))

    earned_minor = half_away(12_000 * 153, 365)  # July to November
    assert months["2025-12"]["opening_minor"] == 12_000 - earned_minor
    assert months["2025-12"]["billings_minor"] == months["2025-12"]["bookings_minor"] == 0
    assert months["2025-12"]["remaining_obligations_minor"] == 12_000 - half_away(12_000 * 184, 365)


def test_customers_owe_what_they_were_charged_and_have_not_paid():
    agreed = truth(contract(start="2026-01-05", price=1_000, quantity=1))
    expected = expect(agreed, CALENDAR)
    owed = receivables(
        expected, movements(expected),
        [("A-1", day("2026-01-20"), 9_000), ("A-1", day("2026-02-20"), -500), ("A-1", day("2026-04-02"), 3_500)],
    )  # fmt: skip
    names = "receivables_opening", "cash", "refunds", "receivables"
    months = [owed.lines(place, billed_minor) for place, billed_minor in enumerate((0, 12_000, 0, 0))]

    assert [tuple(told(of_month, *names).values()) for of_month in months] == [
        (0, 0, 0, 0), (0, 9_000, 0, 3_000), (3_000, 0, 500, 3_500), (3_500, 0, 0, 3_500),
    ]  # fmt: skip


def test_months_together_open_with_the_first_close_with_the_last_and_add_up_what_moved():
    months = [
        {"remaining_opening_minor": 1, "bookings_minor": 20, "revenue_minor": 5, "remaining_obligations_minor": 16},
        {"remaining_opening_minor": 16, "bookings_minor": 4, "revenue_minor": 7, "remaining_obligations_minor": 13},
    ]

    assert together(months) == {
        "remaining_opening_minor": 1, "bookings_minor": 24, "revenue_minor": 12, "remaining_obligations_minor": 13,
    }  # fmt: skip
    assert together([]) == {}


def test_of_a_quarter_that_is_not_over_the_lines_tell_the_revenue_of_the_months_that_are_closed():
    @dataclass(frozen=True)
    class Cut(FiscalCalendar):
        """The same calendar, audited on 20 February."""

        @property
        def end_us(self):
            return at("2026-02-20")

    cut = Cut(**{name: getattr(CALENDAR, name) for name in FiscalCalendar.__dataclass_fields__})
    expected = expect(truth(contract(start="2026-02-05", key="C-2"), contract(start="2026-01-05")), cut)
    called_for = due(expected)

    assert called_for.totals == {"revenue_minor": called_for.lines[-1]["revenue_minor"]}
    assert expected.totals["bookings_minor"] == expected.totals["billings_minor"] == 240_000


# --- laws --------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(truths())
def test_whatever_is_agreed_its_statements_hold_their_laws(agreed):
    expected = expect(agreed, CALENDAR)
    called_for = due(expected)  # raises if an identity does not hold
    earned = expected.earned

    assert called_for.totals == {
        "bookings_minor": expected.totals["bookings_minor"],
        "billings_minor": expected.totals["billings_minor"],
        "revenue_minor": int(earned.minor[earned.month >= JANUARY].sum()),
    }
    for of_month in called_for.lines:
        net_minor = of_month["contract_liability_minor"] - of_month["contract_asset_minor"]
        assert of_month["closing_minor"] == net_minor - of_month["unbilled_receivable_minor"]
        bands = of_month["remaining_within_year_minor"], of_month["remaining_later_minor"]
        assert of_month["remaining_obligations_minor"] == sum(bands) == of_month["unbilled_minor"] + net_minor


@settings(max_examples=40, deadline=None)
@given(truths())
def test_what_remains_is_what_remained_and_was_booked_less_what_was_earned_of_it(agreed):
    for of_month in due(expect(agreed, CALENDAR)).lines:
        earned_minor = of_month["revenue_minor"] - of_month["revenue_as_invoiced_minor"]
        opening_minor, left_minor = of_month["remaining_opening_minor"], of_month["remaining_obligations_minor"]

        assert left_minor == opening_minor + of_month["bookings_minor"] - earned_minor
        assert (of_month["remaining_acquired_minor"], of_month["remaining_translation_minor"]) == (0, 0)
        assert left_minor == of_month["unbilled_obligations_minor"] + of_month["contract_liability_minor"]


@settings(max_examples=40, deadline=None)
@given(truths())
def test_positions_are_the_balances_of_the_effective_date_book(agreed):
    expected = expect(agreed, CALENDAR)
    moved, ledger = movements(expected), expected.ledger()
    balances = dict(zip(moved.contracts, moved.opening.net.tolist(), strict=True))

    for month, closing in zip(moved.months, moved.closing, strict=True):
        for (of_account, key, of_month), minor in ledger.items():
            if (of_account, of_month) == (CONTRACT_LIABILITY, month):
                balances[key] -= minor
        assert dict(zip(moved.contracts, closing.net.tolist(), strict=True)) == balances


@settings(max_examples=40, deadline=None)
@given(truths())
def test_what_is_over_leaves_nothing_behind(agreed):
    expected = expect(agreed, CALENDAR)
    moved = movements(expected)
    last = moved.closing[-1]
    ended = [
        place
        for place, one in enumerate(expected.contracts.values())
        if one.end_day <= day("2026-04-01") and all(version.signed_day < one.end_day for version in one.versions)
    ]

    assert not last.net[ended].any()
    assert not last.remaining[ended].any()


@pytest.mark.parametrize("month", [JANUARY, FEBRUARY, MARCH])
def test_revenue_that_the_price_does_not_bear_breaks_a_law(month):
    expected = expect(truth(contract(start="2026-01-05")), CALENDAR)
    earned = expected.earned._replace(minor=np.where(expected.earned.month == month, 1, expected.earned.minor))

    with pytest.raises(InvariantBroken, match="what remains is the price less revenue"):
        due(replace(expected, earned=earned))


def test_a_position_that_is_not_in_the_effective_date_book_breaks_a_law():
    expected = expect(truth(contract(start="2026-01-05")), CALENDAR)
    moved = movements(expected)
    moved.invoiced[2] += 1

    with pytest.raises(InvariantBroken, match="a position is its balance in the effective-date book: C-1 in 2026-02"):
        statements(expected, moved)


def test_a_contract_that_is_over_and_not_billed_breaks_a_law():
    ends = contract(start="2025-02-01", signed="2025-02-01", months=12, billing_months=1)
    expected = expect(truth(opening=[ends]), CALENDAR)
    lacking = {key: line for key, line in expected.lines.items() if line.month != JANUARY}

    due(expected)
    with pytest.raises(InvariantBroken, match="what is over is billed and earned: C-1 in 2026-01 is off by -10000"):
        due(replace(expected, lines=lacking))


def test_lines_are_the_sums_of_their_contracts():
    agreed = truth(*(contract(key=f"C-{number}", account=f"A-{number}", start="2026-01-05") for number in (1, 2, 3)))
    expected = expect(agreed, CALENDAR)
    moved = movements(expected)
    assert isinstance(moved, Movements)

    alone = [lines_of(movements(expect(truth(one), CALENDAR)), 1) for one in expected.contracts.values()]
    together = lines_of(moved, 1)
    assert {name: sum(one[name] for one in alone) for name in together} == together
    assert together.items() <= statements(expected, moved)[1].items()
