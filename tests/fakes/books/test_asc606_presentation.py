"""Published examples of what the balance sheet shows and what is disclosed, and the laws behind (ASC 606-10-45, 50).

Each test names its example. Amounts are minor units: cents, unless a test says another unit.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.books.identification import Termination, enforceable_end_day, refundable_minor
from fakes.books.presentation import Balances, Claim, Standing, in_all, present, unconditional_minor
from fakes.books.progress import accepted, earned_minor
from fakes.books.remaining import Disclosed, Planned, by_band, disclosed_minor, is_disclosed, remaining_minor
from fakes.books.rollforward import Rollforward, net_minor, totalled
from fakes.books.rounding import round_half_away
from fakes.books.schedule import service_months, straight_line
from tests.fakes.books.samples import cents, day

DUE, PAID, TRANSFERRED = day("2019-01-31"), day("2019-03-01"), day("2019-03-31")


def entries_of_example_38(cancellable):
    """The entry of each day on which something happens: 1 000 due, paid, and earned."""
    claim = Claim(cents(1_000), DUE, TRANSFERRED, cancellable)
    balances = [Balances()]
    for on in (DUE, PAID, TRANSFERRED):
        standing = Standing(
            revenue_minor=earned_minor(cents(1_000), accepted(TRANSFERRED, on)),
            unconditional_minor=unconditional_minor([claim], on),
            paid_minor=cents(1_000) if on >= PAID else 0,
        )
        balances.append(present(standing))
    return [now.entry_from(before) for before, now in pairwise(balances)]


def test_asc606_ex38a_a_contract_that_can_be_cancelled_makes_no_receivable():
    """606-10-55-284: nothing when due, a contract liability when paid, revenue on transfer."""
    assert entries_of_example_38(cancellable=True) == [
        {},
        {"cash": cents(1_000), "contract_liability": -cents(1_000)},
        {"contract_liability": cents(1_000), "revenue": -cents(1_000)},
    ]


def test_asc606_ex38b_a_contract_that_cannot_makes_one_when_due():
    """606-10-55-285: a receivable when due and not before, though invoiced; then as in case A."""
    assert entries_of_example_38(cancellable=False) == [
        {"receivable": cents(1_000), "contract_liability": -cents(1_000)},
        {"cash": cents(1_000), "receivable": -cents(1_000)},
        {"contract_liability": cents(1_000), "revenue": -cents(1_000)},
    ]
    assert unconditional_minor([Claim(cents(1_000), DUE)], DUE - 1) == 0


def test_asc606_ex38a_with_tax_an_invoice_that_may_be_left_unpaid_shows_nothing():
    """606-10-55-284 with 8 %: no tax is payable for an invoice that is neither owed nor paid; then it is."""
    invoiced = present(Standing())
    paid = present(Standing(paid_minor=cents(1_080), tax_minor=cents(80)))
    assert not any(invoiced.debits().values())
    assert paid.entry_from(invoiced) == {
        "cash": cents(1_080), "contract_liability": -cents(1_000), "tax_payable": -cents(80),
    }  # fmt: skip


def test_what_is_paid_for_what_is_not_owed_yet_leaves_the_rest_receivable():
    """January's 100 are earned and unpaid, 50 are prepaid for a February that may be cancelled; with 8 % tax, too."""
    january = Standing(revenue_minor=cents(100), unconditional_minor=cents(100))
    both = present(replace(january, paid_minor=cents(50), advance_minor=cents(50)))
    assert (both.receivable, both.contract_liability, both.contract_asset) == (cents(100), cents(50), 0)
    taxed = present(replace(january, paid_minor=cents(54), advance_minor=cents(50), tax_minor=cents(12)))
    assert (taxed.receivable, taxed.contract_liability, taxed.tax_payable) == (cents(108), cents(50), cents(12))
    assert present(replace(january, paid_minor=cents(50))).receivable == cents(50)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"unconditional_minor": 10, "uninvoiced_minor": 11}, "uninvoiced is a part of"),
        ({"paid_minor": 10, "on_account_minor": 11}, "on account and advance of paid"),
        ({"paid_minor": 10, "on_account_minor": 5, "advance_minor": 6}, "on account and advance of paid"),
        ({"paid_minor": -1}, "on account and advance of paid"),
        ({"unconditional_minor": -1}, "uninvoiced is a part of"),
        ({"tax_minor": -1}, "only revenue can be negative"),
        ({"refundable_minor": -1}, "only revenue can be negative"),
    ],
)
def test_facts_that_cannot_be_are_refused(facts, words):
    with pytest.raises(ValueError, match=words):
        Standing(**facts)


def test_acctguide_install_equipment_is_a_contract_asset_until_all_is_done():
    """A guide's example: 4 000 delivered on 25 December, 1 000 of installation on 5 January, paid only after both."""
    delivered, installed = day("2025-12-25"), day("2026-01-05")
    claim = Claim(cents(5_000), due_day=day("2026-02-05"), performed_day=installed)

    def at(on):
        revenue = earned_minor(cents(4_000), accepted(delivered, on)) + earned_minor(
            cents(1_000), accepted(installed, on)
        )
        return present(Standing(revenue_minor=revenue, unconditional_minor=unconditional_minor([claim], on)))

    year_end = at(day("2025-12-31"))
    assert year_end.entry_from(Balances()) == {"contract_asset": cents(4_000), "revenue": -cents(4_000)}
    assert at(installed).entry_from(year_end) == {
        "receivable": cents(5_000), "contract_asset": -cents(4_000), "revenue": -cents(1_000),
    }  # fmt: skip


def test_con_cancellable_prorata_a_prepayment_that_can_be_claimed_back():
    """Constructed after Deloitte: 12 000 prepaid for a year that may be left any day, with a refund for the rest."""
    start, end, at = day("2025-01-01"), day("2026-01-01"), day("2025-02-01")
    right = Termination(pro_rata_refund=True)
    earned = straight_line(cents(12_000), (1,) * 12)[0]
    refund = refundable_minor(cents(12_000), earned, right)
    shown = present(Standing(paid_minor=cents(12_000), revenue_minor=earned, refundable_minor=refund))
    assert (shown.revenue, shown.refund_liability, shown.contract_liability) == (cents(1_000), cents(11_000), 0)
    bound_to = enforceable_end_day(start, end, at, right)
    assert bound_to == at
    price = cents(12_000) - refund  # of what both are bound to
    assert (
        remaining_minor(Disclosed(start_day=start, end_day=bound_to, price_minor=price, recognised_minor=earned)) == 0
    )


def test_asc606_ex39_the_first_product_is_a_contract_asset_until_the_second_is_delivered():
    """606-10-55-287..290: 1 000 for A and B, of which 400 are for A, owed only after both."""
    first = present(Standing(revenue_minor=cents(400)))
    both = present(Standing(revenue_minor=cents(1_000), unconditional_minor=cents(1_000)))
    assert first.contract_asset == cents(400) and first.receivable == 0
    assert both.entry_from(first) == {
        "receivable": cents(1_000), "contract_asset": -cents(400), "revenue": -cents(600),
    }  # fmt: skip


# --- remaining performance obligations ---------------------------------------------------------------


def test_asc606_ex42_what_is_left_of_three_contracts_of_two_years():
    """606-10-55-298..305, recomputed: B has 400 a month, C 100 a month and 750 in all; A is as invoiced, not shown."""
    start, end, at = day("2017-07-01"), day("2019-07-01"), day("2018-01-01")
    ends = [to_day - 1 for _, to_day in service_months(start, 24)]

    def left(price_minor):
        monthly = straight_line(price_minor, (1,) * 24)
        plan = [Planned(on, minor) for on, minor in zip(ends, monthly, strict=True)]
        contract = Disclosed(start_day=start, end_day=end, price_minor=price_minor, recognised_minor=sum(monthly[:6]))
        bands = by_band(plan, at, [day("2019-01-01"), day("2020-01-01")])
        assert sum(bands) == remaining_minor(contract) == disclosed_minor([contract])
        return [round_half_away(minor, 100) for minor in (*bands[:2], remaining_minor(contract))], bands

    assert left(cents(24 * 400))[0] == [4_800, 2_400, 7_200]
    whole, exact = left(cents(24 * 100 + 750))
    assert whole == [1_575, 788, 2_363]
    assert sum(exact) == 236_250
    hourly = Disclosed(start_day=start, end_day=end, price_minor=cents(60_000), exempt_minor=cents(60_000))
    assert not is_disclosed(hourly) and disclosed_minor([hourly]) == 0


def test_short_contracts_and_royalties_may_be_left_out():
    year = Disclosed(start_day=day("2026-01-01"), end_day=day("2027-01-01"), price_minor=100)
    longer = Disclosed(start_day=day("2026-01-01"), end_day=day("2027-01-02"), price_minor=50, recognised_minor=10)
    by_use = Disclosed(start_day=day("2026-01-01"), end_day=day("2029-01-01"), price_minor=7, exempt_minor=7)
    assert disclosed_minor([year, longer, by_use]) == 40
    assert disclosed_minor([year, longer, by_use], short_too=True) == 140


def test_a_year_over_the_29th_of_february_is_a_year():
    """50-14(a): 366 days from a date to the same date of the next year are a year or less, 367 are more."""
    start = day("2028-01-01")
    year = Disclosed(start_day=start, end_day=day("2029-01-01"), price_minor=100)
    longer = Disclosed(start_day=start, end_day=day("2029-01-02"), price_minor=100)
    assert (is_disclosed(year), is_disclosed(longer)) == (False, True)
    assert not is_disclosed(Disclosed(start_day=day("2027-03-01"), end_day=day("2028-03-01"), price_minor=1))


@pytest.mark.parametrize(("price", "royalties"), [(4_000_000, 0), (10_000_000, 6_000_000)])
def test_a_licence_with_a_fixed_fee_and_royalties_discloses_the_fee(price, royalties):
    """50-14A: two years, 4 000 000 fixed of which 1 000 000 is recognised, royalties estimated or not."""
    licence = Disclosed(
        start_day=day("2026-01-01"), end_day=day("2028-01-01"), price_minor=cents(price),
        recognised_minor=cents(1_000_000), exempt_minor=cents(royalties),
    )  # fmt: skip
    assert is_disclosed(licence) and disclosed_minor([licence]) == cents(3_000_000)


def test_no_more_is_exempt_than_remains():
    with pytest.raises(ValueError, match="41 cannot be exempt of 40 that remain"):
        Disclosed(start_day=1, end_day=2, price_minor=50, recognised_minor=10, exempt_minor=41)


def test_bands_need_ends_that_ascend():
    with pytest.raises(ValueError, match="must ascend, got"):
        by_band([Planned(1, 5)], 0, [20, 10])


# --- rollforward -------------------------------------------------------------------------------------

CURRENT = {
    "c1": (18, 2, 5, 15), "c2": (1_933, 483, 483, 1_933), "c3": (2_860, 2_123, 1_285, 3_698),
    "c4": (7_014, 1_547, 1_544, 7_017), "c5": (1_630, 396, 409, 1_617), "c6": (38, 9, 9, 38),
    "total": (13_493, 4_560, 3_735, 14_318),
}  # fmt: skip
NON_CURRENT = {
    "c1": (3, 425, 2, 426), "c2": (3_634, 3_522, 483, 6_673), "c3": (7_589, 3_263, 2_123, 8_729),
    "c4": (17_710, 1_304, 1_547, 17_467), "c5": (9_575, 382, 396, 9_561), "c6": (198, 0, 9, 189),
    "total": (38_709, 8_896, 4_560, 43_045),
}  # fmt: skip


def test_sec_rollforward_of_a_company_with_six_segments():
    """EDGAR filing 0001193125-20-213741, R35, in thousands: what leaves non-current enters the current balance."""
    current = {
        name: Rollforward(opening=opening, additions=added, recognised=out)
        for name, (opening, added, out, _) in CURRENT.items()
    }
    non_current = {
        name: Rollforward(opening=opening, additions=added, reclassified=out)
        for name, (opening, added, out, _) in NON_CURRENT.items()
    }
    assert {name: column.closing for name, column in current.items()} == {n: c[3] for n, c in CURRENT.items()}
    assert {name: column.closing for name, column in non_current.items()} == {n: c[3] for n, c in NON_CURRENT.items()}
    for columns in (current, non_current):
        assert totalled([column for name, column in columns.items() if name != "total"]) == columns["total"]
    assert all(current[name].additions == non_current[name].reclassified for name in current)


def test_a_period_opens_with_what_the_last_one_closed_with():
    first = Rollforward(opening=100, additions=50, recognised=30, credits=10, acquired=7, other=-2)
    assert first.closing == 115
    assert first.next(recognised=115).closing == 0


# --- laws --------------------------------------------------------------------------------------------

positive = st.integers(0, 10**9)


@st.composite
def standings(draw):
    paid = draw(positive)
    unconditional = draw(positive)
    on_account = draw(st.integers(0, paid))
    return Standing(
        revenue_minor=draw(st.integers(-(10**6), 10**9)),
        unconditional_minor=unconditional,
        uninvoiced_minor=draw(st.integers(0, unconditional)),
        tax_minor=draw(st.integers(0, 10**6)),
        paid_minor=paid,
        on_account_minor=on_account,
        advance_minor=draw(st.integers(0, paid - on_account)),
        refundable_minor=draw(st.integers(0, 10**6)),
    )


@given(standings())
def test_balances_sum_to_zero_and_show_an_asset_or_a_liability(standing):
    shown = present(standing)
    assert sum(shown.debits().values()) == 0
    assert min(shown.contract_asset, shown.contract_liability) == 0
    assert min(shown.receivable, shown.unbilled_receivable, shown.contract_asset, shown.contract_liability) >= 0
    assert 0 <= shown.refund_liability <= standing.refundable_minor


@given(standings(), standings())
def test_every_entry_balances_and_leads_from_one_to_the_other(before, after):
    entry = present(after).entry_from(present(before))
    assert sum(entry.values()) == 0
    assert (
        present(before).debits()
        | {account: present(before).debits()[account] + minor for account, minor in entry.items()}
        == present(after).debits()
    )


@given(positive, positive, st.integers(0, 100))
def test_net_position_is_billed_less_recognised(billed, earned, share):
    shown = present(
        Standing(revenue_minor=earned, unconditional_minor=billed, paid_minor=round_half_away(billed * share, 100))
    )
    net = shown.contract_liability - shown.contract_asset
    assert net == billed - earned == net_minor(0, billed_minor=billed, credits_minor=0, revenue_minor=earned)


@given(positive, st.fractions(0, 1, max_denominator=100), st.fractions(0, 1, max_denominator=100))
def test_what_remains_is_unbilled_and_liability_less_asset(price, progress, billed_share):
    earned, billed = earned_minor(price, progress), earned_minor(price, Fraction(billed_share))
    shown = present(Standing(revenue_minor=earned, unconditional_minor=billed))
    left = remaining_minor(Disclosed(start_day=0, end_day=1, price_minor=price, recognised_minor=earned))
    assert left == price - earned == (price - billed) + shown.contract_liability - shown.contract_asset


@given(st.lists(standings(), min_size=1, max_size=6))
def test_contracts_are_not_netted_with_each_other(many):
    shown = [present(one) for one in many]
    total = in_all(shown)
    assert total.contract_asset == sum(one.contract_asset for one in shown)
    assert total.contract_liability == sum(one.contract_liability for one in shown)
    assert sum(total.debits().values()) == 0


def test_nothing_in_all_is_nothing():
    assert in_all([]) == Balances()


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(-(10**6), 10**6)), max_size=20),
    st.lists(st.integers(0, 100), max_size=4, unique=True).map(sorted),
)
def test_bands_hold_all_that_is_planned_from_a_day_on(plan, ends):
    planned = [Planned(on, minor) for on, minor in plan]
    bands = by_band(planned, 50, ends)
    assert sum(bands) == sum(minor for on, minor in plan if on >= 50)
    assert len(bands) == len(ends) + 1


@pytest.mark.parametrize(
    ("claim", "since"),
    [
        (Claim(1, due_day=10), 10),
        (Claim(1, due_day=10, cancellable=True), None),
        (Claim(1, due_day=10, performed_day=5), 5),
        (Claim(1, due_day=10, performed_day=15), 10),
        (Claim(1, due_day=10, performed_day=15, cancellable=True), 15),
    ],
)
def test_a_right_is_unconditional_when_only_time_must_pass(claim, since):
    assert [on for on in range(30) if unconditional_minor([claim], on)] == list(range(since, 30) if since else ())
