"""Runs obey the laws; a trace in which anything was changed, lost or doubled does not."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.records import JournalEntry, Posting
from harness.laws import (
    Occupancy,
    Stays,
    bottleneck,
    check_calls,
    document_conservation,
    event_conservation,
    flow_balance,
    forced_flow,
    little,
    open_stays,
    posting_conservation,
    replay,
    same_run,
    station_statistics,
    stays_of,
    time_order,
    undisturbed,
    unfinished,
    utilisation_law,
)
from sim.chance import Stream, constant, exponential, lognormal
from sim.clock import Clock
from sim.errors import InvariantBroken
from sim.faults import LostResponse, Outage, Watch
from sim.network import Limits, Response, Server, Station, Wire
from sim.trace import Trace

SECOND = 1_000_000


def broken(law):
    return pytest.raises(InvariantBroken, match=re.escape(f"invariant broken: {law}: "))


# --- one system, by hand -----------------------------------------------------------------------------


def trace_of(*stays, system="erp"):
    """A trace with one answered call for each (arrival, departure); a departure of -1 was refused at the door."""
    trace = Trace()
    for number, (arrived, left) in enumerate(stays, start=1):
        outcome = "ok" if left >= 0 else "throttled"
        row = (number, 0, f"{system}.post", f"C-{number}", 1, arrived, arrived, left, left, max(arrived, left), outcome)
        trace.calls.append(row)
    return trace


def test_the_statistics_of_a_small_queue_are_counted_by_hand():
    """One slot; stays 0–4, 1–6 and 2–7: services of 4, 2 and 1, waits of 0, 3 and 4; the last refused."""
    seen = station_statistics(trace_of((0, 4), (1, 6), (2, 7), (3, -1)), "erp", 1, 10)
    assert (seen.arrivals, seen.departures, seen.busy_us, seen.peak, seen.peak_queue) == (3, 3, 7, 3, 2)
    assert (seen.utilisation, seen.mean_inside, seen.mean_queue) == (0.7, 1.4, 0.7)
    assert (seen.mean_wait_us, seen.mean_sojourn_us) == (7 / 3, 14 / 3)
    assert seen.headroom == 1 / 0.7


def test_two_slots_share_the_work():
    seen = station_statistics(trace_of((0, 4), (1, 6), (2, 7)), "erp", 2, 10)
    assert (seen.busy_us, seen.utilisation, seen.peak, seen.peak_queue) == (12, 0.6, 3, 1)
    assert seen.mean_wait_us == 2 / 3


def test_a_window_counts_only_what_falls_into_it():
    """From 3 to 5: three inside at first, one leaves at 4, none arrives."""
    seen = station_statistics(trace_of((0, 4), (1, 6), (2, 7), (8, 9)), "erp", 1, 5, from_us=3)
    assert (seen.window_us, seen.arrivals, seen.departures, seen.busy_us) == (2, 0, 1, 2)
    assert (seen.mean_inside, seen.mean_queue, seen.peak) == (2.5, 1.5, 3)


def test_who_is_still_inside_at_the_end_counts_up_to_the_end():
    seen = station_statistics(trace_of((0, 4)), "erp", 1, 10, present=[2, 3])
    assert (seen.arrivals, seen.departures, seen.busy_us) == (3, 1, 10)
    assert seen.mean_inside == (4 + 8 + 7) / 10
    assert seen.mean_wait_us == 1.0


def test_who_has_left_without_a_row_counts_as_served():
    with_row = station_statistics(trace_of((0, 4), (1, 6)), "erp", 1, 10)
    assert station_statistics(trace_of((0, 4)), "erp", 1, 10, gone=[(2, 1, 6)]) == with_row


def test_who_has_left_without_a_row_keeps_its_place_among_those_who_arrived_with_it():
    """Call 1 was served before call 2, though only call 2 has its row."""
    trace = Trace()
    trace.calls.append((2, 0, "erp.post", "C-2", 1, 3, 3, 8, 8, 8, "ok"))
    seen = station_statistics(trace, "erp", 1, 10, gone=[(1, 3, 5)])
    assert (seen.busy_us, seen.mean_wait_us) == (5, 1.0)


def test_who_is_inside_may_have_arrived_with_those_who_have_left():
    seen = station_statistics(trace_of((3, 5), (3, 8)), "erp", 1, 10, present=[3])
    assert (seen.busy_us, seen.mean_wait_us) == (7, 7 / 3)


def test_other_systems_and_refused_calls_are_not_inside():
    trace = trace_of((0, 4), (1, -1))
    trace.calls.extend(trace_of((2, 9), system="erp2").calls)
    trace.calls.extend(trace_of((3, 9), system="crm").calls)
    assert stays_of(trace, "erp").arrived_us.tolist() == [0]


def test_arrivals_of_one_instant_are_in_the_order_of_sending():
    trace = trace_of((5, 9), (5, 7))
    trace.calls.reverse()  # rows are written when a call ends
    assert stays_of(trace, "erp").left_us.tolist() == [9, 7]


def test_an_unused_system_has_no_statistics_but_zeros():
    seen = station_statistics(Trace(), "erp", 3, 10)
    assert (seen.arrivals, seen.utilisation, seen.mean_wait_us, seen.peak) == (0, 0.0, 0.0, 0)
    assert seen.headroom == float("inf")


def test_a_stay_of_no_time_is_served_in_no_time():
    assert station_statistics(trace_of((5, 5), (5, 5)), "erp", 1, 10).busy_us == 0


# --- one system, broken ------------------------------------------------------------------------------


def test_who_leaves_before_a_slot_was_free_breaks_first_come_first_served():
    with broken("first come, first served") as error:
        station_statistics(trace_of((0, 4), (1, 3)), "erp", 1, 10)
    assert "arrived at 1 µs left at 3 µs, but no slot of 1 was free for it before 4 µs (1 such calls)" in str(
        error.value
    )


def test_more_at_once_than_there_are_slots_breaks_first_come_first_served():
    calls = [(0, 10), (0, 10), (0, 9)]
    assert station_statistics(trace_of(*calls), "erp", 3, 10).busy_us == 29
    with broken("first come, first served"):
        station_statistics(trace_of(*calls), "erp", 2, 10)


def test_who_leaves_before_arriving_breaks_first_come_first_served():
    with broken("first come, first served"):
        station_statistics(trace_of((4, 2)), "erp", 1, 10)


def stays(*pairs):
    return stays_of(trace_of(*pairs), "erp")


def test_a_number_inside_below_zero_breaks_flow_balance():
    wrong = stays((4, 2), (6, 8))
    with broken("flow balance") as error:
        flow_balance(wrong, Occupancy(wrong, 0, 10))
    assert "the number inside falls to -1" in str(error.value)


def test_arrivals_that_the_number_inside_does_not_show_break_flow_balance():
    with broken("flow balance"):
        flow_balance(stays((0, 4), (1, 20)), Occupancy(stays((0, 4), (1, 6)), 0, 10))


def test_times_inside_that_do_not_add_up_break_littles_law():
    right = stays((0, 4), (1, 6))
    assert little(right, Occupancy(right, 0, 10)) == 9
    with broken("Little's law") as error:
        little(Stays("erp", right.arrived_us, right.left_us + 1), Occupancy(right, 0, 10))
    assert "9 and 11" in str(error.value)


def test_services_that_the_slots_did_not_give_break_the_utilisation_law():
    right = stays((0, 4), (1, 6))
    assert utilisation_law(right, replay(right, 1), Occupancy(right, 0, 10), 1) == 6
    with broken("utilisation law"):
        utilisation_law(right, right.arrived_us, Occupancy(right, 0, 10), 1)


def test_a_call_left_out_of_the_present_breaks_a_law_of_the_whole_run():
    world = World()
    world.send("a")
    world.send("b")
    world.clock.run_until(SECOND)
    world.server.present += 1
    with broken("flow balance"):
        check_calls(world.wire, [world.server], SECOND)


def test_a_system_used_beyond_its_capacity_breaks_the_bottleneck_law():
    fine, over = (SimpleNamespace(system=name, utilisation=share) for name, share in (("crm", 0.9), ("erp", 1.01)))
    assert bottleneck([fine]).system == "crm"
    with broken("bottleneck"):
        bottleneck([fine, over])


def test_the_bottleneck_is_the_busiest_system():
    stations = [station_statistics(trace_of((0, 4)), "erp", capacity, 10) for capacity in (4, 1, 2)]
    assert bottleneck(stations).capacity == 1
    assert bottleneck([]) is None


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


class Post:
    """A request."""


class World:
    """A server on a wire, under faults."""

    def __init__(self, *faults, seed=1, **station):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        station = {"capacity": 1, "service": constant(SECOND), "latency": constant(0)} | station
        self.server = Server(
            self.wire,
            "erp",
            serve=lambda request, key, now_us: Response(200),
            operations={Post: "post"},
            station=Station(**station),
            watch=Watch(faults),
            stream=Stream(seed, "erp"),
        )

    def send(self, key, timeout_us=60 * SECOND):
        self.server.send(Post(), key, None, timeout_us).then(lambda _: None)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.none() | st.integers(1, 6),
    st.integers(1, 60),
    st.integers(1, 90),
)
def test_every_run_obeys_the_laws_wherever_it_is_stopped(seed, capacity, concurrent, timeout_s, until_s):
    """Outages, lost answers, limits and impatient clients included; calls in every state at the end."""
    world = World(
        Outage(name="o", target="erp", start_us=20 * SECOND, end_us=30 * SECOND, silent=seed % 2 == 0),
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


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_queue_served_in_turn_can_be_replayed_exactly(data):
    """From arrivals and departures alone the replay finds when each service began."""
    capacity = data.draw(st.integers(1, 3))
    gaps_and_services = data.draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20)), max_size=25))
    free, now, stays, starts = [0] * capacity, 0, [], []
    for gap, service in gaps_and_services:
        now += gap
        slot = min(range(capacity), key=free.__getitem__)
        starts.append(max(now, free[slot]))
        free[slot] = starts[-1] + service
        stays.append((now, free[slot]))
    trace = trace_of(*stays)
    assert replay(stays_of(trace, "erp"), capacity).tolist() == starts
    horizon = max(free) + 1
    seen = station_statistics(trace, "erp", capacity, horizon)
    assert seen.busy_us == sum(service for _, service in gaps_and_services)
    assert seen.mean_queue * horizon == pytest.approx(sum(s - a for s, (a, _) in zip(starts, stays, strict=True)))


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
        ({**TOTALS, "emitted": 5}, "events emitted, and delivered + superseded + pending + given_up: 5 and 4"),
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


# --- books -------------------------------------------------------------------------------------------


def entry(number, *minor):
    postings = tuple(Posting("1100", "C-1", amount) for amount in minor)
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


def test_documents_are_distinct_keys_and_duplicates():
    document_conservation(["a", "b", "a", "a"], 2)
    with broken("posting conservation"):
        document_conservation(["a", "b", "a", "a"], 1)


# --- runs --------------------------------------------------------------------------------------------


def test_a_repeated_run_has_the_same_fingerprint():
    same_run("abc", "abc")
    with broken("replay"):
        same_run("abc", "abd")


def quiet(**fields):
    document = {
        "layer": "point-to-point", "seed": 3, "faults": [{"hits": 0}],
        "calls": [{"outcome": "ok", "count": 9}, {"outcome": "too_late", "count": 0}],
        "duplicates": {"invoices": 0}, "missing": {"orders": 0}, "breaks": {"open_at_close": 0, "amount_minor": 0},
    }  # fmt: skip
    return document | fields


@pytest.mark.parametrize(
    "wrong",
    [
        {"duplicates": {"invoices": 1}},
        {"missing": {"orders": 2}},
        {"breaks": {"open_at_close": 1, "amount_minor": 0}},
        {"breaks": {"open_at_close": 0, "amount_minor": 1}},
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
