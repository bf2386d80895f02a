"""A fault that strikes one alone strikes the n-th that it concerns, whatever the draws, and no other."""

import pytest

from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Publisher
from sim.faults import LostResponse, Outage
from sim.network import Wire
from sim.singled_out import OneDuplicateDelivery, OneLostRequest, OneLostResponse
from sim.trace import Trace
from tests.sim.world import MINUTE, SECOND, World

EVER = 1 << 50


def one(kind, nth, start_us=0, target="erp", **fields):
    return kind(name=f"{kind.__name__} {nth}", target=target, start_us=start_us, end_us=EVER, nth=nth, **fields)


def outcomes(*faults, calls=6):
    """How each of several calls, a minute apart, was answered; and the numbers of those that were committed."""
    world = World(*faults)
    tasks = [world.ask(number * MINUTE, str(number), 10 * SECOND) for number in range(1, calls + 1)]
    world.run(60 * MINUTE)
    return [task.result[1] for task in tasks], [int(operation) for operation, _ in world.commits]


@pytest.mark.parametrize("nth", [1, 4, 6])
def test_the_nth_answer_alone_is_lost_after_the_work_is_done(nth):
    lost = one(OneLostResponse, nth)
    words, commits = outcomes(lost)
    assert [number for number, word in enumerate(words, start=1) if word == "timeout"] == [nth]
    assert commits == [1, 2, 3, 4, 5, 6]
    assert lost.hits == 1


@pytest.mark.parametrize("nth", [1, 4, 6])
def test_the_nth_request_alone_is_lost_before_anything_is_done(nth):
    lost = one(OneLostRequest, nth)
    words, commits = outcomes(lost)
    assert [number for number, word in enumerate(words, start=1) if word == "timeout"] == [nth]
    assert commits == [number for number in range(1, 7) if number != nth]
    assert lost.hits == 1


def test_more_calls_than_there_are_strike_none():
    lost = one(OneLostResponse, 7)
    assert outcomes(lost)[0] == ["ok"] * 6
    assert lost.hits == 0


def test_counting_begins_with_the_window():
    lost = one(OneLostResponse, 2, start_us=2 * MINUTE + SECOND // 2)  # the second call is in service then
    assert outcomes(lost)[0] == ["ok", "ok", "timeout", "ok", "ok", "ok"]


def test_calls_that_a_fault_does_not_concern_do_not_count():
    lost = one(OneLostResponse, 1, only=frozenset({"find"}))
    assert outcomes(lost)[0] == ["ok"] * 6


@pytest.mark.parametrize("kind", [OneLostRequest, OneLostResponse])
def test_two_of_them_count_alike_whichever_of_them_decides(kind):
    """The fourth is the fourth, though the third never got as far as to be asked about by the fault on the fourth."""
    words, _ = outcomes(one(kind, 3), one(kind, 4), one(kind, 5))
    assert words == ["ok", "ok", "timeout", "timeout", "timeout", "ok"]


def test_what_another_fault_loses_counts_too():
    always = LostResponse(name="always", target="erp", start_us=0, end_us=3 * MINUTE, share_ppm=1_000_000)
    words, _ = outcomes(always, one(OneLostResponse, 4))
    assert words == ["timeout", "timeout", "ok", "timeout", "ok", "ok"]


# --- deliveries --------------------------------------------------------------------------------------


def heard(*faults, answers=(), subscribers=1):
    """What each subscriber heard of three events, told a minute apart: (subscriber, event), in order."""
    clock, told, answers = Clock(), [], list(answers)
    policy = DeliveryPolicy(delay=constant(SECOND), retries_us=(10 * SECOND,), ack_timeout_us=5 * SECOND)
    publisher = Publisher(Wire(clock, Trace()), "crm", policy=policy, faults=faults, stream=Stream(1, "deliveries"))

    def subscriber(name):
        async def hear(event):
            told.append((name, event.id))
            return answers.pop(0) if answers else True

        return hear

    for number in range(subscribers):
        publisher.subscribe(f"s{number}", subscriber(number), frozenset({"signed"}))
    for number in range(3):
        clock.at(number * MINUTE, lambda _: publisher.publish("signed", "C-1", 1, None) and None)
    clock.run_until(10 * MINUTE)
    return told


def doubled(nth, **fields):
    return one(OneDuplicateDelivery, nth, target="crm", gap=constant(2 * SECOND), **fields)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_the_nth_delivery_alone_goes_out_twice(nth):
    fault = doubled(nth)
    assert heard(fault) == sorted([(0, 1), (0, 2), (0, 3), (0, nth)])
    assert fault.hits == 1


def test_deliveries_to_each_subscriber_count():
    assert heard(doubled(4), subscribers=2) == [(0, 1), (1, 1), (0, 2), (1, 2), (1, 2), (0, 3), (1, 3)]


def test_what_is_told_again_is_not_counted():
    assert heard(doubled(2), answers=[False]) == [(0, 1), (0, 1), (0, 2), (0, 2), (0, 3)]


def test_what_an_outage_holds_up_counts_once_and_when_it_is_sent():
    down = Outage(name="down", target="crm", start_us=MINUTE, end_us=3 * MINUTE)
    assert heard(down, doubled(2)) == [(0, 1), (0, 2), (0, 3), (0, 2)]
