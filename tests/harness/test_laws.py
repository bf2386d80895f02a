"""Runs obey the laws; a trace in which anything was changed, lost or doubled does not."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.records import JournalEntry
from harness.laws import (
    check_calls,
    effect_conservation,
    event_conservation,
    forced_flow,
    open_stays,
    posting_conservation,
    same_business,
    time_order,
    undisturbed,
    unfinished,
)
from harness.stations import station_statistics
from sim.chance import Stream, constant, exponential, lognormal
from sim.delivery import Event
from sim.errors import InvariantBroken
from sim.faults import Brownout, LostResponse, Outage
from sim.network import Limits
from sim.trace import Trace
from tests.sim.world import SECOND, World


def broken(law):
    return pytest.raises(InvariantBroken, match=re.escape(f"invariant broken: {law}: "))


# --- calls -------------------------------------------------------------------------------------------

GOOD = (1, 0, "erp.post", "C-1", 1, 10, 20, 30, 30, 40, "ok")


def calls(*rows):
    trace = Trace()
    trace.calls.extend(rows)
    return trace


def instead(**instants):
    names = ("call", "cause", "operation", "key", "occurrence", "sent", "arrived", "left", "committed", "answered")
    return tuple(instants.get(name, value) for name, value in zip((*names, "outcome"), GOOD, strict=True))


@pytest.mark.parametrize(
    "row",
    [
        GOOD,
        instead(left=-1, committed=-1),
        instead(committed=-1),
        instead(answered=15),
        instead(arrived=10, left=10, committed=10),
    ],
)
def test_calls_that_were_refused_failed_or_given_up_keep_the_order_of_time(row):
    time_order(calls(row))


@pytest.mark.parametrize("wrong", [{"arrived": 9}, {"left": 19, "committed": 19}, {"committed": 29}, {"answered": 9}])
def test_an_instant_out_of_order_is_found_with_its_call(wrong):
    with broken("time order") as error:
        time_order(calls(GOOD, instead(call=2, **wrong)))
    assert "call 2: its instants are" in str(error.value)


def test_calls_are_counted_by_outcome():
    trace = calls(GOOD, instead(call=2, outcome="too_late"), instead(call=4))
    assert forced_flow(trace, 5, [3, 5]) == {"ok": 2, "too_late": 1}
    assert forced_flow(Trace(), 0) == {}


@pytest.mark.parametrize(
    ("rows", "sent", "in_flight"),
    [([1, 2], 3, []), ([1, 2, 3], 2, []), ([1, 2, 2], 3, []), ([1, 2], 3, [2]), ([1, 2, 4], 3, []), ([1], 2, [2, 3])],
    ids=["one lost", "one invented", "one twice", "ended and in flight", "a stranger", "too many in flight"],
)  # fmt: skip
def test_a_call_without_exactly_one_end_breaks_forced_flow(rows, sent, in_flight):
    with broken("forced flow"):
        forced_flow(calls(*(instead(call=number) for number in rows)), sent, in_flight)


# --- whole runs --------------------------------------------------------------------------------------


def test_a_call_left_out_of_the_present_breaks_a_law_of_the_whole_run():
    world = World()
    world.send("a")
    world.send("b")
    world.clock.run_until(SECOND)
    world.server.present += 1
    with broken("flow balance"):
        check_calls(world.wire, [world.server], SECOND)


@settings(max_examples=40)
@given(
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.none() | st.integers(1, 6),
    st.integers(1, 60),
    st.integers(1, 90),
)
def test_every_run_obeys_the_laws_wherever_it_is_stopped(seed, capacity, concurrent, timeout_s, until_s):
    """Outages long and short, lost answers, limits and impatient clients included; calls in every state at the end."""
    world = World(
        Outage(name="o", target="erp", start_us=20 * SECOND, end_us=30 * SECOND, silent=seed % 2 == 0),
        Outage(name="p", target="erp", start_us=40 * SECOND, end_us=40 * SECOND + seed % SECOND),
        Brownout(name="b", target="erp", start_us=45 * SECOND, end_us=60 * SECOND, slow_percent=300),
        LostResponse(name="r", target="erp", start_us=0, end_us=1 << 50, share_ppm=200_000),
        seed=seed,
        capacity=capacity,
        service=lognormal(SECOND, 900),
        latency=exponential(SECOND // 5),
        limits=Limits(concurrent=concurrent),
    )
    draws, gaps = Stream(seed, "arrivals"), exponential(SECOND // 2)

    async def arrivals():
        for number in range(100):
            await world.clock.sleep(gaps.draw(draws.word(number) >> 32))
            world.send(str(number % 7), timeout_s * SECOND)

    world.clock.spawn(arrivals())
    world.clock.run_until(until_s * SECOND)
    seen = check_calls(world.wire, [world.server], until_s * SECOND)["erp"]
    assert seen.arrivals - seen.departures == world.server.present
    assert seen.mean_queue * seen.window_us >= 0
    assert 0 <= seen.utilisation <= 1
    half_us = until_s * SECOND // 2
    present, gone = open_stays(world.clock, world.server)
    first, second = (
        station_statistics(world.wire.trace, "erp", capacity, until, from_us=start, present=present, gone=gone).busy_us
        for start, until in ((0, half_us), (half_us, until_s * SECOND))
    )
    assert first + second == seen.busy_us


def test_calls_in_flight_are_those_the_kernel_has_yet_to_move_on():
    world = World(latency=constant(SECOND), service=constant(10 * SECOND))
    world.send("impatient", timeout_us=2 * SECOND)
    world.clock.run_until(5 * SECOND)
    world.send("on its way")
    world.clock.run_until(5 * SECOND)
    assert [call.key for call in unfinished(world.clock)] == ["impatient", "on its way"]
    assert open_stays(world.clock, world.server) == ([SECOND], [])

    world.clock.run_until(11 * SECOND + SECOND // 2)  # the first is done, the second in service
    assert [call.key for call in unfinished(world.clock)] == ["on its way"]
    assert open_stays(world.clock, world.server) == ([6 * SECOND], [])

    world.clock.run_until(21 * SECOND + SECOND // 2)  # served, its answer on the way
    assert open_stays(world.clock, world.server) == ([], [(2, 6 * SECOND, 21 * SECOND)])
    check_calls(world.wire, [world.server], world.clock.now)

    world.clock.run_until(30 * SECOND)
    assert unfinished(world.clock) == []
    assert forced_flow(world.wire.trace, world.wire.calls) == {"ok": 1, "too_late": 1}


# --- events ------------------------------------------------------------------------------------------


def told(*deliveries, events=4):
    """A trace of `events` events and of (event, subscriber, outcome) deliveries."""
    trace = Trace()
    trace.events.extend((number, 0, "crm.contract_signed", f"C-{number}", 1, number) for number in range(1, events + 1))
    trace.deliveries.extend((event, subscriber, 1, 50, outcome) for event, subscriber, outcome in deliveries)
    return trace


DELIVERED = [(1, "layer", "accepted"), (1, "layer", "repeated"), (2, "layer", "refused"), (2, "layer", "accepted"),
             (3, "layer", "unanswered"), (3, "layer", "given_up"), (4, "layer", "refused")]  # fmt: skip
TOTALS = {"emitted": 4, "delivered": 2, "pending": 1, "given_up": 1}


def test_every_event_is_delivered_pending_or_given_up():
    event_conservation(told(*DELIVERED), {"layer": TOTALS})
    event_conservation(told(*DELIVERED), {"layer": {**TOTALS, "pending": 0, "superseded": 1}})
    event_conservation(told(), {"layer": {"emitted": 0}})


def test_an_event_accepted_after_it_was_given_up_is_delivered():
    late = told((1, "layer", "given_up"), (1, "layer", "accepted"), events=1)
    event_conservation(late, {"layer": {"emitted": 1, "delivered": 1}})
    with broken("event conservation"):
        event_conservation(late, {"layer": {"emitted": 2, "delivered": 1, "given_up": 1}})


@pytest.mark.parametrize(
    ("totals", "told_as"),
    [
        (
            {**TOTALS, "emitted": 5},
            "events emitted, and delivered + superseded + pending + given_up + passed_over: 5 and 4",
        ),
        ({**TOTALS, "delivered": 3, "pending": 0}, "events delivered, and accepted in the trace: 3 and 2"),
        ({**TOTALS, "given_up": 0, "pending": 2}, "events given up, and in the trace: 0 and 1"),
        ({**TOTALS, "pending": 2, "superseded": -1}, "its counts are"),
        ({**TOTALS, "mislaid": 0}, "its counts are"),
    ],
)
def test_an_event_unaccounted_for_breaks_conservation(totals, told_as):
    with broken("event conservation") as error:
        event_conservation(told(*DELIVERED), {"layer": totals})
    assert told_as in str(error.value)


def test_each_subscriber_has_an_account_of_its_own():
    two = told((1, "a", "accepted"), (1, "b", "accepted"), (2, "b", "accepted"))
    event_conservation(two, {"a": {"emitted": 1, "delivered": 1}, "b": {"emitted": 2, "delivered": 2}})
    with broken("event conservation"):
        event_conservation(two, {"a": {"emitted": 2, "delivered": 2}})


def test_an_event_delivered_and_never_emitted_breaks_conservation():
    with broken("event conservation"):
        event_conservation(told((9, "layer", "accepted")), {})


AMENDED = Event(7, "crm", "contract_amended", "C-1", 2, 50, None)


def noted(*notes, event=7):
    trace = Trace()
    trace.notes.extend((60, event, what, where, key) for what, where, key in notes)
    return trace


@pytest.mark.parametrize(
    ("queued", "notes", "given_up"),
    [
        ({("amendment->erp", "C-1", 2)}, [], ()),
        ((), [("dropped", "erp", "C-1")], ()),
        ({("amendment->erp", "C-1", 3)}, [], ()),
        ((), [("forgotten", "erp", "C-1")], ()),
        ((), [], {7}),
    ],
)
def test_an_event_that_has_not_arrived_is_in_hand_or_was_let_go(queued, notes, given_up):
    effect_conservation([("erp", AMENDED)], queued, noted(*notes), given_up)


@pytest.mark.parametrize(
    ("queued", "notes", "given_up"),
    [
        ((), [], ()),
        ({("amendment->erp", "C-1", 1)}, [], ()),
        ({("amendment->billing", "C-1", 2)}, [], ()),
        ((), [("dropped", "billing", "C-1"), ("posted_late", "erp", "C-1")], ()),
        ((), [], {8}),
    ],
)
def test_an_event_that_was_forgotten_breaks_conservation(queued, notes, given_up):
    with broken("event conservation") as error:
        effect_conservation([("erp", AMENDED)], queued, noted(*notes), given_up)
    assert "contract_amended C-1 version 2 is not in erp, and nobody knows why" in str(error.value)


def test_that_an_older_event_of_the_contract_was_let_go_excuses_no_newer_one():
    with broken("event conservation"):
        effect_conservation([("erp", AMENDED)], (), noted(("dropped", "erp", "C-1"), event=6))


@pytest.mark.parametrize("outcome", ["ok", "lost_response"])
def test_a_newer_event_is_void_with_the_copy_that_a_layer_set_out_to_undo(outcome):
    trace = noted(("undoing", "erp", "C-1"), event=6)
    trace.calls.append((1, 6, "erp-north.void_order", "C-1", 1, 60, 61, 62, 62, 70, outcome))
    effect_conservation([("erp", AMENDED)], (), trace)


@pytest.mark.parametrize(("word", "void_us"), [("undoing", -1), ("dropped_in", 62)])
def test_nothing_is_void_that_the_target_did_not_void_or_the_layer_did_not_mean_to(word, void_us):
    trace = noted((word, "erp", "C-1"), event=6)
    trace.calls.append((1, 6, "erp.void_order", "C-1", 1, 60, 61, void_us, void_us, 70, "lost_response"))
    with broken("event conservation"):
        effect_conservation([("erp", AMENDED)], (), trace)


def test_what_was_parked_is_in_somebodys_hands_or_lost():
    with broken("event conservation"):
        effect_conservation([("erp", AMENDED)], (), noted(("parked", "erp", "C-1")))


# --- books -------------------------------------------------------------------------------------------


def entry(number, *minor):
    postings = tuple(("1100", "C-1", amount) for amount in minor)
    return JournalEntry(f"JE-{number}", "receivables", "inv-1", "C-1", "USD", 0, 0, 0, postings)


def test_entries_whose_debits_equal_their_credits_conserve_postings():
    posting_conservation([entry(1, 500, -500), entry(2, 300, -100, -200), entry(3)])


def test_an_entry_off_by_a_cent_is_named():
    with broken("posting conservation") as error:
        posting_conservation([entry(1, 500, -500), entry(2, 500, -499)])
    assert "JE-2: its postings sum to 1 USD minor units" in str(error.value)


def test_two_entries_off_by_opposite_amounts_are_both_wrong():
    """In total they cancel; no entry may lean on another."""
    with broken("posting conservation"):
        posting_conservation([entry(1, 500), entry(2, -500)])


def test_a_subledger_agrees_with_its_control_account():
    posting_conservation([], {"accounts receivable": (700, 700)})
    with broken("posting conservation") as error:
        posting_conservation([], {"accounts receivable": (700, 699)})
    assert "accounts receivable: minor units on its two sides: 700 and 699" in str(error.value)


# --- runs --------------------------------------------------------------------------------------------


def test_all_layers_of_a_seed_have_the_same_business():
    same_business({"point-to-point": "abc", "event-driven": "abc"}, 3)
    with broken("replay") as error:
        same_business({"point-to-point": "abc", "event-driven": "abd"}, 3)
    assert "event-driven with seed 3" in str(error.value)


def broken_by(kinds, amount_minor=0):
    return {"open_at_close": sum(kinds.values()), "amount_minor": amount_minor, "by_kind": kinds}


def quiet(**fields):
    document = {
        "layer": "point-to-point", "seed": 3, "faults": [{"hits": 0}],
        "calls": [{"outcome": "ok", "count": 9}, {"outcome": "too_late", "count": 0}],
        "duplicates": {"invoices": 0}, "missing": {"orders": 0}, "breaks": broken_by({}),
    }  # fmt: skip
    return document | fields


@pytest.mark.parametrize(
    "wrong",
    [
        {"duplicates": {"invoices": 1}},
        {"missing": {"orders": 2}},
        {"breaks": broken_by({"duplicate": 1})},
        {"breaks": broken_by({"wrong_period": 1, "duplicate": 1})},
        {"breaks": broken_by({}, amount_minor=1)},
    ],
)
def test_a_run_that_nothing_disturbed_has_no_breaks(wrong):
    undisturbed(quiet())
    with broken("no faults, no breaks") as error:
        undisturbed(quiet(**wrong))
    assert "point-to-point with seed 3" in str(error.value)


@pytest.mark.parametrize(
    "disturbed", [{"faults": [{"hits": 1}]}, {"calls": [{"outcome": "too_late", "count": 1}]}], ids=["fault", "timeout"]
)
def test_a_disturbed_run_may_have_breaks(disturbed):
    undisturbed(quiet(duplicates={"invoices": 1}, **disturbed))


def test_a_world_that_is_slow_by_itself_may_post_late():
    undisturbed(quiet(breaks=broken_by({"wrong_period": 3}, amount_minor=700)))


BROKEN = quiet(duplicates={"invoices": 1})


def versions(*deliveries, outcome="accepted"):
    """A trace of deliveries (subscriber, key, version), of events committed in the order of their versions."""
    trace = Trace()
    events = sorted({(version, key) for _, key, version in deliveries})
    trace.events.extend((n, 0, "crm.contract_amended", key, v, n) for n, (v, key) in enumerate(events, start=1))
    numbers = {event: number for number, event in enumerate(events, start=1)}
    trace.deliveries.extend((numbers[v, key], subscriber, 1, 50, outcome) for subscriber, key, v in deliveries)
    return trace


@pytest.mark.parametrize(
    "trace",
    [
        versions(("a", "C-1", 2), ("a", "C-1", 1)),
        versions(("a", "C-1", 1), ("a", "C-2", 1), ("a", "C-1", 3), ("a", "C-1", 2)),
        versions(("a", "C-1", 1), outcome="refused"),
        versions(("a", "C-1", 1), outcome="repeated"),
        calls(instead(outcome="too_late")),
    ],
    ids=["overtaken", "overtaken later", "told again", "told twice", "a timeout in the lead-in"],
)
def test_disorder_without_a_fault_is_a_disturbance_too(trace):
    undisturbed(BROKEN, trace)
    with broken("no faults, no breaks"):
        undisturbed(BROKEN)


@pytest.mark.parametrize(
    "trace",
    [
        Trace(),
        versions(("a", "C-1", 1), ("a", "C-2", 1), ("a", "C-1", 2), ("a", "C-2", 2)),
        versions(("a", "C-1", 1), ("a", "C-1", 2), ("b", "C-1", 1), ("b", "C-1", 2)),
        versions(("a", "C-2", 2), ("a", "C-1", 1)),
        calls(GOOD),
    ],
    ids=["nothing", "two contracts", "two subscribers", "another contract", "an answered call"],
)
def test_an_orderly_trace_excuses_nothing(trace):
    with broken("no faults, no breaks"):
        undisturbed(BROKEN, trace)
