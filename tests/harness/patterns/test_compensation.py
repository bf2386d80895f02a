"""A step that is refused for good takes back what its saga made before it, once, whatever happens meanwhile."""

from collections import Counter

import pytest

from fakes.billing import Billing
from fakes.erp import Erp
from fakes.revenue import Revenue
from fakes.service import Refused
from harness.replication import replicate
from scenarios.load import loads
from sim.durations import HOUR

QUIET = """
name: quiet
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 0 d}
business: {contracts: 40, profile: flat, amendments: {per_contract_year: AMENDMENTS}}
faults: [FAULTS]
"""
CORES = {
    "erp": (Erp, "_create_order"),
    "revenue": (Revenue, "_create_contract"),
    "billing": (Billing, "_create_subscription"),
}


def quiet(layer="process-orchestration", seed=0, faults="", amendments=0):
    text = QUIET.replace("FAULTS", faults).replace("AMENDMENTS", str(amendments))
    return replicate(loads(text, "quiet"), layer, seed)


@pytest.fixture
def refusing(monkeypatch):
    """Has a system refuse the making of every fourth contract's copy, so many times: the refusals by contract."""

    def install(system, times):
        core, name = CORES[system]
        refused, make = Counter(), getattr(core, name)

        def picky(self, request, now_us):
            key = request.state.key
            if int(key[-2:]) % 4 == 0 and refused[key] < times:
                refused[key] += 1
                raise Refused(422, "no_legal_entity")
            return make(self, request, now_us)

        monkeypatch.setattr(core, name, picky)
        return refused

    return install


def live(copies):
    return [copy.contract for copy in copies if copy.void is None]


def notes(run, what):
    return Counter(row[4] for row in run.simulation.trace.rows("notes") if row[2] == what)


FOR_EVER = 10_000


def test_of_a_contract_that_billing_refuses_nothing_stays(refusing):
    refused = refusing("billing", FOR_EVER)
    run = quiet()
    books = run.books
    for copies in (books.orders, books.revenue_contracts, books.subscriptions):
        assert not refused.keys() & set(live(copies))
    assert refused and min(refused.values()) > 10
    assert {copy.void.reason for copy in books.orders if copy.void} == {"no_legal_entity"}
    assert all(
        run.document["missing"][kind] == len(refused) for kind in ("orders", "revenue_contracts", "subscriptions")
    )
    assert run.document["duplicates"]["orders"] == 0
    assert run.audit.unexplained == {}
    held = {(event.key, target) for event, target in run.simulation.layer.held()}
    assert held == {(key, target) for key in refused for target in ("erp", "revenue", "billing")}


def test_without_compensation_a_part_of_it_stays(refusing):
    refused = refusing("billing", FOR_EVER)
    run = quiet("process-orchestration:compensation=off")
    assert refused.keys() <= set(live(run.books.orders)) & set(live(run.books.revenue_contracts))
    assert run.document["metrics"]["compensations"] == 0
    missing = run.document["missing"]
    assert (missing["orders"], missing["subscriptions"]) == (0, len(refused))


@pytest.mark.parametrize(("system", "undone"), [("erp", 0), ("revenue", 1), ("billing", 2)])
def test_the_steps_before_the_one_refused_are_undone_and_the_saga_begins_anew(refusing, system, undone):
    refused = refusing(system, 3)
    run = quiet()
    assert len(refused) > 5 and set(refused.values()) == {3}
    assert run.document["metrics"]["compensations"] == 3 * undone * len(refused)
    assert notes(run, "compensated") == {key: 3 * undone for key in refused if undone}
    assert run.document["metrics"]["work_queue"]["open"] == 0
    assert run.audit.breaks == ()
    ever = run.document["metrics"]["duplicates_ever"]
    assert [ever[kind] for kind in ("orders", "revenue_contracts")] == [
        3 * len(refused) if undone > place else 0 for place in range(2)
    ]


def test_compensations_go_in_reverse_and_new_keys_make_new_copies(refusing):
    refused = refusing("billing", 1)
    run = quiet()
    key = next(iter(refused))
    order = ["erp.create_order", "revenue.create_contract", "billing.create_subscription"]
    back = ["revenue.void_contract", "erp.void_order"]
    told = [
        row[2]
        for row in run.simulation.trace.rows("calls")
        if row[3] == key and not row[2].partition(".")[2].startswith("find")
    ]
    assert told == [*order, *back, *order]
    ids = [one.external_id for one in run.books.orders if one.contract == key]
    assert ids == [f"contract->erp:{key}:1", f"contract->erp:{key}:1/2"]


def test_a_saga_waits_before_it_begins_anew(refusing):
    refused = refusing("revenue", 1)
    run = quiet()
    for key in refused:
        first, second = [one for one in run.books.orders if one.contract == key]
        assert second.created_us - first.void.at_us > HOUR


@pytest.mark.parametrize(("times", "signing_is_late"), [(199, True), (200, False)])
def test_an_amendment_that_comes_meanwhile_makes_what_was_undone_and_is_not_overwritten(
    refusing, times, signing_is_late
):
    """The two sagas of a contract come back in turn: whose turn it is when billing gives in makes the copies."""
    refusing("billing", times)
    run = quiet(amendments=40)
    assert (run.document["metrics"]["skipped"]["superseded"] > 10) == signing_is_late
    assert run.audit.breaks == ()


@pytest.mark.parametrize("gate", ["sequence", "fetch"])
def test_other_gates_let_what_was_undone_pass_again(refusing, gate):
    refusing("billing", 5)
    run = quiet(
        f"process-orchestration:gate={gate}",
        amendments=20,
        faults="{kind: out_of_order, system: crm, delay: {mean: 5 h}}",
    )
    assert run.document["metrics"]["compensations"] > 20
    assert run.audit.breaks == ()


def test_what_cannot_be_taken_back_stays_and_the_saga_goes_on_from_there(refusing, monkeypatch):
    refused = refusing("billing", 2)

    def recognised(self, request, now_us):
        raise Refused(409, "revenue_recognised")

    monkeypatch.setattr(Revenue, "_void_contract", recognised)
    run = quiet()
    assert set(notes(run, "not_compensated")) == set(refused)
    assert run.document["metrics"]["duplicates_ever"]["revenue_contracts"] == 0
    assert run.audit.breaks == ()


def test_who_sets_nothing_aside_drops_the_whole_saga(refusing):
    refused = refusing("billing", 1)
    run = quiet("process-orchestration:dead_letters=off")
    assert notes(run, "dropped") == dict.fromkeys(refused, 3)
    assert run.document["missing"]["orders"] == run.document["missing"]["subscriptions"] == len(refused)


# --- crashes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_crash_in_the_midst_of_it_compensates_nothing_twice_and_forgets_nothing(refusing, seed):
    refused = refusing("billing", 4)
    lost = ", ".join(f"{{kind: lost_response, system: {name}, share: 0.2}}" for name in ("erp", "revenue", "billing"))
    run = quiet(seed=seed, faults=f"{{kind: crash, every: 2 h, down: 5 s}}, {lost}")
    assert len(refused) > 5 and set(refused.values()) == {4}
    assert run.audit.breaks == ()
    assert run.document["metrics"]["in_hand"] == 0
    assert all(
        Counter(live(copies)).most_common(1)[0][1] == 1 for copies in (run.books.orders, run.books.revenue_contracts)
    )


ONE = """
name: one
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 0 d}
business: {contracts: 4, profile: flat, amendments: {per_contract_year: 0}}
faults: [{kind: crash, after_effect: NUMBER, down: 10 s}]
"""


def test_each_effect_of_a_saga_that_fails_can_be_its_last(refusing):
    def crashed(number):
        refused = refusing("billing", 2)
        return refused, replicate(loads(ONE.replace("NUMBER", str(number)), "one"), "process-orchestration", 1)

    refused, counted = crashed(1_000_000)
    assert refused and set(refused.values()) == {2}
    log = counted.simulation.host.effects.log
    first = next(place for place, what in enumerate(log) if what.startswith("call of revenue"))
    assert sum(what.startswith("call of revenue") for what in log) > 4
    for number in range(first, min(first + 130, len(log))):
        refused, run = crashed(number)
        assert run.audit.breaks == (), (number, log[number - 1])
        assert run.document["metrics"]["in_hand"] == 0


# --- synchronous orchestration -----------------------------------------------------------------------


def test_a_request_that_is_refused_leaves_nothing_of_a_new_contract(refusing):
    refused = refusing("billing", FOR_EVER)
    run = quiet("sync-orchestration")
    assert refused
    for copies in (run.books.orders, run.books.revenue_contracts, run.books.subscriptions):
        assert not refused.keys() & set(live(copies))
    given_up = [row for row in run.simulation.trace.rows("deliveries") if row[4] == "given_up"]
    assert len(given_up) == len(refused)


def test_without_compensation_a_refused_request_leaves_a_part(refusing):
    refused = refusing("billing", FOR_EVER)
    run = quiet("sync-orchestration:compensation=off")
    assert refused.keys() <= set(live(run.books.orders)) & set(live(run.books.revenue_contracts))


def test_a_request_that_is_told_again_succeeds_in_the_end(refusing):
    refused = refusing("billing", 2)
    patient = "systems.crm.delivery.ack_timeout=1 h"
    text = QUIET.replace("FAULTS", "").replace("AMENDMENTS", "0")
    run = replicate(loads(text, "quiet", [patient]), "sync-orchestration", 0)
    assert run.document["metrics"]["compensations"] == 4 * len(refused) > 0
    assert run.audit.breaks == ()


def test_past_the_pivot_there_is_no_way_but_forward(monkeypatch):
    """Billing has made the subscription and its answers are lost: the request finds out, and does not undo the rest."""
    lost = "{kind: lost_response, system: billing, share: 1, operations: [create_subscription]}"
    run = quiet("sync-orchestration", faults=lost)
    assert run.document["faults"][0]["hits"] > 40
    assert run.document["metrics"]["compensations"] == 0
    assert run.audit.breaks == ()
