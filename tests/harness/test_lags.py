"""An event's lag in a target is the time from its commit to the first record there with its version or a newer one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.lags import FLOWS, NOT_YET_US, SOMETIMES, TARGETS, business_events, subject_of
from harness.layer import ROUTES
from harness.replication import replicate
from scenarios.load import loads
from tests.harness.by_hand import (
    billed,
    company,
    customer,
    entry,
    event,
    open_item,
    order,
    receipt,
    revenue_contract,
    subscription,
)


def of(subject, company):
    """The company's events of one subject, of which it has some."""
    (found,) = (events for events in business_events(company) if events.subject == subject)
    return found


def reflected(subject, company):
    """For each target the instants at which it reflected the events of a subject; None for not at all."""
    return {
        target: [None if instant == NOT_YET_US else instant for instant in instants.tolist()]
        for target, instants in of(subject, company).reflected_us.items()
    }


# --- flows -------------------------------------------------------------------------------------------


def test_the_flows_are_known_by_these_names():
    assert FLOWS == (
        "account->billing", "account->erp",
        "account_change->billing", "account_change->erp",
        "contract->billing", "contract->erp", "contract->revenue",
        "amendment->billing", "amendment->erp", "amendment->revenue",
        "statement_of_work->billing", "statement_of_work->erp", "statement_of_work->revenue",
        "statement_of_work->projects",
        "change_order->billing", "change_order->erp", "change_order->revenue",
        "usage->revenue",
        "work->billing", "work->revenue",
        "invoice->erp", "invoice->revenue",
        "payment->erp",
        "recognition->erp",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "version", "subject"),
    [
        ("account_opened", 1, "account"),
        ("contract_signed", 1, "contract"),
        ("contract_amended", 2, "amendment"),
        ("contract_cancelled", 3, "amendment"),
        ("invoice_issued", 1, "invoice"),
        ("credit_memo_issued", 1, "invoice"),
        ("payment_received", 1, "payment"),
        ("refund_paid", 1, "payment"),
        ("revenue_recognised", 1, "recognition"),
    ],
)
def test_every_event_is_about_a_subject_that_flows(type_, version, subject):
    assert subject_of(event(type_, "key", 5, version)) == subject


def test_what_layers_have_to_carry_is_what_is_measured():
    carried = {
        f"{subject_of(event(type_, 'key', 5, version))}->{target}"
        for (_, target), types in ROUTES.items()
        for type_ in types
        for version in (1, 2)
    }
    assert carried == set(FLOWS)


# --- by hand -----------------------------------------------------------------------------------------


def test_an_account_is_reflected_by_its_customers():
    seen = company(
        event("account_opened", "A-1", 100),
        event("account_opened", "A-2", 200),
        billing_customers=[customer("A-1", 130), customer("A-2", 290)],
        erp_customers=[customer("A-2", 250)],
    )
    assert of("account", seen).committed_us.tolist() == [100, 200]
    assert reflected("account", seen) == {"billing": [130, 290], "erp": [None, 250]}


def test_of_two_records_of_one_thing_the_first_counts():
    """A duplicate comes after: it makes nothing later."""
    seen = company(
        event("account_opened", "A-1", 100),
        event("invoice_issued", "INV-1", 200),
        event("revenue_recognised", "REC-1", 300),
        event("contract_signed", "C-1", 400),
        billing_customers=[customer("A-1", 190), customer("A-1", 130)],
        items=[open_item("INV-1", 260), open_item("INV-1", 210)],
        entries=[entry("REC-1", 305), entry("REC-1", 390)],
        orders=[order("C-1", {1: 480}), order("C-1", {1: 420}), order("C-1", {1: 450})],
    )
    assert reflected("account", seen)["billing"] == [130]
    assert reflected("invoice", seen)["erp"] == [210]
    assert reflected("recognition", seen) == {"erp": [305]}
    assert reflected("contract", seen)["erp"] == [420]


def test_documents_are_reflected_by_open_items_and_in_the_revenue_engine():
    seen = company(
        event("invoice_issued", "INV-1", 200),
        event("credit_memo_issued", "INV-2", 300),
        items=[open_item("INV-2", 340)],
        billed_documents=[billed("INV-1", 230), billed("INV-2", 390)],
    )
    assert reflected("invoice", seen) == {"erp": [None, 340], "revenue": [230, 390]}


def test_a_recognition_is_reflected_by_its_entry_and_no_other():
    seen = company(
        event("revenue_recognised", "REC-1", 300),
        entries=[entry("REC-1", 310, "opening"), entry("REC-1", 320, "receivables"), entry("REC-1", 330)],
    )
    assert reflected("recognition", seen) == {"erp": [330]}


def test_a_payment_is_reflected_by_its_first_receipt():
    told = [event("payment_received", "PAY-1", 100), event("refund_paid", "PAY-2", 200)]
    seen = company(*told, receipts=[receipt("PAY-1", 190), receipt("PAY-1", 130)])
    assert reflected("payment", seen) == {"erp": [130, None]}


def test_a_newer_version_reflects_the_older_ones():
    """Version 2 was skipped: 3 brought what it changed."""
    seen = company(
        event("contract_signed", "C-1", 100),
        event("contract_amended", "C-1", 200, 2),
        event("contract_amended", "C-1", 300, 3),
        event("contract_cancelled", "C-1", 400, 4),
        subscriptions=[subscription("C-1", {1: 150, 3: 350})],
    )
    assert reflected("contract", seen)["billing"] == [150]
    assert reflected("amendment", seen)["billing"] == [350, 350, None]


def test_a_newer_version_that_came_first_is_the_first_to_reflect_the_older():
    seen = company(
        event("contract_signed", "C-1", 100),
        event("contract_amended", "C-1", 110, 2),
        revenue_contracts=[revenue_contract("C-1", {2: 120, 1: 170})],
    )
    assert reflected("contract", seen)["revenue"] == [120]
    assert reflected("amendment", seen)["revenue"] == [120]


def test_versions_may_be_spread_over_duplicates():
    seen = company(
        event("contract_amended", "C-1", 100, 2),
        event("contract_amended", "C-1", 100, 3),
        subscriptions=[subscription("C-1", {1: 10, 2: 160, 3: 180}), subscription("C-1", {1: 20, 3: 140})],
    )
    assert reflected("amendment", seen)["billing"] == [140, 140]


def test_records_of_other_keys_reflect_nothing():
    seen = company(event("contract_signed", "C-1", 100), orders=[order("C-2", {1: 150})])
    assert reflected("contract", seen) == {"billing": [None], "erp": [None], "revenue": [None]}


def test_an_event_is_everywhere_once_its_last_target_has_it():
    seen = company(
        event("account_opened", "A-1", 100),
        event("account_opened", "A-2", 200),
        billing_customers=[customer("A-1", 130), customer("A-2", 290)],
        erp_customers=[customer("A-1", 180)],
    )
    assert of("account", seen).everywhere_us.tolist() == [180, NOT_YET_US]


def test_a_company_that_told_nothing_has_no_events_of_any_subject():
    always = [subject for subject in TARGETS if subject not in SOMETIMES]
    assert {events.subject: len(events.committed_us) for events in business_events(company())} == dict.fromkeys(
        always, 0
    )


def test_since_an_instant_counts_what_was_committed_in_it():
    seen = company(
        *(event("account_opened", f"A-{instant}", instant) for instant in (99, 100, 101)),
        erp_customers=[customer("A-99", 300), customer("A-101", 500)],
    )
    since = of("account", seen).since(100)
    assert (since.subject, since.committed_us.tolist()) == ("account", [100, 101])
    assert since.reflected_us["erp"].tolist() == [NOT_YET_US, 500]
    assert since.reflected_us["billing"].tolist() == [NOT_YET_US, NOT_YET_US]


VERSIONS = st.dictionaries(st.integers(1, 4), st.integers(0, 50), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(["C-1", "C-2"]), VERSIONS), max_size=4))
def test_whatever_the_records_a_version_is_reflected_by_the_first_that_has_it_or_a_newer_one(records):
    told = [event("contract_amended", contract, 0, version) for contract in ("C-1", "C-2") for version in (1, 2, 3, 4)]
    seen = reflected("amendment", company(*told, orders=[order(*record) for record in records]))["erp"]
    told_of = [one for one in told if one.version > 1]
    for one, first in zip(told_of, seen, strict=True):
        instants = [
            instant
            for contract, applied in records
            for version, instant in applied.items()
            if contract == one.key and version >= one.version
        ]
        assert first == min(instants, default=None)


# --- of a run ----------------------------------------------------------------------------------------

TROUBLED = """
name: troubled
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 7 d}
business: {contracts: 30, profile: flat, amendments: {per_contract_year: 6}, payments: {terms: {0: 1}}}
faults:
  - {kind: outage, system: billing, from: 2026-03-10 12:00, for: 30 h}
  - {kind: lost_response, system: erp, share: 0.1}
"""


@pytest.fixture(scope="module", params=["point-to-point", "event-driven"])
def run(request):
    return replicate(loads(TROUBLED, "troubled"), request.param, 1)


def test_every_published_event_is_measured_once(run):
    told = Counter(
        subject_of(event)
        for system in run.simulation.company.systems.values()
        for event in system.publisher.published
    )  # fmt: skip
    measured = {events.subject: len(events.committed_us) for events in business_events(run.simulation.company)}
    assert measured == dict(told)
    assert sum(told.values()) == len(run.simulation.trace.rows("events"))


def test_nothing_is_reflected_before_it_was_committed(run):
    for events in business_events(run.simulation.company):
        assert set(events.reflected_us) == set(TARGETS[events.subject])
        for instants in events.reflected_us.values():
            assert (instants > events.committed_us).all()


def test_what_a_layer_gave_up_never_arrives_and_what_it_keeps_does(run):
    never = sum(int((events.everywhere_us == NOT_YET_US).sum()) for events in business_events(run.simulation.company))
    dropped = run.simulation.surroundings.counts.dropped
    if run.document["layer"] == "event-driven":
        assert (never, dropped) == (0, 0)
    else:
        assert 0 < never <= dropped
