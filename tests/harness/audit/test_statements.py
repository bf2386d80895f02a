"""The books' statements beside those agreed: equal without breaks, and else off by just what the breaks put off."""

from dataclasses import replace

import duckdb
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.audit import audit
from harness.audit.posted import Posted
from harness.audit.statements import statements_of
from harness.oracle.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, revenue_account
from harness.oracle.movements import KINDS
from harness.oracle.rates import Rates
from harness.oracle.statements import BANDS, OPENINGS, TOTALS, due
from harness.replication import replicate
from harness.run_tables import write_tables
from harness.statement_laws import explained, footed, quartered, taken_over
from scenarios.load import load
from sim.errors import InvariantBroken
from tests.harness.audit.ideal import Tampering, books_of
from tests.harness.audit.test_any_tampering import tamperings
from tests.harness.oracle.agreed import FEBRUARY, JANUARY, contract, truth
from tests.harness.oracle.delivered import delivered_truths

EXPECTED, BOOKS = books_of(truth(contract(start="2026-01-05")))
RATES = Rates({"EUR": [(JANUARY - 1, 1_083_333), (JANUARY, 1_091_117), (FEBRUARY, 1_066_667)]})
SUBSCRIPTIONS = ("business.contracts=60",)
PROJECTS = ("business.contracts=15", "business.services={projects: 30, active: 20, change_orders: 0.25}")


def both(books, expected=EXPECTED):
    """The statements of both books, and what the audit found between them."""
    found = audit(expected, books)
    return statements_of(expected, due(expected), books, found), found


def off(statements, name):
    """What the books have more than was agreed of a line, by month."""
    document = statements.document()
    return [each["actual"][f"{name}_minor"] - each["expected"][f"{name}_minor"] for each in document]


# --- whole runs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["event-driven", "managed-batch"])
@pytest.mark.parametrize(
    ("scenario", "smaller"),
    [("subscription-company-quarter", SUBSCRIPTIONS), ("services-company-quarter", PROJECTS)],
)
def test_without_faults_the_books_say_what_was_agreed_to_the_cent(scenario, smaller, layer):
    done = replicate(load(scenario, smaller), layer, 1)

    assert not done.audit.breaks
    for each in done.document["statements"]:
        assert each["actual"].items() <= each["expected"].items()
        assert each["actual"]["revenue_minor"] > 0
    assert sum(each["expected"]["cash_minor"] for each in done.document["statements"]) > 0


@pytest.fixture(scope="module")
def group():
    """A run of three legal entities, each with a currency of its own; one is bought in February."""
    return replicate(load("acquisition-mid-quarter", ("business.contracts=40",)), "point-to-point", 2)


def test_the_tables_of_a_group_come_to_its_statements_by_entity_and_currency(group, tmp_path):
    write_tables(tmp_path, group)
    march = group.document["statements"][-1]["expected"]
    rates = group.expected.rates

    for table, of_table, line in (
        ("rollforward", "contract_liability_minor", "contract_liability_minor"),
        ("receivables", "closing_minor", "receivables_minor"),
    ):
        asked = f"select entity, currency, sum({of_table}) from '{tmp_path}/actual/{table}.parquet'"
        rows = duckdb.sql(f"{asked} where month = '2026-03' group by all order by all").fetchall()

        assert [row[:2] for row in rows] == [("", "USD"), ("acme", "GBP"), ("emea", "EUR")]
        assert rates.worth_minor((currency, JANUARY + 2, int(minor)) for _, currency, minor in rows) == march[line]


def test_a_group_tells_what_it_acquired_and_what_its_currencies_did(group):
    done, months = group, [each["expected"] for each in group.document["statements"]]

    assert [bool(each["acquired_minor"]) for each in months] == [False, False, True, False]
    assert [bool(each["translation_minor"]) for each in months] == [False, True, True, True]
    assert [bool(each["remaining_acquired_minor"]) for each in months] == [False, False, True, False]
    assert [bool(each["remaining_translation_minor"]) for each in months] == [False, True, True, True]
    for each in months:
        net_minor = each["contract_liability_minor"] - each["contract_asset_minor"]
        assert each["closing_minor"] == net_minor - each["unbilled_receivable_minor"]
        assert each["remaining_obligations_minor"] == each["unbilled_minor"] + net_minor
        earned_minor = each["revenue_minor"] - each["remaining_acquired_minor"] - each["remaining_translation_minor"]
        more_minor = each["remaining_obligations_minor"] - each["remaining_opening_minor"]
        assert more_minor == each["bookings_minor"] - earned_minor
        assert each["revenue_minor"] == sum(each[f"revenue_{kind}_minor"] for kind in KINDS if kind != "time")
    assert not done.audit.breaks
    for each in done.document["statements"]:
        assert each["actual"].items() <= each["expected"].items()


def test_the_amounts_of_the_truth_are_the_sums_of_the_months_that_are_printed():
    """Each month's revenue of each kind is rounded by itself: in one piece, it would come to two cents less."""
    group = (
        "business.entities=[{name: emea, currency: EUR, share: 0.5, price: 0.92}]",
        "business.rates={EUR: {2025-12: 1.083333, 2026-01: 1.091117, 2026-02: 1.066667}}",
    )
    done = replicate(load("services-company-quarter", (*PROJECTS, *group)), "event-driven", 6)
    months, quarter = done.document["statements"], done.document["quarter_statements"]
    moved = done.statements.expected.moved
    in_one_piece = [moved.worth.minor(*of_month) for of_month in zip(moved.earned, moved.months, strict=True)]

    assert quarter["months"] == ["2026-01", "2026-02", "2026-03"]
    for name in TOTALS:
        told_minor = done.document["truth"][name]
        assert told_minor == quarter["expected"][name] == sum(each["expected"][name] for each in months[1:])
    assert done.document["truth"]["revenue_minor"] == sum(in_one_piece[1:]) + 2


def test_a_quarter_opens_with_its_first_month_and_closes_with_its_last(lossy):
    months, quarter = lossy.document["statements"], lossy.document["quarter_statements"]

    for side in ("expected", "actual"):
        for opening, closing in OPENINGS.items():
            assert quarter[side][opening] == months[1][side][opening] == months[0][side][closing]
            assert quarter[side][closing] == months[-1][side][closing]
    assert quarter["expected"].keys() - quarter["actual"].keys() == {*BANDS}


@pytest.fixture(scope="module")
def lossy():
    """A run of which much is wrong: many answers get lost, and the layer doubles what it did."""
    faults = (
        "faults=[{kind: lost_response, system: erp, share: 0.1}, {kind: lost_response, system: billing, share: 0.1},"
        " {kind: lost_request, system: revenue, share: 0.1}, {kind: outage, system: erp, from: 2026-02-25, for: 9 d}]"
    )
    return replicate(load("subscription-company-quarter", (*SUBSCRIPTIONS, faults)), "point-to-point", 3)


def test_under_faults_lines_are_off_by_what_the_breaks_have_put_off(lossy):
    first, months = lossy.statements.expected.moved.months[0], len(lossy.statements.expected.moved.months)
    put_off = {name: [0] * months for name in ("cash", "receivables", "closing", "revenue")}
    for one in lossy.audit.breaks:
        for (account, _, month), minor in one.effects:
            for later in range(month - first, months):
                if account == RECEIVABLES:
                    put_off["receivables"][later] += minor
                if account == CONTRACT_LIABILITY:
                    put_off["closing"][later] -= minor
            if month - first < months and account == CASH:
                put_off["cash"][month - first] += minor
            if month - first < months and account.startswith(revenue_account("")):
                put_off["revenue"][month - first] -= minor

    assert len(lossy.audit.breaks) > 20
    assert off(lossy.statements, "receivables") == put_off["receivables"]
    assert off(lossy.statements, "closing") == put_off["closing"]
    assert off(lossy.statements, "revenue") == put_off["revenue"]
    refunds = off(lossy.statements, "refunds")
    assert [cash - paid for cash, paid in zip(off(lossy.statements, "cash"), refunds, strict=True)] == put_off["cash"]
    assert all(any(amounts) for amounts in put_off.values())


@pytest.mark.parametrize("name", ["closing", "receivables"])
def test_what_a_book_opens_with_is_what_it_has_closed_with(lossy, name):
    opening = "opening_minor" if name == "closing" else "receivables_opening_minor"
    for side in ("expected", "actual"):
        months = [each[side] for each in lossy.document["statements"]]
        assert [each[opening] for each in months[1:]] == [each[f"{name}_minor"] for each in months[:-1]]


def test_those_that_the_audit_found_nothing_of_are_in_the_ledger_as_expected(lossy):
    """The ledger is read of suspects alone: reading it of everybody comes to the same."""
    statements, expected = lossy.statements, lossy.expected
    everybody = {*expected.contracts, *expected.accounts}
    ours = statements.expected
    whole = Posted(expected, ours.moved, ours.owed, lossy.books, everybody)

    _same(whole.moved, statements.actual.moved)
    _same(whole.owed, statements.actual.owed)


def _same(one, other):
    assert (one.months, {*vars(one)} - {*vars(other)}) == (other.months, set())
    for name in type(one).__dataclass_fields__:
        mine, theirs = getattr(one, name), getattr(other, name)
        if isinstance(mine, np.ndarray):
            assert (mine == theirs).all(), name
        elif name == "revenue":
            assert all((mine[kind] == theirs[kind]).all() for kind in mine), name


# --- tampered books ----------------------------------------------------------------------------------


def test_an_invoice_that_is_posted_twice_is_owed_twice_and_a_liability():
    books = Tampering(BOOKS)
    books.post_again(books.invoice("C-1", 1, 0))
    statements, _ = both(books.books)

    assert off(statements, "invoiced") == [0, 120_000, 0, 0]
    assert off(statements, "receivables") == off(statements, "contract_liability") == [0, 120_000, 120_000, 120_000]
    assert off(statements, "revenue") == off(statements, "bookings") == [0, 0, 0, 0]


def test_an_invoice_that_is_not_posted_leaves_a_contract_asset():
    books = Tampering(BOOKS)
    books.unpost(books.invoice("C-1", 1, 0).id)
    statements, _ = both(books.books)
    january = statements.document()[1]

    assert january["actual"]["contract_asset_minor"] == january["expected"]["revenue_minor"]
    assert january["actual"]["contract_liability_minor"] == january["actual"]["receivables_minor"] == 0
    assert january["actual"]["unbilled_minor"] == 120_000


def test_revenue_in_the_wrong_month_is_off_in_both_and_right_in_the_end():
    books = Tampering(BOOKS)
    entry = books.entry(books.recognition("C-1", JANUARY).id)
    books.change("journal", {"period": FEBRUARY}, id=entry.id)
    statements, _ = both(books.books)
    moved_minor = statements.document()[1]["expected"]["revenue_minor"]

    assert off(statements, "revenue") == [0, -moved_minor, moved_minor, 0]
    assert off(statements, "contract_liability") == [0, moved_minor, 0, 0]


def test_what_a_document_says_otherwise_than_its_posting_is_another_entry():
    books = Tampering(BOOKS)
    invoice = books.invoice("C-1", 1, 0)
    books.change("invoices", {"lines": (replace(invoice.lines[0], minor=-120_000),)}, id=invoice.id)
    statements, _ = both(books.books)

    assert off(statements, "billings") == [0, -240_000, 0, 0]
    assert off(statements, "receivables_other") == off(statements, "other") == [0, 240_000, 0, 0]
    assert off(statements, "receivables") == off(statements, "receivables_translation") == [0, 0, 0, 0]


def test_a_second_order_books_the_contract_twice():
    books = Tampering(BOOKS)
    books.repeat("orders", {"id": "SO-again"})
    statements, found = both(books.books)

    assert [one.kind for one in found.breaks] == ["duplicate"]
    assert off(statements, "bookings") == [0, 120_000, 0, 0]
    assert off(statements, "remaining_obligations") == off(statements, "unbilled") == [0, 120_000, 120_000, 120_000]


@settings(max_examples=80, deadline=None)
@given(tamperings())
def test_however_books_are_tampered_with_their_statements_are_explained(tampered):
    statements, _ = both(tampered.books, tampered.expected)

    assert statements.unexplained == {}
    footed(statements)


def in_euros(expected, account):
    """The same where one customer's contracts are in euros, which rise and fall."""
    contracts = {
        key: replace(one, currency="EUR") if one.account == account else one for key, one in expected.contracts.items()
    }
    return replace(expected, contracts=contracts, rates=RATES)


@settings(max_examples=80, deadline=None)
@given(st.one_of(tamperings(), tamperings(paid=True), tamperings(delivered_truths())))
def test_however_books_are_tampered_with_their_statements_foot_in_one_currency(tampered):
    assume(all(payment.account in tampered.expected.accounts for payment in tampered.books.payments))
    statements, _ = both(tampered.books, in_euros(tampered.expected, "A-1"))

    footed(statements)


# --- laws --------------------------------------------------------------------------------------------


def test_a_difference_that_no_break_explains_breaks_a_law():
    books = Tampering(BOOKS)
    books.post_again(books.invoice("C-1", 1, 0))
    found = audit(EXPECTED, books.books)
    halved = tuple((cell, minor // 2) for cell, minor in found.breaks[0].effects)
    less = replace(found, breaks=(replace(found.breaks[0], effects=halved),))

    explained(statements_of(EXPECTED, due(EXPECTED), books.books, found))
    with pytest.raises(InvariantBroken, match="position of C-1 in 2026-01 by another 60000"):
        explained(statements_of(EXPECTED, due(EXPECTED), books.books, less))


def test_a_contract_that_is_taken_over_otherwise_breaks_a_law():
    expected, books = books_of(truth(opening=[contract(key="O-1", start="2025-07-01")]))
    entry = next(one for one in books.journal if one.source == "opening")
    stood_minor = int(due(expected).moved.opening.net[0])
    right = replace(entry, postings=(entry.postings[0], (CONTRACT_LIABILITY, entry.postings[1][1], -stood_minor)))

    taken_over(due(expected).moved, [right])
    with pytest.raises(InvariantBroken, match="O-1 is off by"):
        taken_over(due(expected).moved, [entry])


@pytest.mark.parametrize(
    ("law", "changes"),
    [
        ("statements foot: closing_minor", {"contract_liability": 1}),
        ("statements foot: remaining_obligations_minor", {"unbilled": 1}),
        ("statements foot: revenue_minor", {"revenue_subscription": 1}),
        ("statements foot: closing_minor", {"translation": 1}),
        ("statements foot: receivables_minor", {"receivables_other": 1}),
        ("a month opens as the last one closed: opening_minor", {"opening": 1, "translation": -1}),
        ("statements foot: remaining_obligations_minor", {"remaining_translation": 1}),
        ("statements foot: remaining_obligations_minor", {"unbilled_obligations": 1}),
        ("a month opens as the last one closed: remaining", {"remaining_opening": 1, "remaining_translation": -1}),
        ("lines are what they are translated from: translation_minor", {"other": 40, "translation": -40}),
        (
            "lines are what they are translated from: remaining_translation",
            {"remaining_acquired": 40, "remaining_translation": -40},
        ),
        (
            "lines are what they are translated from: remaining_obligations",
            {"unbilled": 40, "unbilled_obligations": 40, "remaining_obligations": 40, "remaining_acquired": 40},
        ),
    ],
)
def test_lines_that_are_told_wrongly_break_a_law(law, changes):
    expected, books = books_of(truth(opening=[contract(key="O-1", start="2025-07-01")]))
    right, _ = both(books, in_euros(expected, "A-1"))
    lines = [dict(of_month) for of_month in right.expected.lines]
    for name, by_minor in changes.items():
        lines[-1][f"{name}_minor"] += by_minor

    footed(right)
    with pytest.raises(InvariantBroken, match=f"{law}.* in 2026-03 is off by"):
        footed(replace(right, expected=replace(right.expected, lines=lines)))


@pytest.mark.parametrize(
    ("law", "where", "line"),
    [
        ("a quarter is the sum of its months: cash_minor", "quarter_statements", "cash_minor"),
        ("a quarter foots: remaining_obligations_minor", "quarter_statements", "remaining_opening_minor"),
        ("a quarter foots: receivables_minor", "quarter_statements", "receivables_minor"),
        ("the truth's amounts are those of the statements: revenue_minor", "truth", "revenue_minor"),
    ],
)
def test_a_quarter_that_is_told_wrongly_breaks_a_law(lossy, law, where, line):
    document = {name: dict(lossy.document[name]) for name in ("truth", "quarter_statements")}
    document["statements"] = lossy.document["statements"]
    quartered(document, TOTALS)
    if where == "truth":
        document["truth"][line] += 1
    else:
        document[where]["actual"] = document[where]["actual"] | {line: document[where]["actual"][line] + 1}

    with pytest.raises(InvariantBroken, match=f"{law} is off by 1|{law} is off by -1"):
        quartered(document, TOTALS)
