"""A queue hands what people can put right over to them, takes it up again when they have, and forgets nothing."""

from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter

import pytest

from fakes.records import Invoice
from harness.blocks.dead_letters import DeadLetterQueue
from harness.blocks.work_queue import WorkQueue
from harness.layer import Selection, Surroundings
from harness.people import Desk
from harness.store import WRITE_US, Memory, Store
from sim.calendar import FiscalCalendar
from sim.chance import constant
from sim.clock import Clock
from sim.delivery import Event
from sim.durations import DAY, HOUR, MINUTE
from sim.incarnation import Incarnation
from sim.network import Wire
from sim.staff import OfficeHours, Staff
from sim.trace import Trace

CALENDAR = FiscalCalendar(date(2026, 1, 1), 3, "Europe/Berlin", (), 8 * 60, 20 * 60, 14, 6, (3, 5))
NINE_US = CALENDAR.instant_us(date(2026, 1, 5).toordinal(), 9 * 60)
LACKING = "missing_tax_code"


def event(number=1):
    body = Invoice(f"INV-{number}", "sub-1", "C-1", f"A-{number}", "USD", 0, 0, 0, (), 100)
    return Event(number, "billing", "invoice_issued", body.id, 1, 0, body)


@dataclass
class World:
    """Monday at nine, one person at the desk who takes an hour; `taken_up` is what came back to a queue, and when."""

    store: Store = field(default_factory=Store)
    taken_up: list = field(default_factory=list)

    def __post_init__(self):
        self.clock = Clock()
        self.clock.run_until(NINE_US)
        staff = Staff(1, OfficeHours(CALENDAR, 9 * 60, 17 * 60), constant(HOUR))
        self.put_right = []
        desk = Desk(self.clock, staff, attrgetter("body"), lambda word, record: self.put_right.append(record.id), 0)
        wire = Wire(self.clock, Trace())
        self.surroundings = Surroundings(wire, CALENDAR, {}, 0, store=self.store, desk=desk)

    def work_queue(self, surroundings=None):
        surroundings = surroundings or self.surroundings
        return WorkQueue(surroundings, surroundings.store, self._take_up, (5 * MINUTE,))

    def dead_letters(self, surroundings=None, store=None):
        surroundings = surroundings or self.surroundings
        return DeadLetterQueue(surroundings, store or surroundings.store, self._take_up)

    def life(self):
        """A life of the layer, and its surroundings."""
        life = Incarnation(self.clock)
        return life, replace(self.surroundings, life=life)

    def do(self, work, clock=None):
        (clock or self.clock).spawn(work)
        self.clock.run_until(self.clock.now + MINUTE)

    def run(self, span_us=DAY):
        self.clock.run_until(self.clock.now + span_us)

    def _take_up(self, item):
        self.taken_up.append((self.clock.now - NINE_US, item.event.id, item.tries))

    def stays(self, queue):
        return [
            (stay.since_us - NINE_US, None if stay.until_us is None else stay.until_us - NINE_US, stay.reason)
            for stay in self.surroundings.work_log.of(queue)
        ]


# --- both queues -------------------------------------------------------------------------------------


def test_a_work_item_that_people_see_to_waits_for_them_and_not_for_its_time():
    world = World()
    world.do(world.work_queue().park(event(), "erp", LACKING))
    world.run()
    assert world.taken_up == [(HOUR + WRITE_US, 1, 1)]
    assert world.put_right == ["INV-1"]
    assert world.surroundings.counts.replayed == 1


def test_a_work_item_that_people_can_do_nothing_about_comes_back_in_its_time():
    world = World()
    world.do(world.work_queue().park(event(), "erp", "not_found"))
    world.run()
    assert world.taken_up == [(5 * MINUTE + WRITE_US, 1, 1)]
    assert world.put_right == []


def test_without_people_everything_comes_back_in_its_time():
    world = World()
    world.surroundings.desk = None
    world.do(world.work_queue().park(event(), "erp", LACKING))
    world.run()
    assert world.taken_up == [(5 * MINUTE + WRITE_US, 1, 1)]


def test_a_dead_letter_that_people_see_to_is_taken_up_and_stays_until_it_is_cleared():
    world = World()
    queue = world.dead_letters()
    assert queue.for_people(LACKING) and not queue.for_people("not_found")
    world.do(queue.bury(event(), "erp", LACKING))
    world.do(queue.bury(event(2), "erp", "not_found"))
    world.run()
    assert world.taken_up == [(HOUR + WRITE_US, 1, 1)]
    assert [letter.event.id for letter in queue.letters] == [1, 2]
    world.do(world.store.write(*queue.removal(event(), "erp")))
    assert [letter.event.id for letter in queue.letters] == [2]
    assert queue.removal(event(), "erp") == ()


@pytest.mark.parametrize("kind", ["work_queue", "dead_letters"])
def test_what_is_refused_again_goes_back_to_people(kind):
    world = World()
    queue = getattr(world, kind)()
    set_aside = queue.park if kind == "work_queue" else queue.bury
    world.do(set_aside(event(), "erp", LACKING))
    world.run()
    world.do(set_aside(event(), "erp", LACKING))
    world.run()
    assert [(number, tries) for _, number, tries in world.taken_up] == [(1, 1), (1, 2)]
    assert len(world.surroundings.desk.cases) == 2
    assert len(world.surroundings.wire.trace.rows("notes")) == 1, "it is noted once"


def test_two_layers_that_are_told_of_the_same_event_have_items_of_their_own():
    world = World()
    other = replace(world.surroundings, store=Store())
    world.do(world.work_queue().park(event(), "erp", LACKING))
    world.do(world.work_queue(other).park(event(), "erp", LACKING))
    world.run()
    assert [number for _, number, _ in world.taken_up] == [1, 1]
    assert world.put_right == ["INV-1"], "and people see to both at once"
    assert len(world.stays("work_items")) == 2


def test_what_is_replayed_before_people_have_seen_to_it_is_not_taken_up_again():
    world = World()
    queue = world.work_queue()
    world.do(queue.park(event(), "erp", LACKING))
    queue.replay(Selection())
    world.run()
    assert [number for _, number, _ in world.taken_up] == [1]


# --- over crashes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["work_queue", "dead_letters"])
@pytest.mark.parametrize("down_us", [10 * MINUTE, 3 * HOUR], ids=["back before it is put right", "back after"])
def test_an_item_comes_back_once_in_the_life_that_there_is(kind, down_us):
    world = World()
    life, mortal = world.life()
    queue = getattr(world, kind)(mortal)
    set_aside = queue.park if kind == "work_queue" else queue.bury
    world.do(set_aside(event(), "erp", LACKING), life.clock)
    life.kill()
    world.run(down_us)
    assert world.taken_up == []
    getattr(world, kind)(world.life()[1]).start()
    world.run()
    due_us = max(HOUR + WRITE_US, down_us + MINUTE)
    assert world.taken_up == [(due_us, 1, 1)]
    assert world.put_right == ["INV-1"], "worked on once"


@pytest.mark.parametrize("kind", ["work_queue", "dead_letters"])
def test_an_item_that_was_handed_back_and_not_done_before_the_crash_comes_back_at_once(kind):
    world = World()
    life, mortal = world.life()
    queue = getattr(world, kind)(mortal)
    set_aside = queue.park if kind == "work_queue" else queue.bury
    world.do(set_aside(event(), "erp", LACKING), life.clock)
    world.run(2 * HOUR)
    life.kill()
    getattr(world, kind)(world.life()[1]).start()
    assert world.taken_up == [(HOUR + WRITE_US, 1, 1), (2 * HOUR + MINUTE, 1, 1)]
    world.run()
    assert len(world.put_right) == 1


# --- how long items lie ------------------------------------------------------------------------------


def test_a_stay_is_from_the_first_refusal_to_the_removal_and_goes_on_over_crashes():
    world = World()
    life, mortal = world.life()
    world.do(world.work_queue(mortal).park(event(), "erp", "not_found"), life.clock)
    life.kill()
    world.run(MINUTE)
    queue = world.work_queue(world.life()[1])
    world.do(queue.park(event(), "erp", LACKING))
    world.do(world.store.write(*queue.removal(event(), "erp")))
    assert world.stays("work_items") == [(WRITE_US, 3 * MINUTE + WRITE_US, LACKING)]


def test_what_was_in_memory_is_gone_with_the_crash():
    world = World()
    life, mortal = world.life()
    world.do(world.dead_letters(mortal, Memory()).bury(event(), "erp", LACKING), life.clock)
    life.kill()
    assert world.stays("dead_letters") == [(0, None, LACKING)]
    world.dead_letters(world.life()[1], Memory())
    assert world.stays("dead_letters") == [(0, MINUTE, LACKING)]


def test_an_item_that_moves_from_one_queue_to_another_lies_in_both_in_turn():
    world = World()
    work_queue, letters = world.work_queue(), world.dead_letters()
    world.do(work_queue.park(event(), "erp", "not_found"))
    world.do(letters.bury(event(), "erp", "not_found", *work_queue.removal(event(), "erp")))
    assert world.stays("work_items") == [(WRITE_US, MINUTE + WRITE_US, "not_found")]
    assert world.stays("dead_letters") == [(MINUTE + WRITE_US, None, "not_found")]
