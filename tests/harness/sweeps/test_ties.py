"""Conclusions survive a random order of what happens at the same instant; one race was found by it."""

import pytest

from harness.sweeps.crash_points import crash_after
from harness.sweeps.trial import Trial
from sim.chance import Stream
from sim.clock import Clock

TIE_SEEDS = (1, 2, 3)

AT_ONCE = (
    "business.active_share=4",
    "business.first_of_month_share=1",
    *(f"systems.{name}.latency={{fixed: 10 ms}}" for name in ("billing", "erp", "revenue")),
    *(f"systems.{name}.service={{fixed: 100 ms}}" for name in ("billing", "erp", "revenue")),
    *(f"systems.{name}.delivery.delay={{fixed: 1 s}}" for name in ("billing", "revenue")),
)
"""Invoices of ten contracts are issued on the same morning, and everything about them takes the same time."""


def trial(layer, tie_seed, *overrides, **more):
    return Trial(layer, overrides=(f"tie_seed={tie_seed}", *overrides), **more)


# --- the clock ---------------------------------------------------------------------------------------


def order(clock, number=50):
    seen = []
    for each in range(number):
        clock.at(7, seen.append, each)
    clock.run_until(10)
    return seen


def test_without_ties_the_first_come_is_the_first_served():
    assert order(Clock()) == list(range(50))


def test_with_ties_the_order_is_another_for_each_seed_and_the_same_for_one():
    orders = [order(Clock(Stream(seed, "ties"))) for seed in (1, 1, 2)]

    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(each) == list(range(50)) != each for each in orders)


def test_events_are_counted_alike():
    plain, shuffled = Clock(), Clock(Stream(1, "ties"))
    order(plain), order(shuffled)

    assert plain.events == shuffled.events == 50


def test_what_is_to_come_first_comes_first_all_the_same():
    clock, seen = Clock(Stream(1, "ties")), []
    for each in range(20):
        clock.at(7, seen.append, each)
    clock.at_first(7, seen.append, "first")
    clock.run_until(10)

    assert seen[0] == "first"


def test_a_simpy_process_begins_before_what_is_due_at_the_same_instant():
    clock, seen = Clock(Stream(1, "ties")), []

    def process():
        seen.append("begun")
        yield clock.timeout(5)
        seen.append("done")

    def begin(_):
        clock.process(process())

    for each in range(9):
        clock.at(3, seen.append, each)
    clock.at_first(3, begin)
    clock.run_until(20)

    assert seen[0] == "begun"
    assert seen[-1] == "done"


# --- runs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tie_seed", TIE_SEEDS)
@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven", "canonical-hub", "hybrid:every=4h"])
def test_layers_that_keep_their_promises_keep_them_in_any_order_of_ties(layer, tie_seed):
    for scenario in ("quarter-end-spike", "duplicate-webhooks"):
        outcome = trial(layer, tie_seed, "business.contracts=60", scenario=scenario).run()
        assert outcome.broken == ()
        assert outcome.hits


@pytest.mark.parametrize("tie_seed", TIE_SEEDS)
def test_the_layer_that_promises_little_breaks_in_any_order_of_ties(tie_seed):
    outcome = trial("point-to-point", tie_seed, "business.contracts=60", scenario="duplicate-webhooks").run()

    assert any("duplicate" in line for line in outcome.wrong)


def test_another_order_of_ties_is_another_run_and_the_same_order_the_same():
    first, again, other = (trial("event-driven", seed, *AT_ONCE).run() for seed in (1, 1, 2))

    assert first == again
    assert first.fingerprint != other.fingerprint
    assert first.broken == other.broken == ()


@pytest.mark.parametrize(("tie_seed", "effect"), [(1, 39), (1, 44), (1, 46), (2, 42), (2, 47), (2, 49)])
def test_events_that_are_appended_to_the_log_together_survive_a_crash_between_them(tie_seed, effect):
    """Numbers given before the write ends could come to be in another order: an offset was skipped, or given twice."""
    outcome = trial("event-driven", tie_seed, *AT_ONCE).with_fault(crash_after(effect)).run()

    assert outcome.hits
    assert outcome.broken == ()
