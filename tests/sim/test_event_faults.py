"""What is wrong with an event is wrong for every subscriber, however often it is told."""

from dataclasses import dataclass

import pytest

from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event, Publisher
from sim.event_faults import ClockSkew, Poison, SchemaChange
from sim.faults import LateDelivery, Watch
from sim.network import Wire
from sim.trace import Trace

SECOND = 1_000_000
EVER = 1 << 50


class World:
    """A CRM that tells two subscribers of `signed` and `amended`; what they hear, and whether they take it."""

    def __init__(self, *faults, answers=()):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        policy = DeliveryPolicy(delay=constant(SECOND), retries_us=(10 * SECOND,) * 3, ack_timeout_us=5 * SECOND)
        self.publisher = Publisher(self.wire, "crm", policy=policy, faults=faults, stream=Stream(1, "deliveries/crm"))
        self.heard = []
        self._answers = list(answers)
        for name in ("one", "other"):
            self.publisher.subscribe(name, self._hear, frozenset({"signed", "amended"}))

    async def _hear(self, event):
        self.heard.append(event)
        return self._answers.pop(0) if self._answers else True

    def tell(self, *keys, type_="signed", body="body", at_us=0):
        """The events of these keys, told at an instant and heard."""
        for key in keys:
            self.clock.at(at_us, lambda _, key=key: self.publisher.publish(type_, key, 1, body) and None)
        self.clock.run_until(at_us + 100 * SECOND)
        return self.publisher.published[-len(keys) :]


def planned(kind, start_us=0, end_us=EVER, **fields):
    return kind(name=kind.__name__, target="crm", start_us=start_us, end_us=end_us, **fields)


def keys(count):
    return [f"C-{number}" for number in range(count)]


def test_an_event_is_plain_where_nothing_is_planned_or_the_window_is_another():
    for faults in ((), (planned(Poison, share_ppm=1_000_000, start_us=500 * SECOND),)):
        (event,) = World(*faults).tell("C-1")
        assert event == Event(1, "crm", "signed", "C-1", 1, 0, "body")
        assert event.schema == 1


def test_a_fault_in_events_is_asked_of_no_delivery():
    poison, late = planned(Poison, share_ppm=1), planned(LateDelivery, share_ppm=1, delay=constant(1))
    watch = Watch([poison, late])
    watch.turn(5)
    assert (watch.telling, watch.sending) == ((poison,), (late,))


# --- poison ------------------------------------------------------------------------------------------


def test_a_poisoned_event_has_no_body_for_anyone_however_often_it_is_told():
    poison = planned(Poison, share_ppm=1_000_000)
    world = World(poison, answers=[False, False])
    (event,) = world.tell("C-1")
    assert (event.schema, event.body, event.key, event.version) == (0, None, "C-1", 1)
    assert world.heard == [event] * 4
    assert poison.hits == 1
    assert [row[3:] for row in world.wire.struck] == [("crm.signed", "C-1")]


def test_a_share_of_the_events_is_poisoned_and_the_same_at_another_time():
    first, later = (World(planned(Poison, share_ppm=100_000)) for _ in range(2))
    bad = [event.key for event in first.tell(*keys(5_000)) if event.schema == 0]
    assert len(bad) == pytest.approx(500, abs=4 * 22)
    assert [event.key for event in later.tell(*keys(5_000), at_us=7 * SECOND) if event.schema == 0] == bad


def test_a_greater_share_poisons_what_the_smaller_did_and_more():
    few, many = (
        {event.key for event in World(planned(Poison, share_ppm=ppm)).tell(*keys(1_000)) if event.schema == 0}
        for ppm in (50_000, 200_000)
    )
    assert few < many


def test_only_the_events_that_are_named_are_poisoned():
    world = World(planned(Poison, share_ppm=1_000_000, only=frozenset({"amended"})))
    assert world.tell("C-1")[0].schema == 1
    assert world.tell("C-1", type_="amended", at_us=200 * SECOND)[0].schema == 0


# --- schema ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contract:
    key: str
    account: str


CONTRACT = Contract("C-1", "A-1")


def change(old="account", new="account_id", **fields):
    return planned(SchemaChange, old=old, new=new, edit_us=SECOND, **fields)


def test_from_its_start_on_bodies_have_the_new_name_and_not_the_old():
    changed = change(start_us=300 * SECOND)
    world = World(changed, answers=[False])
    (before,), (after,) = world.tell("C-1", body=CONTRACT), world.tell("C-1", body=CONTRACT, at_us=300 * SECOND)
    assert (before.schema, before.body) == (1, CONTRACT)
    assert (after.schema, after.body.account_id, hasattr(after.body, "account")) == (2, "A-1", False)
    assert world.heard == [before] * 3 + [after] * 2  # told again, it is in the schema in which it was committed
    assert changed.hits == 1


def test_a_body_without_the_field_is_told_as_before():
    changed = change(old="total_minor")
    (event,) = World(changed).tell("C-1", body=CONTRACT)
    assert (event.schema, event.body, changed.hits) == (1, CONTRACT, 0)


def test_a_field_that_is_added_is_a_change_too():
    (event,) = World(change(old=None, new="channel")).tell("C-1", body=CONTRACT)
    assert (event.schema, event.body.channel, event.body.account) == (2, None, "A-1")


def test_two_changes_add_up_and_schemas_do_not():
    (event,) = World(change(), change(old="key", new="number")).tell("C-1", body=CONTRACT)
    assert (event.schema, event.body.number, event.body.account_id) == (2, "C-1", "A-1")
    assert event.body.restored().restored() is CONTRACT


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_malformed_has_no_schema_whichever_fault_comes_first(order):
    changed, poison = change(), planned(Poison, share_ppm=1_000_000)
    (event,) = World(*[changed, poison][::order]).tell("C-1", body=CONTRACT)
    assert (event.schema, event.body) == (0, None)
    assert poison.hits == 1


# --- the clock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_us", [2 * SECOND, -3 * SECOND])
def test_a_clock_that_is_off_shows_in_the_stamps_and_in_nothing_else(by_us):
    skew = planned(ClockSkew, start_us=300 * SECOND, end_us=500 * SECOND, by_us=by_us)
    world = World(skew)
    for at_us, off_us in ((0, 0), (300 * SECOND, by_us), (500 * SECOND, 0)):
        (event,) = world.tell("C-1", at_us=at_us)
        assert (event.committed_us, event.stamp_us) == (at_us, at_us + off_us)
        assert (event.schema, event.body) == (1, "body")
    assert skew.hits == 1
    assert [row[-1] for row in world.wire.trace.rows("events")] == [0, 300 * SECOND, 500 * SECOND]


def test_clocks_that_are_off_at_one_time_add_up():
    (event,) = World(planned(ClockSkew, by_us=5), planned(ClockSkew, by_us=-2)).tell("C-1", at_us=SECOND)
    assert event.stamp_us == SECOND + 3


def test_a_skew_is_of_a_whole_system_and_of_some_size():
    for fields in ({"by_us": 1, "only": frozenset({"signed"})}, {"by_us": 0}):
        with pytest.raises(AssertionError):
            planned(ClockSkew, **fields)
