"""No faults, no breaks: whatever the business, every layer leaves the same books, and they tie out to the cent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.oracle.ledger import CONTRACT_LIABILITY
from harness.replication import replicate
from scenarios.load import load
from scenarios.schema import Scenario

LAYERS = ("point-to-point", "sync-orchestration", "process-orchestration", "event-driven", "canonical-hub")
ANSWERS = {"sync-orchestration": {"ok", "replayed"}}
"""The answers to writes in a world without faults: a source that lost patience tells its event again."""

NO_FAULTS = settings(max_examples=60, derandomize=True)


def assert_ties_out(replication):
    """Nothing is doubled, missing, broken, off, late for its period or unexplained; every event has arrived."""
    document, audit = replication.document, replication.audit
    assert not any(document["duplicates"].values()), document["duplicates"]
    assert not any(document["missing"].values()), document["missing"]
    assert audit.breaks == ()
    assert document["breaks"]["amount_minor"] == 0
    assert audit.unexplained == {}
    assert audit.cut_off_errors.count == 0
    assert all(flow["arrived"] == flow["expected"] for flow in document["flows"])
    assert list(replication.simulation.layer.held()) == []


def contents(books):
    """What the books say, without ids, instants or the order of entry: what one layer has in common with another."""
    contract_of = {subscription.id: subscription.contract for subscription in books.subscriptions}
    return {
        "billing customers": sorted((one.account, one.name) for one in books.billing_customers),
        "subscriptions": sorted(
            (one.contract, one.state, sorted(one.billed.items()), one.next_period) for one in books.subscriptions
        ),
        "documents": sorted(
            (
                contract_of[one.subscription], one.account, one.currency, one.day, one.total_minor,
                [(line.version, line.period, line.from_day, line.to_day, line.minor) for line in one.lines],
            )
            for one in books.invoices
        ),
        "ERP customers": sorted((one.account, one.name) for one in books.erp_customers),
        "orders": sorted((one.contract, one.state) for one in books.orders),
        "open items": sorted(
            (one.document, one.contract, one.total_minor, one.day, one.period) for one in books.open_items
        ),
        "journal": sorted(
            (
                one.source, one.reference, one.contract, one.currency, one.period, one.effective_day,
                sorted(one.postings),
            )
            for one in books.journal
        ),
        "locks": books.locks,
        "revenue contracts": sorted(
            (one.contract, one.state, sorted(one.allocated.items()), sorted(one.recognised.items()))
            for one in books.revenue_contracts
        ),
        "recognitions": sorted(
            (one.id, one.contract, one.month, one.run, one.amounts, one.total_minor, one.run_us)
            for one in books.recognitions
        ),
        "told to revenue": sorted((one.document, one.contract, one.total_minor) for one in books.billed_documents),
    }  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("seed", range(6))
def test_a_calm_month_ties_out_to_the_cent(layer, seed):
    calm = replicate(load("calm-month"), layer, seed)

    assert_ties_out(calm)
    assert all(verdict["held"] for verdict in calm.document["expectations"])
    assert calm.document["truth"]["contracts"] == 300
    assert calm.document["truth"]["invoices"] > 100 and calm.document["truth"]["amendments"] > 0
    writes = [call for call in calm.document["calls"] if not call["operation"].startswith("find_")]
    outcomes = {call["outcome"] for call in writes}  # a slow search may be given up, and repeated
    assert outcomes == ANSWERS.get(layer, {"ok"})


def test_the_same_month_under_every_layer_leaves_the_same_books():
    calm = load("calm-month")
    first, *others = [contents(replicate(calm, layer, 1).books) for layer in LAYERS]

    for other in others:
        assert other == first
    assert len(first["journal"]) > 500
    liability = sum(
        minor for *_, postings in first["journal"] for account, _, minor in postings if account == CONTRACT_LIABILITY
    )
    assert liability < 0  # a contract liability that has been billed and not earned, on the credit side


# --- any business ------------------------------------------------------------------------------------


@st.composite
def calendars(draw):
    """A quarter, or a part of one, anywhere: clocks that change, short months, long lead-ins, early and late closes."""
    close = draw(st.integers(5, 10))
    return {
        "quarter_start": f"{draw(st.integers(2024, 2028))}-{draw(st.integers(1, 12)):02}-01",
        "months": draw(st.integers(1, 3)),
        "timezone": draw(st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"])),
        "holidays": draw(st.sampled_from(["US", "none"])),
        "business_hours": draw(st.sampled_from(["08:00-20:00", "00:00-24:00", "05:00-07:00"])),
        "lead_in": f"{draw(st.sampled_from([0, 1, 14, 40]))} d",
        "close_business_days": close,
        "revenue_runs": draw(st.sampled_from([[3, 5], [1], [1, 2, 4]])),
    }


@st.composite
def businesses(draw):
    """A mix of contracts: how steeply they come, how large, for how long, how billed, and how often they change."""
    decrease = draw(st.sampled_from([0, 0.2, 0.5]))
    billing = draw(
        st.fixed_dictionaries({word: st.integers(0, 3) for word in ("monthly", "quarterly", "annually")}).filter(any_of)
    )
    terms = draw(st.dictionaries(st.sampled_from(["12", "24", "36", "60"]), st.integers(1, 5), min_size=1))
    return {
        "contracts": draw(st.integers(1, 40)),
        "active_share": draw(st.sampled_from([0, 0.5, 1])),
        "profile": draw(st.sampled_from(["flat", "moderate", "steep", "extreme"])),
        "contracts_per_account": draw(st.sampled_from([1, 1.3, 5])),
        "acv_median": draw(st.sampled_from([1, 999, 26_000, 10_000_000])),
        "acv_sigma": draw(st.sampled_from([0, 1.2, 3])),
        "billing": billing,
        "terms": terms,
        "first_of_month_share": draw(st.sampled_from([0, 0.5, 1])),
        "amendments": {
            "per_contract_year": draw(st.sampled_from([0, 0.6, 6, 30])),
            "decrease_share": decrease,
            "cancel_share": draw(st.sampled_from([0, 0.1, 0.5])),
            "burst_share": draw(st.sampled_from([0, 0.15, 1])),
            "burst_gap": draw(st.sampled_from(["10 min", "1 h", "1 d"])),
        },
    }


def any_of(weights):
    return any(weights.values())


@NO_FAULTS
@given(calendars(), businesses(), st.integers(0, 1_000))
def test_any_business_ties_out_under_every_layer_with_the_same_books(calendar, business, seed):
    scenario = Scenario(name="any", calendar=calendar, business=business)
    first = None
    for layer in LAYERS:
        replication = replicate(scenario, layer, seed)
        assert_ties_out(replication)
        found = contents(replication.books)
        first = first or found
        for what, expected in first.items():
            assert found[what] == expected, f"{layer} has other {what} than {LAYERS[0]}"
