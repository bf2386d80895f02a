from dataclasses import replace

import pytest
from hypothesis import given, settings

from fakes.books import ledger as fakes_ledger
from harness.oracle import BEFORE_US, expect
from harness.oracle.charges import period_bounds
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES, revenue_account
from harness.oracle.months import month_of
from harness.oracle.statements import due
from sim.calendar import add_months
from sim.durations import MINUTE, SECOND
from tests.harness.oracle.agreed import (
    CALENDAR,
    FEBRUARY,
    JANUARY,
    MARCH,
    at,
    contract,
    contracts,
    day,
    truth,
    truths,
)

DECEMBER = JANUARY - 1


def oracle(*signed, opening=(), hour=10):
    return expect(truth(*signed, opening=opening, hour=hour), CALENDAR)


def billed(expected):
    """The charges as (version, period): (amount, due instant, month)."""
    return {key[1:]: (line.minor, line.due_us, line.month) for key, line in expected.lines.items()}


# --- worked by hand ----------------------------------------------------------------------------------


def test_a_year_with_an_upgrade_a_downgrade_and_a_cancellation():
    # 10 at 10.00 a month, a year in advance from 5 January: 1,200.00.
    # 15 from 16 February: 5 more for 323 of 365 days of 600.00 = 530.96 (530.958…).
    # 12 from 1 March: 3 fewer for 310 of 365 days of 360.00 = 305.75 (305.753…).
    # 0 from 20 March: 12 fewer for 291 of 365 days of 1,440.00 = 1,148.05 (1,148.054…).
    expected = oracle(
        contract(("2026-02-16", 15), ("2026-03-01", 12), ("2026-03-20", 0), start="2026-01-05", products={"p": 1})
    )

    assert billed(expected) == {
        (1, 0): (120_000, at("2026-01-05") + SECOND, JANUARY),
        (2, 0): (53_096, at("2026-02-16") + 2 * SECOND, FEBRUARY),
        (3, 0): (-30_575, at("2026-03-01") + 3 * SECOND, MARCH),
        (4, 0): (-114_805, at("2026-03-20") + 4 * SECOND, MARCH),
    }
    # January: 27 of 365 days of 1,200.00 = 88.77.
    # February: 55 days of it = 180.82, less 88.77; 13 of 323 days of 530.96 = 21.37: 113.42.
    # March: 86 days = 282.74, less 180.82; 44 days = 72.33, less 21.37; 31 of 310 days of -305.75 = -30.58
    # (30.575, away from zero); 12 of 291 days of -1,148.05 = -47.34: 101.92 + 50.96 - 30.58 - 47.34 = 74.96.
    assert expected.recognised == {
        ("C-1", JANUARY): {"p": 8_877},
        ("C-1", FEBRUARY): {"p": 11_342},
        ("C-1", MARCH): {"p": 7_496},
    }
    assert expected.totals == {
        "customers": 1,
        "contracts": 1,
        "amendments": 3,
        "invoices": 4,
        "usage_records": 0,
        "milestones": 0,
        "bookings_minor": 120_000 + 53_096 - 30_575 - 114_805,
        "billings_minor": 27_716,
    }
    assert due(expected).totals["revenue_minor"] == 27_715


def test_the_ledger_has_receivables_by_customer_and_the_rest_by_contract():
    expected = oracle(
        contract(start="2026-03-01", billing_months=1, quantity=1, price=3_100, products={"p": 3, "q": 1})
    )

    assert expected.ledger() == {
        (RECEIVABLES, "A-1", MARCH): 3_100,
        (RECEIVABLES, "A-1", MARCH + 1): 3_100,
        (CONTRACT_LIABILITY, "C-1", MARCH): -3_100 + 2_370 + 790,
        (CONTRACT_LIABILITY, "C-1", MARCH + 1): -3_100,
        # 372.00 a year: 279.00 and 93.00, of each 31 of 365 days.
        (revenue_account("p"), "C-1", MARCH): -2_370,
        (revenue_account("q"), "C-1", MARCH): -790,
    }


def test_the_chart_of_accounts_is_the_companys():
    assert fakes_ledger.RECEIVABLES == RECEIVABLES
    assert fakes_ledger.CONTRACT_LIABILITY == CONTRACT_LIABILITY
    assert fakes_ledger.revenue_account("platform") == revenue_account("platform")


# --- due instants ------------------------------------------------------------------------------------


def test_a_period_that_begins_after_signing_is_due_at_six_on_its_first_day():
    expected = oracle(contract(signed="2026-01-20", start="2026-02-01", billing_months=1))

    assert billed(expected) == {
        (1, 0): (10_000, at("2026-02-01", 6), FEBRUARY),
        (1, 1): (10_000, at("2026-03-01", 6), MARCH),
        (1, 2): (10_000, at("2026-04-01", 6), MARCH + 1),
    }


def test_a_change_before_a_period_is_due_with_it_and_one_within_it_when_it_is_agreed():
    expected = oracle(
        contract(
            ("2026-02-15", 12, "2026-01-20"), ("2026-03-01", 14, "2026-03-01"), start="2026-01-01", billing_months=1
        )
    )

    # The change for 15 February was agreed in January; that for 1 March on the day, after six o'clock.
    assert billed(expected) == {
        (1, 0): (10_000, at("2026-01-01") + SECOND, JANUARY),
        (1, 1): (10_000, at("2026-02-01", 6), FEBRUARY),
        (2, 1): (1_000, at("2026-02-01", 6), FEBRUARY),
        (1, 2): (10_000, at("2026-03-01", 6), MARCH),
        (2, 2): (2_000, at("2026-03-01", 6), MARCH),
        (3, 2): (2_000, at("2026-03-01") + 3 * SECOND, MARCH),
        (1, 3): (10_000, at("2026-04-01", 6), MARCH + 1),
        (2, 3): (2_000, at("2026-04-01", 6), MARCH + 1),
        (3, 3): (2_000, at("2026-04-01", 6), MARCH + 1),
    }


def test_a_change_agreed_on_the_evening_of_the_last_of_a_month_belongs_to_it():
    expected = oracle(contract(("2026-01-31", 12), start="2026-01-05"), hour=23)

    assert expected.lines["C-1", 2, 0].day == day("2026-01-31")
    assert expected.lines["C-1", 2, 0].month == JANUARY


def test_charges_due_after_the_end_of_the_run_are_not_expected():
    expected = oracle(contract(signed="2026-03-31", start="2026-05-01"))

    assert expected.lines == {}
    assert list(expected.contracts) == ["C-1"]


def test_what_is_agreed_after_the_end_of_the_run_is_not_expected():
    agreed = truth(contract())
    late = agreed.acts[-1]._replace(at_us=CALENDAR.end_us + 1)

    assert expect(replace(agreed, acts=(*agreed.acts[:-1], late)), CALENDAR).contracts == {}


def test_the_charges_of_a_cancelled_contract_go_on_and_cancel_out():
    expected = oracle(contract(("2026-02-01", 0, "2026-01-25"), billing_months=1))

    assert expected.documents["C-1", at("2026-03-01", 6)] == (("C-1", 1, 2), ("C-1", 2, 2))
    assert expected.lines["C-1", 1, 2].minor == 10_000
    assert expected.lines["C-1", 2, 2].minor == -10_000
    assert expected.totals["invoices"] == 1


# --- the opening position ----------------------------------------------------------------------------


def test_what_was_due_before_the_run_is_settled():
    expected = oracle(opening=[contract(key="O-1", signed="2025-10-03", start="2025-10-15", billing_months=1)])

    # The run begins on 18 December: 15 October, November and December were invoiced before.
    assert [key[2] for key in expected.lines] == [3, 4, 5]
    assert expected.billed_before(("O-1", 1, 2))
    assert not expected.billed_before(("O-1", 1, 3))
    assert not expected.billed_before(("O-1", 2, 2))
    assert not expected.billed_before(("C-9", 1, 0))
    assert expected.agreed_us["O-1", 1] == expected.opened_us["A-1"] == BEFORE_US


def test_a_period_that_begins_with_the_run_is_due_in_it():
    expected = oracle(opening=[contract(key="O-1", start="2025-11-18", billing_months=1)])

    assert next(iter(expected.lines.items()))[0] == ("O-1", 1, 1)
    assert expected.lines["O-1", 1, 1].due_us == at("2025-12-18", 6)


def test_a_change_in_the_run_of_a_period_settled_before_is_due_when_it_is_agreed():
    expected = oracle(opening=[contract(("2026-01-10", 20), key="O-1", start="2025-07-01")])

    assert billed(expected) == {(2, 0): (56_548, at("2026-01-10") + 2 * SECOND, JANUARY)}
    assert expected.agreed_us["O-1", 2] == at("2026-01-10") + 2 * SECOND


def test_the_month_that_the_run_begins_in_is_recognised_in_full():
    expected = oracle(opening=[contract(key="O-1", start="2025-11-01", quantity=1, price=36_500, products={"p": 1})])

    # 4,380.00 over 365 days: 12.00 a day; November was recognised before the run.
    assert expected.recognised == {
        ("O-1", DECEMBER): {"p": 37_200},
        ("O-1", JANUARY): {"p": 37_200},
        ("O-1", FEBRUARY): {"p": 33_600},
        ("O-1", MARCH): {"p": 37_200},
    }
    assert due(expected).totals["revenue_minor"] == 37_200 + 33_600 + 37_200
    assert expected.totals["customers"] == expected.totals["contracts"] == 0


def test_revenue_is_due_with_the_first_run_after_the_month():
    # On the third business day: after December that is Monday the 5th, without holidays.
    expected = oracle(contract())

    assert expected.run_us == {
        DECEMBER: at("2026-01-05", 8),
        JANUARY: at("2026-02-04", 8),
        FEBRUARY: at("2026-03-04", 8),
        MARCH: at("2026-04-03", 8),
    }


def test_a_contract_that_ended_before_the_run_asks_for_nothing():
    expected = oracle(opening=[contract(key="O-1", start="2024-12-01", months=12)])

    assert not expected.lines and not expected.recognised
    assert list(expected.contracts) == ["O-1"]


# --- any business ------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(contracts())
def test_a_charge_is_due_when_its_period_begins_and_its_version_is_agreed(terms):
    expected = oracle(terms)

    for (_, version, period), line in expected.lines.items():
        assert (line.from_day, line.to_day) == period_bounds(terms, period)
        assert line.due_us == max(CALENDAR.instant_us(line.from_day, 360), expected.agreed_us["C-1", version])
        assert line.due_us <= CALENDAR.end_us
        assert line.month == month_of(line.day)


@settings(max_examples=100)
@given(contracts(last="2025-12-31"))
def test_what_is_charged_by_the_end_of_a_short_term_is_its_whole_price(terms):
    # A quarter that begins in December: all its months are due within the run.
    short = replace(terms, end_day=add_months(terms.start_day, 3), billing_months=1, versions=terms.versions[:1])
    price_minor = short.quantity * short.unit_price_minor * 3
    short = replace(short, versions=(replace(short.versions[0], price_change_minor=price_minor),))

    assert sum(line.minor for line in oracle(short).lines.values()) == price_minor


@settings(max_examples=150)
@given(truths())
def test_the_expected_ledger_balances_in_every_month(agreed):
    months = {}
    for (_, _, month), minor in expect(agreed, CALENDAR).ledger().items():
        months[month] = months.get(month, 0) + minor

    assert not any(months.values())


@settings(max_examples=100)
@given(truths())
def test_independent_contracts_do_not_touch_each_other(agreed):
    together = expect(agreed, CALENDAR)
    alone = {}
    for key in together.contracts:
        alone |= expect(
            replace(
                agreed,
                opening=tuple(one for one in agreed.opening if one.key == key),
                acts=tuple(act for act in agreed.acts if act.contract is None or act.contract.key == key),
            ),
            CALENDAR,
        ).lines

    assert alone == dict(together.lines)


def test_the_quarter_counts_neither_the_lead_in_nor_what_follows_it():
    inside = oracle(contract(start="2026-01-01"), contract(key="C-2", start="2026-03-31")).totals
    outside = oracle(contract(start="2025-12-31"), contract(key="C-2", start="2026-04-01"))

    assert (inside["contracts"], inside["invoices"], inside["bookings_minor"]) == (2, 2, 240_000)
    assert [outside.totals[name] for name in ("contracts", "invoices", "bookings_minor", "billings_minor")] == [0] * 4
    assert due(outside).totals["revenue_minor"] > 0


@pytest.mark.parametrize("minutes", [-1, 1])
def test_an_agreement_belongs_to_the_quarter_from_its_first_instant_on(minutes):
    agreed = truth(contract(start="2026-01-01"))
    moved = tuple(act._replace(at_us=CALENDAR.quarter_start_us + minutes * MINUTE) for act in agreed.acts)

    assert expect(replace(agreed, acts=moved), CALENDAR).totals["contracts"] == (minutes > 0)
