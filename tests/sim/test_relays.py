"""Outbound messages bear the record as it is and lose what lay between; an outbox loses nothing and keeps the order."""

from functools import partial

import pytest

from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Publisher
from sim.faults import DuplicateDelivery, Outage
from sim.network import Wire
from sim.relays import DROPPED_AFTER_US, FIRST_GAP_US, GAP_MAX_US, DualWrite, OutboundMessages, Outbox
from sim.trace import Trace

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
TYPES = frozenset({"changed"})


class World:
    """A CRM that tells of changes through a relay; a subscriber notes what it hears, and is deaf in some windows."""

    def __init__(self, relay, *faults, deaf=(), retries_us=(10 * SECOND, 100 * SECOND)):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        policy = DeliveryPolicy(delay=constant(2 * SECOND), retries_us=retries_us, ack_timeout_us=5 * SECOND)
        self.publisher = Publisher(self.wire, "crm", policy=policy, faults=faults, stream=Stream(1, "deliveries"))
        self.heard = []  # (second, key, version) of what was acknowledged
        self.refused_us = []
        self._deaf = deaf
        self.relay = relay(self.wire, self.publisher, "layer", self._hear, TYPES)

    async def _hear(self, event):
        now_us = self.clock.now
        if any(from_us <= now_us < until_us for from_us, until_us in self._deaf):
            self.refused_us.append(now_us)
            return False
        self.heard.append((now_us // SECOND, event.key, event.version))
        return True

    def change(self, at_us, version=1, key="C-1", type_="changed"):
        def publish(_):
            self.publisher.publish(type_, key, version, None)
            self.publisher.hand_over()

        self.clock.at(at_us, publish)

    def run(self, until_us=10 * DAY):
        self.clock.run_until(until_us)
        (subscription,) = self.publisher.subscriptions
        fates = subscription.fates()
        assert fates["emitted"] == sum(count for fate, count in fates.items() if fate != "emitted")
        pending = subscription.pending(self.publisher.published)
        assert len(pending) == fates["pending"]
        return fates


def fates(**counts):
    return {"emitted": 1, "delivered": 0, "given_up": 0, "pending": 0} | counts


def outage(from_us, until_us):
    return Outage(name="outage", target="crm", start_us=from_us, end_us=until_us)


@pytest.mark.parametrize("relay", [OutboundMessages, Outbox])
def test_a_change_travels_and_is_acknowledged(relay):
    world = World(relay)
    world.change(SECOND)
    world.change(SECOND, type_="something else")

    assert world.run() == fates(delivered=1)
    assert world.heard == [(3, "C-1", 1)]
    assert [row[1:] for row in world.wire.trace.rows("deliveries")] == [("layer", 1, 3 * SECOND, "accepted")]


# --- outbound messages -------------------------------------------------------------------------------


def test_what_changes_while_a_message_waits_is_told_once_as_it_is_then():
    world = World(OutboundMessages, deaf=[(0, 10 * SECOND)])
    for version in (1, 2, 3):
        world.change(version * 4 * SECOND, version)  # the first is refused at 6 s, and comes again a minute later

    assert world.run() == fates(emitted=3, delivered=1, superseded=2)
    assert [(key, version) for _, key, version in world.heard] == [("C-1", 3)]


def test_a_message_under_way_does_not_know_of_the_next_change():
    world = World(OutboundMessages)
    world.change(0, 1)
    world.change(SECOND, 2)

    assert world.run() == fates(emitted=2, delivered=2)
    assert world.heard == [(2, "C-1", 1), (3, "C-1", 2)]


def test_an_older_message_that_comes_again_bears_the_newer_state():
    world = World(OutboundMessages, deaf=[(0, 3 * SECOND)])
    world.change(0, 1)  # refused at 2 s
    world.change(SECOND + SECOND // 2, 2)  # arrives at 3.5 s

    assert world.run() == fates(emitted=2, delivered=1, superseded=1)
    assert world.heard == [(3, "C-1", 2), (64, "C-1", 2)]


def test_the_gap_doubles_up_to_two_hours_and_a_message_is_dropped_after_a_day():
    world = World(OutboundMessages, deaf=[(0, 10 * DAY)])
    world.change(0)

    assert world.run() == fates(given_up=1)
    gaps_us = [
        after - before - 2 * SECOND for before, after in zip(world.refused_us, world.refused_us[1:], strict=False)
    ]
    assert gaps_us[:3] == [FIRST_GAP_US, 2 * FIRST_GAP_US, 4 * FIRST_GAP_US]
    assert max(gaps_us) == gaps_us[-1] == GAP_MAX_US
    assert world.refused_us[-1] <= DROPPED_AFTER_US < world.refused_us[-1] + GAP_MAX_US


def test_a_receiver_that_is_deaf_for_less_than_a_day_hears_of_everything():
    world = World(OutboundMessages, deaf=[(0, 20 * 60 * MINUTE)])
    for number in range(10):
        world.change(number * MINUTE, key=f"C-{number}")

    assert world.run() == fates(emitted=10, delivered=10)


def test_what_changes_while_the_source_is_down_is_told_as_it_is_when_it_is_back():
    world = World(OutboundMessages, outage(SECOND, MINUTE))
    for version in (1, 2):
        world.change(version * 2 * SECOND, version)

    assert world.run() == fates(emitted=2, delivered=1, superseded=1)
    assert world.heard == [(62, "C-1", 2)]


# --- an outbox ---------------------------------------------------------------------------------------


def test_an_outbox_tells_the_next_change_of_a_record_only_when_the_last_was_acknowledged():
    world = World(Outbox, deaf=[(0, 10 * SECOND)])
    for version in (1, 2, 3):
        world.change(version * SECOND, version)
    world.change(9 * SECOND, key="C-2")

    assert world.run() == fates(emitted=4, delivered=4)
    assert [(key, version) for _, key, version in world.heard] == [("C-2", 1), ("C-1", 1), ("C-1", 2), ("C-1", 3)]


def test_an_outbox_gives_nothing_up_and_repeats_its_last_wait():
    world = World(Outbox, deaf=[(0, 9 * DAY)])
    for version in (1, 2):
        world.change(0, version)

    assert world.run(8 * DAY) == fates(emitted=2, pending=2)
    assert world.refused_us[:4] == [2 * SECOND, 14 * SECOND, 116 * SECOND, 218 * SECOND]
    assert world.run() == fates(emitted=2, delivered=2)


def test_a_copy_of_a_telling_does_not_call_the_next_change_forward():
    copies = DuplicateDelivery(
        name="twice", target="crm", start_us=0, end_us=DAY, share_ppm=1_000_000, gap=constant(30 * SECOND)
    )
    world = World(Outbox, copies)
    for version in (1, 2, 3):
        world.change(0, version)

    assert world.run() == fates(emitted=3, delivered=3)
    assert [version for _, _, version in world.heard] == [1, 2, 3, 1, 2, 3]


def test_an_outbox_waits_a_minute_where_its_source_has_no_schedule():
    world = World(Outbox, deaf=[(0, 3 * SECOND)], retries_us=())
    world.change(0)

    assert world.run() == fates(delivered=1)
    assert world.heard == [(64, "C-1", 1)]


def test_an_outbox_that_crashes_tells_again_what_is_under_way_and_goes_on():
    world = World(Outbox)
    for version in (1, 2):
        world.change(0, version)
    world.change(9 * SECOND, key="C-2")
    world.clock.at(SECOND, lambda _: world.relay.crash())

    assert world.run() == fates(emitted=3, delivered=3)
    assert world.heard == [(2, "C-1", 1), (3, "C-1", 1), (5, "C-1", 2), (11, "C-2", 1)]


# --- a dual write ------------------------------------------------------------------------------------


def test_a_change_between_whose_two_writes_its_application_crashes_is_told_to_nobody():
    world = World(partial(DualWrite, window_us=3 * SECOND))
    for at_s in (0, 4, 20):
        world.change(at_s * SECOND, key=f"C-{at_s}")
    world.clock.at(5 * SECOND, lambda _: world.relay.crash())

    assert world.run() == fates(emitted=3, delivered=2, given_up=1)
    assert world.heard == [(5, "C-0", 1), (25, "C-20", 1)]
