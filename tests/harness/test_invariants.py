"""The books hold at every instant of a troubled quarter, and the watch finds whatever is put out of balance."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from fakes import billing, erp, revenue
from fakes.agreements import Account, Contract, PerformanceObligation, Version
from fakes.books.charges import price_change_minor
from fakes.books.ledger import CONTRACT_LIABILITY, RECEIVABLES, sides
from fakes.company import Company
from fakes.names import SYSTEMS
from fakes.records import JournalEntry, OpenItem, Recognition
from fakes.system import Setup
from harness.invariants import BooksWatch
from harness.replication import replicate
from scenarios.load import loads
from sim.calendar import FiscalCalendar, add_months
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy
from sim.durations import DAY, HOUR
from sim.errors import InvariantBroken
from sim.network import Station, Wire
from sim.trace import Trace

# --- after every posting of a run --------------------------------------------------------------------

TROUBLED_QUARTER = """
name: troubled-quarter
calendar: {quarter_start: 2026-01-01, months: 3, lead_in: 7 d, close_business_days: 5}
business:
  contracts: 30
  active_share: 1
  profile: steep
  billing: {monthly: 2, quarterly: 1, annually: 1}
  amendments: {per_contract_year: 6, decrease_share: 0.3, cancel_share: 0.2, burst_share: 0.5, gap_min: 1 min}
faults:
  - {kind: outage, system: erp, from: 2026-03-30 14:00, for: 9 h}
  - {kind: outage, system: revenue, from: 2026-03-31 09:00, for: 5 h, silent: true}
  - {kind: brownout, system: billing, from: 2026-03-30, for: 2 d, slow: 20}
  - {kind: lost_request, system: billing, share: 0.05}
  - {kind: lost_response, system: erp, share: 0.1}
  - {kind: lost_response, system: revenue, share: 0.1}
  - {kind: duplicate_delivery, system: billing, share: 0.2}
  - {kind: late_delivery, system: billing, share: 0.05, delay: {mean: 5 d}}
  - {kind: late_delivery, system: revenue, share: 0.1, delay: {mean: 1 d}}
  - {kind: out_of_order, system: crm, delay: {mean: 5 min}}
"""


@pytest.fixture
def checks(monkeypatch):
    """How often the books were checked, by what had just changed them: every commit, run and close of a system."""
    counted = Counter()

    def after(what, change, watch):
        def changed_and_checked(*arguments):
            result = change(*arguments)
            watch.check()
            counted[what] += 1
            return result

        return changed_and_checked

    start = Company.start

    def start_watched(company):
        watch = BooksWatch(company)
        for name in ("billing", "erp", "revenue"):
            server = company.systems[name].server
            server._serve = after(f"{name} call", server._serve, watch)
        company.billing.run = after("bill run", company.billing.run, watch)
        company.revenue.run = after("revenue run", company.revenue.run, watch)
        company.erp.close_period = after("close", company.erp.close_period, watch)
        start(company)

    monkeypatch.setattr(Company, "start", start_watched)
    return counted


@pytest.mark.parametrize(
    "layer",
    ["point-to-point", "process-orchestration", "event-driven", "event-driven:idempotency=none,inbox=off,gate=none"],
)
def test_the_books_hold_after_every_posting_of_a_troubled_quarter(layer, checks):
    run = replicate(loads(TROUBLED_QUARTER, "troubled-quarter"), layer, 0)

    commits = Counter(call[2].partition(".")[0] for call in run.simulation.trace.rows("calls") if call[8] >= 0)
    assert all(fault["hits"] for fault in run.document["faults"])
    assert all(checks[f"{name} call"] >= commits[name] > 100 for name in ("billing", "erp", "revenue"))
    assert (checks["revenue run"], checks["close"]) == (8, 4)
    assert checks["bill run"] > 90
    assert sum(checks.values()) > 900
    assert run.document["metrics"]["unexplained"] == 0


def test_a_price_that_a_layer_got_wrong_is_for_the_audit_to_find():
    """Written over right after the month's run: what was recognised is more than is allocated, until the next run."""
    made = company()
    watch = BooksWatch(made)
    (taken,) = [one for one in made.revenue.contracts.values() if one.contract == "C-1"]
    cheap = replace(taken.state, versions=(replace(taken.state.versions[0], price_change_minor=12),))
    do(made.revenue, revenue.ModifyContract(taken.id, cheap))
    assert sum(taken.recognised.values()) > sum(taken.allocated.values())
    watch.check()


# --- what the watch must find ------------------------------------------------------------------------

CALENDAR = FiscalCalendar(
    quarter_start=date(2026, 1, 1),
    months=3,
    timezone="UTC",
    holidays=(),
    opens_minute=8 * 60,
    closes_minute=20 * 60,
    lead_in_days=0,
    close_business_days=6,
    revenue_runs=(3, 5),
)
JANUARY = 12 * 2026
START = date(2026, 1, 1).toordinal()


def contract(key="C-1", account="A-1", start_day=START, quantity=10):
    """Ten units at 1.00 a month for a year, in two products, billed quarterly."""
    end_day = add_months(start_day, 12)
    price_minor = price_change_minor(
        start_day=start_day, end_day=end_day, billing_months=3, unit_price_minor=100, units=quantity,
        effective_day=start_day,
    )  # fmt: skip
    return Contract(
        key=key,
        account=account,
        currency="USD",
        start_day=start_day,
        end_day=end_day,
        billing_months=3,
        unit_price_minor=100,
        obligations=(PerformanceObligation("platform", 70), PerformanceObligation("support", 30)),
        versions=(Version(1, "signed", start_day, start_day, quantity, price_minor),),
    )


def company():
    """A company with an opening contract, and one that was billed, posted and recognised for January; all in order."""
    station = Station(capacity=1, service=constant(0), latency=constant(0))
    setup = Setup(
        station=station,
        delivery=DeliveryPolicy(delay=constant(0), retries_us=(), ack_timeout_us=HOUR),
        index_lag=constant(0),
    )
    made = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), (), 0)
    made.preload([Account("A-0", "Opening")], [contract("O-1", "A-0", date(2025, 11, 15).toordinal())])
    state = contract()
    customer = do(made.billing, billing.CreateCustomer("A-1", "Company"))
    do(made.erp, erp.UpsertCustomer("A-1", "Company"))
    do(made.billing, billing.CreateSubscription(customer.id, state))
    do(made.revenue, revenue.CreateContract(state))
    (invoice,) = made.billing.invoices
    post(made, invoice.id, invoice.total_minor)
    made.revenue.run(JANUARY, 1, 35 * DAY)
    for recognition in made.revenue.recognitions:
        recognise(made, recognition)
    return made


def do(core, request, now_us=HOUR * 7):
    return core.operations[type(request)].perform(request, now_us)


def post(made, document, total_minor, now_us=HOUR * 8):
    return do(made.erp, erp.PostDocument(document, "A-1", "C-1", "USD", total_minor, START, START, None), now_us)


def recognise(made, one, now_us=35 * DAY):
    earned = [(f"4000 revenue {product}", one.contract, -minor) for product, minor in one.amounts]
    postings = sides(CONTRACT_LIABILITY, one.contract, *earned)
    do(made.erp, erp.PostJournal(one.id, one.contract, "USD", START + 30, START + 30, postings), now_us)


def entry(*postings, source="receivables", period=JANUARY, posted_us=36 * DAY):
    return JournalEntry("JE-x", source, "x", "C-1", "USD", period, START, posted_us, tuple(postings))


def append(made, one):
    """Put an entry into the ledger past its door, its running balances kept."""
    ledger = made.erp.ledger
    ledger.entries.append(one)
    for account, _, minor in one.postings:
        ledger.totals[account] = ledger.totals.get(account, 0) + minor


def an_entry_off_by_a_cent(made):
    append(made, entry((RECEIVABLES, "A-1", 100), (CONTRACT_LIABILITY, "C-1", -99)))


def two_entries_off_by_opposite_cents(made):
    append(made, entry((RECEIVABLES, "A-1", 1)))
    append(made, entry((RECEIVABLES, "A-1", -1)))


def a_posting_to_a_closed_period(made):
    made.erp.close_period(JANUARY, 40 * DAY)
    append(made, entry((RECEIVABLES, "A-1", 0), posted_us=40 * DAY + 1))


def a_total_changed_on_the_quiet(made):
    made.erp.ledger.totals[CONTRACT_LIABILITY] += 1


def a_total_moved_between_accounts(made):
    made.erp.ledger.totals[CONTRACT_LIABILITY] += 5
    made.erp.ledger.totals[RECEIVABLES] -= 5


def an_account_without_postings(made):
    made.erp.ledger.totals["1999 suspense"] = 1


def an_open_item_without_an_entry(made):
    known = made.erp.open_items[-1]
    made.erp.open_items.append(replace(known, id="AR-x"))
    made.erp.receivables["A-1"] += known.total_minor


def an_entry_without_an_open_item(made):
    append(made, entry((RECEIVABLES, "A-1", 100), (CONTRACT_LIABILITY, "C-1", -100)))


def an_open_item_of_another_amount(made):
    post(made, "INV-2", 500).total_minor += 1
    made.erp.receivables["A-1"] += 1


def a_balance_that_forgets_an_item(made):
    before = made.erp.receivables["A-1"]
    post(made, "INV-2", 500)
    made.erp.receivables["A-1"] = before


def an_item_on_another_customers_balance(made):
    post(made, "INV-2", 500)
    made.erp.receivables["A-1"] -= 500
    made.erp.receivables["A-0"] = 500


def deferred_revenue_released_to_nowhere(made):
    append(made, entry((CONTRACT_LIABILITY, "C-1", 100), ("1999 suspense", "C-1", -100)))


def an_invoice_booked_as_revenue(made):
    """Receivables and trial balance hold; the liability never rolled forward by what was billed."""
    item = made.erp.open_items[-1]
    append(made, entry((RECEIVABLES, "A-1", 100), ("4000 revenue platform", "C-1", -100)))
    made.erp.open_items.append(OpenItem(**{**fields(item), "id": "AR-x", "total_minor": 100}))
    made.erp.receivables["A-1"] += 100


def revenue_beyond_the_allocated_price(made):
    (taken,) = (one for one in made.revenue.contracts.values() if one.contract == "C-1")
    taken.recognised[1, "support"] = taken.allocated[1, "support"] + 1
    tell_of(made, taken)


def negative_revenue_of_a_positive_price(made):
    (taken,) = (one for one in made.revenue.contracts.values() if one.contract == "C-1")
    taken.recognised[1, "platform"] = -1
    tell_of(made, taken)


def tell_of(made, taken):
    made.revenue.recognitions.append(Recognition("REC-x", taken.id, taken.contract, "USD", JANUARY, 2, (), 0, 36 * DAY))


def fields(record):
    return {name: getattr(record, name) for name in record.__slots__}


@pytest.mark.parametrize(
    ("tampering", "law"),
    [
        (an_entry_off_by_a_cent, "every journal entry sums to zero"),
        (two_entries_off_by_opposite_cents, "every journal entry sums to zero"),
        (a_posting_to_a_closed_period, "nothing is posted to a closed period"),
        (a_total_changed_on_the_quiet, "account totals are the sums of their postings"),
        (a_total_moved_between_accounts, "account totals are the sums of their postings"),
        (an_account_without_postings, "account totals are the sums of their postings"),
        (an_open_item_without_an_entry, "receivables equal their control account"),
        (an_entry_without_an_open_item, "receivables equal their control account"),
        (an_open_item_of_another_amount, "receivables equal their control account"),
        (a_balance_that_forgets_an_item, "a customer's receivable is the sum of its open items"),
        (an_item_on_another_customers_balance, "a customer's receivable is the sum of its open items"),
        (deferred_revenue_released_to_nowhere, "deferred revenue rolls forward"),
        (an_invoice_booked_as_revenue, "deferred revenue rolls forward"),
        (revenue_beyond_the_allocated_price, "recognised revenue stays within the allocated price"),
        (negative_revenue_of_a_positive_price, "recognised revenue stays within the allocated price"),
    ],
)
@pytest.mark.parametrize("watched_before", [True, False])
def test_a_law_broken_behind_the_systems_backs_is_found(tampering, law, watched_before):
    made = company()
    watch = BooksWatch(made)
    if watched_before:
        watch.check()
    tampering(made)
    with pytest.raises(InvariantBroken, match=law):
        watch.check()


def test_books_in_order_pass_at_any_time():
    made = company()
    watch = BooksWatch(made)
    watch.check()
    post(made, "INV-2", 700)
    watch.check()
    post(made, "CM-1", -300)
    made.revenue.run(JANUARY + 1, 1, 65 * DAY)
    watch.check()
    made.erp.close_period(JANUARY, 66 * DAY)
    watch.check()
    watch.check()
    ledger = made.erp.ledger
    assert [entry.source for entry in ledger.entries] == ["opening", "receivables", "revenue", "revenue"] + 2 * [
        "receivables"
    ]
    assert ledger.trial_balance() == 0
    assert made.erp.receivables == {"A-1": ledger.totals[RECEIVABLES]} == {"A-1": 3_000 + 700 - 300}
