"""An event reaches its subscriber at least once, late or twice if faults will have it so, or is given up."""

import pytest

from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Publisher
from sim.faults import DuplicateDelivery, LateDelivery, Outage
from sim.network import CAUSE, Wire
from sim.trace import Trace

SECOND = 1_000_000
TOLD = frozenset({"signed"})


class World:
    """A CRM that tells of `signed`, and a subscriber that notes what it is told and answers as `answers` says."""

    def __init__(self, *faults, answers=(), takes_us=0, retries_us=(10 * SECOND, 100 * SECOND)):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        policy = DeliveryPolicy(delay=constant(2 * SECOND), retries_us=retries_us, ack_timeout_us=5 * SECOND)
        self.publisher = Publisher(self.wire, "crm", policy=policy, faults=faults, stream=Stream(1, "deliveries"))
        self.told = []  # (instant, event id, cause)
        self._answers = list(answers)
        self._takes_us = takes_us
        self.publisher.subscribe("layer", self._hear, TOLD)

    async def _hear(self, event):
        self.told.append((self.clock.now, event.id, CAUSE.get()))
        if self._takes_us:
            await self.clock.sleep(self._takes_us)
        return self._answers.pop(0) if self._answers else True

    def tell(self, at_us, type_="signed", key="C-1"):
        self.clock.at(at_us, lambda _: self.publisher.publish(type_, key, 1, None) and None)

    def run(self, until_us=1_000 * SECOND):
        self.clock.run_until(until_us)
        (subscription,) = self.publisher.subscriptions
        return [at_us // SECOND for at_us, _, _ in self.told], subscription.fates()


def planned(kind, from_s, until_s, **fields):
    window = {"start_us": from_s * SECOND, "end_us": until_s * SECOND}
    return kind(name=kind.__name__, target="crm", **window, **fields)


def fates(**counts):
    return {"emitted": 1, "delivered": 0, "given_up": 0, "pending": 0} | counts


def test_an_event_travels_and_is_acknowledged():
    world = World()
    world.tell(SECOND)
    assert world.run() == ([3], fates(delivered=1))
    assert [row[1:] for row in world.wire.trace.rows("deliveries")] == [("layer", 1, 3 * SECOND, "accepted")]


def test_a_type_that_nobody_wants_is_told_to_nobody():
    world = World()
    world.tell(SECOND, type_="forgotten")
    assert world.run() == ([], fates(emitted=0))


def test_what_is_refused_comes_again_on_schedule_and_is_given_up_in_the_end():
    refused_once, refused = World(answers=[False]), World(answers=[False] * 3)
    for world in (refused_once, refused):
        world.tell(0)
    assert refused_once.run() == ([2, 14], fates(delivered=1))
    assert refused.run() == ([2, 14, 116], fates(given_up=1))


def test_what_is_not_answered_in_time_comes_again_though_the_first_is_still_at_work():
    world = World(takes_us=6 * SECOND)
    world.tell(0)
    assert world.run(30 * SECOND) == ([2, 19], fates(delivered=1))
    outcomes = [row[4] for row in world.wire.trace.rows("deliveries")]
    assert outcomes == ["unanswered", "accepted", "unanswered", "repeated"]


@pytest.mark.parametrize(("answer", "said"), [(None, "answered None"), (1, "answered 1")])
def test_an_answer_that_is_neither_yes_nor_no_is_the_layers_mistake(answer, said):
    world = World(answers=[answer])
    world.tell(0)
    with pytest.raises(TypeError, match=said):
        world.run()


# --- faults ------------------------------------------------------------------------------------------


def test_events_wait_while_their_source_is_down_and_the_outage_has_struck_each():
    down = planned(Outage, 10, 60)
    world = World(down)
    for at_s in (9, 10, 59, 60):
        world.tell(at_s * SECOND, key=f"C-{at_s}")
    assert world.run()[0] == [11, 62, 62, 62]
    assert down.hits == 2
    assert [row[3:] for row in world.wire.struck] == [("crm.signed", "C-10"), ("crm.signed", "C-59")]


def test_outages_that_meet_hold_an_event_until_the_last_is_over():
    first, second = planned(Outage, 10, 60), planned(Outage, 60, 90)
    world = World(second, first)
    world.tell(20 * SECOND)
    assert world.run()[0] == [92]
    assert (first.hits, second.hits) == (1, 1)


def test_faults_on_deliveries_are_asked_when_the_event_leaves_and_not_when_it_is_committed():
    """Committed in the first fault's window, sent in the second's."""
    down = planned(Outage, 10, 60)
    early = planned(LateDelivery, 0, 50, share_ppm=1_000_000, delay=constant(7 * SECOND))
    late = planned(LateDelivery, 50, 100, share_ppm=1_000_000, delay=constant(30 * SECOND))
    world = World(down, early, late)
    world.tell(20 * SECOND)
    assert world.run()[0] == [60 + 2 + 30]
    assert (early.hits, late.hits) == (0, 1)


def test_a_copy_comes_after_its_original_and_is_told_as_a_repeat():
    world = World(planned(DuplicateDelivery, 0, 10, share_ppm=1_000_000, gap=constant(4 * SECOND)))
    world.tell(0)
    assert world.run() == ([2, 6], fates(delivered=1))
    assert [row[4] for row in world.wire.trace.rows("deliveries")] == ["accepted", "repeated"]


# --- cause -------------------------------------------------------------------------------------------


def test_a_subscriber_works_on_the_event_it_is_told_of_and_nobody_else_does():
    world, seen = World(), []
    world.tell(0)

    async def elsewhere():
        seen.append(CAUSE.get())

    world.clock.at(3 * SECOND, lambda _: world.clock.spawn(elsewhere()) and None)
    world.run()
    assert [cause for _, _, cause in world.told] == [1]
    assert (seen, CAUSE.get()) == ([0], 0)
