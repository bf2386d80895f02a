"""A contract's events told in every order, with any of them twice, come to the same end; a gap is held and shown."""

from math import factorial

import pytest

from harness.sweeps.permutations import Tellings, tell, tellings
from sim.durations import MINUTE

IN_ANY_ORDER = ("process-orchestration", "event-driven", "canonical-hub", "hybrid:every=4h")
"""The layers that promise the right end in any order. Whoever promises it too, joins here."""


def test_there_are_as_many_tellings_as_orders_and_choices_of_what_comes_twice():
    every = list(tellings())

    assert len(every) == len(set(every)) == sum(factorial(events) * 2**events for events in range(1, 6)) == 4282
    assert every[:6] == [(1,), (1, 1), (1, 2), (1, 2, 1), (1, 2, 2), (1, 2, 1, 2)]


@pytest.mark.parametrize("gap_us", [0, MINUTE], ids=["at once", "a minute apart"])
@pytest.mark.parametrize("layer", IN_ANY_ORDER)
def test_up_to_five_events_in_any_order_any_of_them_twice_come_to_the_same_end(layer, gap_us, of_all):
    outcome, broken = tell(layer, of_all(list(tellings())), gap_us)

    assert broken == {}
    assert outcome.broken == ()


@pytest.mark.parametrize("tie_seed", [1, 2])
@pytest.mark.parametrize("layer", IN_ANY_ORDER)
def test_nor_does_it_matter_which_of_those_told_at_once_is_heard_first(layer, tie_seed):
    outcome, broken = tell(layer, list(tellings(4)), 0, tie_seed)

    assert broken == {}
    assert outcome.broken == ()


def test_in_strict_sequence_any_order_comes_to_the_same_end_too():
    outcome, broken = tell("event-driven:gate=sequence", list(tellings(4)), MINUTE)

    assert broken == {}
    assert outcome.broken == ()


def test_without_a_gate_just_the_tellings_that_do_not_end_with_the_newest_version_go_wrong():
    told = [telling for telling in tellings(4) if len(telling) == max(telling)]

    _, broken = tell("event-driven:gate=none", told, MINUTE)

    assert set(broken) == {telling for telling in told if telling[-1] != max(telling)}
    assert all("stale amendment" in "".join(lines) for lines in broken.values())


def test_a_layer_that_remembers_nothing_doubles_just_the_tellings_with_a_repeated_signing():
    told = [telling for telling in tellings(3) if telling[0] == 1]

    _, broken = tell("point-to-point", told, MINUTE)

    doubled = {telling for telling, lines in broken.items() if any("duplicate" in line for line in lines)}
    assert doubled == {telling for telling in told if telling.count(1) == 2}


@pytest.mark.parametrize("telling", [(1, 3), (3,), (2, 3), (1, 4), (1, 3, 4), (2, 4)])
def test_in_strict_sequence_what_comes_after_a_gap_is_held_and_shown_to_be(telling):
    outcome, broken = tell("event-driven:gate=sequence", [telling, (1, 2, 3, 4)], MINUTE)

    assert list(broken) == [telling]
    assert outcome.wrong == ()
    assert any("in hand" in line for line in outcome.absent)


@pytest.mark.parametrize("telling", [(1, 3), (3,), (2, 3), (1, 4), (2, 4)])
def test_with_full_states_a_gap_does_not_matter(telling):
    _, broken = tell("event-driven", [telling], MINUTE)

    assert broken == {}


def test_a_sweep_of_tellings_says_which_order_broke_it_and_what_shows_it_again():
    tried = Tellings("event-driven:gate=none", 2, MINUTE)

    assert tried.run().wrong[0].startswith("told 2, 1: stale amendment")
    assert tried.command == "tieout conformance event-driven:gate=none --only order"
