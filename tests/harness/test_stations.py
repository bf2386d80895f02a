"""One system's statistics are those counted by hand; a trace that its queue could not have made is found out."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stations import (
    Occupancy,
    Stays,
    bottleneck,
    flow_balance,
    little,
    replay,
    station_statistics,
    stays_of,
    utilisation_law,
)
from sim.errors import InvariantBroken
from sim.trace import Trace


def broken(law):
    return pytest.raises(InvariantBroken, match=re.escape(f"invariant broken: {law}: "))


# --- by hand -----------------------------------------------------------------------------------------


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
    trace.calls.extend(trace_of((2, 9), system="erp2").rows("calls"))
    trace.calls.extend(trace_of((3, 9), system="crm").rows("calls"))
    assert stays_of(trace, "erp").arrived_us.tolist() == [0]


def test_arrivals_of_one_instant_are_in_the_order_of_sending():
    trace = Trace()
    trace.calls.extend(reversed(trace_of((5, 9), (5, 7)).rows("calls")))  # rows are written when a call ends
    assert stays_of(trace, "erp").left_us.tolist() == [9, 7]


def test_an_unused_system_has_no_statistics_but_zeros():
    seen = station_statistics(Trace(), "erp", 3, 10)
    assert (seen.arrivals, seen.utilisation, seen.mean_wait_us, seen.peak) == (0, 0.0, 0.0, 0)


def test_a_stay_of_no_time_is_served_in_no_time():
    assert station_statistics(trace_of((5, 5), (5, 5)), "erp", 1, 10).busy_us == 0


# --- broken ------------------------------------------------------------------------------------------


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


def test_a_system_used_beyond_its_capacity_breaks_the_bottleneck_law():
    fine, over = (SimpleNamespace(system=name, utilisation=share) for name, share in (("crm", 0.9), ("erp", 1.01)))
    assert bottleneck([fine]).system == "crm"
    with broken("bottleneck"):
        bottleneck([fine, over])


def test_the_bottleneck_is_the_busiest_system():
    stations = [station_statistics(trace_of((0, 4)), "erp", capacity, 10) for capacity in (4, 1, 2)]
    assert bottleneck(stations).capacity == 1
    assert bottleneck([]) is None


@settings(max_examples=60)
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
    inside, horizon = stays_of(trace, "erp"), max(free) + 1
    most = max(Occupancy(inside, 0, horizon).inside.tolist(), default=0)
    assert replay(inside, capacity).tolist() == replay(inside, capacity, most).tolist() == starts
    seen = station_statistics(trace, "erp", capacity, horizon)
    assert seen.busy_us == sum(service for _, service in gaps_and_services)
    assert seen.mean_queue * horizon == pytest.approx(sum(s - a for s, (a, _) in zip(starts, stays, strict=True)))
