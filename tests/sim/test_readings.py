"""A reader's account: what it took in, what was superseded or passed over, what is still to be read; long polls."""

from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Publisher
from sim.network import Wire
from sim.readings import Reading
from sim.trace import Trace

SECOND = 1_000_000


class World:
    """A CRM, and the account of one reader; `lag_us` is how late its changes can be read."""

    def __init__(self, lag_us=0):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        policy = DeliveryPolicy(delay=constant(0), retries_us=(), ack_timeout_us=SECOND)
        self.publisher = Publisher(self.wire, "crm", policy=policy, faults=(), stream=Stream(1, "deliveries"))
        self.lag_us = lag_us
        self.reading = self.account("reader")

    def account(self, name):
        types = frozenset({"changed"})
        return Reading(self.wire, self.publisher, name, types, lambda event: event.committed_us + self.lag_us)

    def change(self, key="C-1", version=1, type_="changed"):
        event = self.publisher.publish(type_, key, version, None)
        self.publisher.hand_over()
        return event

    def fates(self, **counts):
        return self.reading.fates() == {"delivered": 0, "superseded": 0, "passed_over": 0, "pending": 0} | counts


def test_a_change_is_to_be_read_until_the_reader_says_that_it_has_it():
    world = World()
    event = world.change()
    world.change(type_="something else")
    assert world.fates(emitted=1, pending=1)
    assert world.reading.pending(world.publisher.published) == [event]

    world.clock.run_until(5)
    world.reading.take_in(event)
    world.reading.take_in(event)
    assert world.fates(emitted=1, delivered=1)
    assert world.reading.accepted_us == {event.id: 5}
    assert [row[-1] for row in world.wire.trace.rows("deliveries")] == ["accepted", "repeated"]


def test_what_lies_behind_a_newer_state_is_superseded_and_what_lies_before_it_is_not():
    world = World()
    first, second, third, other = world.change(), world.change(version=2), world.change(version=3), world.change("C-2")
    world.reading.take_in(second)

    assert world.fates(emitted=4, delivered=1, superseded=1, pending=2)
    assert world.reading.superseded_us == {first.id: 0}
    assert world.reading.pending(world.publisher.published) == [third, other]


def test_what_lies_where_the_reader_does_not_look_again_is_passed_over():
    world = World()
    early = world.change()
    world.clock.run_until(10)
    late = world.change("C-2")
    world.reading.pass_on(9)
    world.reading.pass_on(3)  # it does not go back

    assert world.fates(emitted=2, passed_over=1, pending=1)
    assert list(world.reading.given_up) == [early.id]
    assert world.reading.pending(world.publisher.published) == [late]


def test_a_reader_is_owed_what_came_between_its_beginning_and_its_end():
    world = World()
    world.change("before")
    second = world.account("second")
    between = world.change("between")
    world.publisher.retire("second")
    world.change("after")

    assert second.ended and not world.reading.ended
    assert second.fates()["emitted"] == 1 and world.reading.fates()["emitted"] == 3
    assert second.pending(world.publisher.published) == [between]


# --- long polls --------------------------------------------------------------------------------------


def held(world, since_us, hold_us=100 * SECOND):
    """When a reader goes on that has asked at `since_us` and waits from now on."""
    seen = []

    async def wait():
        await world.reading.news(since_us, hold_us)
        seen.append(world.clock.now)

    world.clock.spawn(wait())
    return seen


def test_a_long_poll_is_answered_when_there_is_news_or_when_its_time_is_over():
    world = World()
    first, second = held(world, 0), held(world, 0, 3 * SECOND)
    world.clock.run_until(10 * SECOND)
    world.change(type_="something else")
    world.clock.run_until(20 * SECOND)
    world.change()
    world.clock.run_until(1_000 * SECOND)

    assert (first, second) == ([20 * SECOND], [3 * SECOND])


def test_news_that_cannot_be_read_yet_answers_no_poll():
    world = World(lag_us=7 * SECOND)
    seen = held(world, 0)
    world.clock.run_until(SECOND)
    world.change()
    world.clock.run_until(1_000 * SECOND)

    assert seen == [8 * SECOND]


def test_a_poll_that_missed_news_on_its_way_is_answered_at_once():
    world = World()
    world.clock.run_until(10 * SECOND)
    world.change()
    world.clock.run_until(11 * SECOND)
    missed, knows = held(world, 9 * SECOND), held(world, 10 * SECOND + 1)
    world.clock.run_until(1_000 * SECOND)

    assert (missed, knows) == ([11 * SECOND], [111 * SECOND])
