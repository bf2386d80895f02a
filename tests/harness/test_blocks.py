"""What layers are made of: retrying, inboxes, gates, dead letters, work queues, journals and durable tables."""

import math
from dataclasses import dataclass, replace
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.agreements import Account
from fakes.company import Company
from fakes.names import SYSTEMS
from fakes.records import Customer
from fakes.system import Setup
from harness.blocks.dead_letters import DeadLetterQueue
from harness.blocks.identity import CrossReference, Known, LookUp
from harness.blocks.inbox import Inbox
from harness.blocks.journal import Journal
from harness.blocks.retry import (
    CONCURRENCY,
    READ_TIMEOUT_US,
    WRITE_TIMEOUT_US,
    Caller,
    CallFailed,
    RetryPolicy,
)
from harness.blocks.sequencer import Sequencer
from harness.blocks.work_queue import WorkQueue
from harness.layer import Opening, Selection, Surroundings
from harness.layers import choose
from harness.store import WRITE_US, Memory, Store
from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event
from sim.durations import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from sim.faults import Watch
from sim.incarnation import Incarnation
from sim.network import Response, Server, Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR, as_of, contract

# --- a world of one system ---------------------------------------------------------------------------


@dataclass
class Do:
    """Do something."""

    what: str = "it"


@dataclass
class Find:
    """Find something."""

    what: str = "it"


class World:
    """A clock, and one system `erp` that answers calls with `answers`, one after the other, the last for ever."""

    def __init__(self, *answers, service_us=SECOND):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        self.asked = []  # (instant of commit, request, idempotency key)
        self._answers = list(answers) or [Response(200, "done")]
        server = Server(
            self.wire,
            "erp",
            serve=self._serve,
            operations={Do: "do", Find: "find"},
            station=Station(capacity=1_000, service=constant(service_us), latency=constant(0)),
            watch=Watch(()),
            stream=Stream(1, "calls"),
        )
        self.surroundings = Surroundings(self.wire, CALENDAR, {"erp": server}, 1)
        self.counts = self.surroundings.counts

    def _serve(self, request, idempotency_key, now_us):
        self.asked.append((now_us, request, idempotency_key))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def run(self, work):
        """What comes of some work within a day: its result, or the response that it failed with; and the instant."""

        async def watched():
            try:
                return await work, self.clock.now
            except CallFailed as failed:
                return failed.response, self.clock.now

        task = self.clock.spawn(watched())
        self.clock.run_until(self.clock.now + DAY)
        return task.result

    def tries_us(self):
        """When each call was sent: a second before it was answered."""
        return [at_us - SECOND for at_us, _, _ in self.asked]


def event(number=1, key="C-1", version=1, type_="contract_signed", body=None):
    return Event(number, "crm", type_, key, version, 0, body)


THROTTLED = Response(429, None, "throttled", 20 * SECOND)
UNAVAILABLE = Response(503, None, "unavailable")
DONE = Response(200, "done")

# --- retry policy ------------------------------------------------------------------------------------

words = st.integers(0, (1 << 64) - 1)


@given(words, st.integers(1, 200), st.integers(1, 10 * MINUTE), st.integers(1, HOUR))
def test_a_wait_is_drawn_between_nothing_and_the_doubled_base_up_to_the_cap(word, attempt, base_us, cap_us):
    delay_us = RetryPolicy(base_us=base_us, cap_us=cap_us, attempts_max=None).delay_us(attempt, word)
    assert 0 <= delay_us < min(cap_us, base_us * 2 ** (attempt - 1))


@given(words, st.integers(1, 10), st.integers(1, 12))
def test_a_policy_tries_so_often_and_no_more(word, attempts_max, attempt):
    delay_us = RetryPolicy(attempts_max=attempts_max).delay_us(attempt, word)
    assert (delay_us is None) == (attempt >= attempts_max)


@pytest.mark.parametrize(("attempt", "bound_s"), [(1, 1), (2, 2), (5, 16), (7, 64), (8, 100), (60, 100)])
def test_waits_are_spread_evenly_over_their_bound(attempt, bound_s):
    """Full jitter: a uniform wait has half the bound for mean, and a twelfth of its square for variance."""
    policy, chance = RetryPolicy(attempts_max=None), Stream(1, "jitter")
    waits = [policy.delay_us(attempt, chance.word(number)) / SECOND for number in range(4_000)]
    assert fmean(waits) == pytest.approx(bound_s / 2, abs=4 * bound_s / math.sqrt(12 * len(waits)))
    assert min(waits) < 0.01 * bound_s and max(waits) > 0.99 * bound_s


# --- caller ------------------------------------------------------------------------------------------


def test_what_is_done_at_once_is_called_once():
    world = World()
    assert world.run(Caller(world.surroundings, RetryPolicy()).write("erp", Do(), "C-1", "key")) == ("done", SECOND)
    assert [(request, key) for _, request, key in world.asked] == [(Do(), "key")]
    assert world.counts.retries == 0


@pytest.mark.parametrize("answer", [UNAVAILABLE, Response(500, None, "error"), Response(429, None, "throttled")])
def test_what_may_succeed_later_is_tried_again_with_the_same_key(answer):
    world = World(answer, answer, DONE)
    result, _ = world.run(Caller(world.surroundings, RetryPolicy()).write("erp", Do("x"), "C-1", "key"))
    assert result == "done"
    assert [(request, key) for _, request, key in world.asked] == [(Do("x"), "key")] * 3
    assert world.counts.retries == 2
    waits = [later - earlier - SECOND for earlier, later in zip(world.tries_us(), world.tries_us()[1:], strict=False)]
    assert all(0 <= wait < bound * SECOND for wait, bound in zip(waits, (1, 2), strict=True))


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_a_refusal_is_never_tried_again(status):
    refused = Response(status, None, "refused")
    world = World(refused, DONE)
    assert world.run(Caller(world.surroundings, RetryPolicy(attempts_max=None)).write("erp", Do(), "C-1")) == (
        refused, SECOND,
    )  # fmt: skip
    assert len(world.asked) == 1
    assert world.counts.retries == 0


def test_the_caller_waits_as_long_as_it_is_told_to_and_then_as_its_policy_draws():
    """So that those who were told the same do not all come back at the same instant."""
    world, policy = World(THROTTLED, THROTTLED, DONE), RetryPolicy()
    draws = world.surroundings.stream("retry")
    first_us, second_us = (policy.delay_us(attempt, draws.word("erp", "Do", "C-1", attempt)) for attempt in (1, 2))
    assert world.run(Caller(world.surroundings, policy).write("erp", Do(), "C-1"))[0] == "done"
    assert 0 < first_us < SECOND and 0 < second_us < 2 * SECOND
    assert world.tries_us() == [0, 21 * SECOND + first_us, 42 * SECOND + first_us + second_us]


@pytest.mark.parametrize("attempts_max", [1, 3, 5])
def test_the_last_failure_is_what_the_caller_reports(attempts_max):
    world = World(*[THROTTLED] * (attempts_max - 1), UNAVAILABLE)
    result, _ = world.run(Caller(world.surroundings, RetryPolicy(attempts_max=attempts_max)).write("erp", Do(), "C-1"))
    assert result is UNAVAILABLE
    assert len(world.asked) == attempts_max
    assert world.counts.retries == attempts_max - 1


def test_without_a_limit_the_caller_goes_on_until_it_is_answered():
    world = World(*[UNAVAILABLE] * 60, DONE)
    result, at_us = world.run(Caller(world.surroundings, RetryPolicy(attempts_max=None)).write("erp", Do(), "C-1"))
    assert (result, len(world.asked)) == ("done", 61)
    gaps = [later - earlier for earlier, later in zip(world.tries_us(), world.tries_us()[1:], strict=False)]
    assert max(gaps) < 101 * SECOND
    assert at_us < 60 * 101 * SECOND


@pytest.mark.parametrize(
    ("method", "request_", "timeout_us"), [("write", Do(), WRITE_TIMEOUT_US), ("read", Find(), READ_TIMEOUT_US)]
)
def test_a_write_has_thirty_seconds_and_a_read_ten(method, request_, timeout_us):
    assert (WRITE_TIMEOUT_US, READ_TIMEOUT_US) == (30 * SECOND, 10 * SECOND)
    world = World(service_us=timeout_us)
    caller = Caller(world.surroundings, RetryPolicy(attempts_max=1))
    response, at_us = world.run(getattr(caller, method)("erp", request_, "C-1"))
    assert (response.status, response.word, at_us) == (0, "timeout", timeout_us)
    assert len(world.asked) == 1  # done all the same
    world = World(service_us=timeout_us - 1)
    assert world.run(getattr(Caller(world.surroundings, RetryPolicy()), method)("erp", request_, "C-1")) == (
        "done", timeout_us - 1,
    )  # fmt: skip


def test_no_more_calls_are_under_way_than_agreed_and_who_waits_to_try_again_keeps_its_place():
    world = World(*[UNAVAILABLE] * CONCURRENCY, DONE)
    caller = Caller(world.surroundings, RetryPolicy(base_us=HOUR, cap_us=HOUR))
    inside = []
    serve = world._serve

    def serve_and_count(*arguments):
        inside.append(world.surroundings.servers["erp"].present)
        return serve(*arguments)

    world.surroundings.servers["erp"]._serve = serve_and_count
    for number in range(3 * CONCURRENCY):
        world.clock.spawn(caller.write("erp", Do(), f"C-{number}"))
    world.clock.run_until(SECOND)
    assert len(world.asked) == CONCURRENCY
    world.clock.run_until(2 * SECOND)
    assert len(world.asked) == CONCURRENCY  # a system in trouble is not asked by others in turn
    world.clock.run_until(4 * HOUR)
    assert len(world.asked) == 4 * CONCURRENCY
    assert max(inside) < CONCURRENCY


# --- store -------------------------------------------------------------------------------------------


def test_a_write_takes_its_time_and_comes_whole():
    world, store = World(), Store()
    first, second = store.table("first"), store.table("second")
    store.put(("first", "old", 1))

    async def write():
        await store.write(("first", "old", None), ("first", "new", 2), ("second", "new", 3))

    world.clock.spawn(write())
    world.clock.run_until(WRITE_US - 1)
    assert (first, second) == ({"old": 1}, {})
    world.clock.run_until(WRITE_US)
    assert (first, second) == ({"new": 2}, {"new": 3})
    assert WRITE_US == 5 * MILLISECOND


def test_a_layer_that_goes_down_in_the_middle_of_a_write_has_written_nothing():
    world, store = World(), Store()
    rows = store.table("rows")
    task = store.write(("rows", "one", 1), ("rows", "two", 2))
    world.clock.spawn(_awaiting(task))
    world.clock.run_until(WRITE_US - 1)
    assert rows == {}  # and the clock goes no further


async def _awaiting(work):
    await work


def test_deleting_what_is_not_there_is_no_error_and_a_table_is_one_by_its_name():
    world, store = World(), Store()
    rows = store.table("rows")
    world.run(store.write(("rows", "nothing", None)))
    assert rows == {}
    world.run(store.write(("rows", "one", 1)))
    assert rows == store.table("rows") == {"one": 1}
    world.run(store.write(("rows", "one", None)))
    assert store.table("rows") == {}


def test_of_two_writes_the_later_one_stays():
    world, store = World(), Store()
    rows = store.table("rows")

    async def write(value, after_us):
        await world.clock.sleep(after_us)
        await store.write(("rows", "key", value))

    world.clock.spawn(write("later", 1))
    world.clock.spawn(write("sooner", 0))
    world.clock.run_until(WRITE_US)
    assert rows == {"key": "sooner"}
    world.clock.run_until(WRITE_US + 1)
    assert rows == {"key": "later"}


# --- inbox -------------------------------------------------------------------------------------------


def test_an_event_is_finished_for_the_consumer_that_finished_it():
    world, store = World(), Store()
    erp, billing = Inbox(store, "erp"), Inbox(store, "billing")
    assert not erp.finished(event(1))
    world.run(store.write(erp.finish(event(1))))
    assert [erp.finished(event(1)), erp.finished(event(2)), billing.finished(event(1))] == [True, False, False]


def test_an_inbox_outlives_its_layer():
    world, store = World(), Store()
    world.run(store.write(Inbox(store, "erp").finish(event(1))))
    assert Inbox(store, "erp").finished(event(1))


def test_an_event_is_not_finished_before_it_is_written():
    world, store = World(), Store()
    inbox = Inbox(store, "erp")
    world.clock.spawn(_awaiting(store.write(inbox.finish(event(1)))))
    world.clock.run_until(WRITE_US - 1)
    assert not inbox.finished(event(1))


# --- sequencer ---------------------------------------------------------------------------------------


@settings(derandomize=True)
@given(
    st.permutations(range(1, 7)),
    st.lists(st.integers(1, 6), max_size=4),
    st.sampled_from(["version", "sequence", "none"]),
)
def test_a_gate_lets_through_what_it_should_in_any_order_of_arrival(order, repeats, kind):
    """Whatever comes when and how often: `sequence` carries 1 to 6 in order, `version` only ever newer ones."""
    store, carried = Memory(), []
    gate = Sequencer(kind, store)
    for number, version in enumerate([*order, *repeats]):
        arrived = event(number, version=version)
        while arrived is not None:
            verdict = gate.judge(arrived)
            if verdict == "hold":
                store.put(gate.holding(arrived))
                break
            if verdict == "carry":
                carried.append(arrived.version)
            store.put(*gate.passing(arrived))
            arrived = gate.next_after(arrived)
    newest = [version for place, version in enumerate(order) if version > max([0, *order[:place]])]
    expected = {"sequence": [1, 2, 3, 4, 5, 6], "version": newest, "none": [*order, *repeats]}
    assert carried == expected[kind]
    assert gate.held() == []
    assert [gate.judge(event(99, version=version)) for version in (6, 7)] == [
        "drop" if kind != "none" else "carry",
        "carry",
    ]


def test_a_sequence_gate_holds_what_has_no_predecessor_and_forgets_nothing_of_it():
    store = Memory()
    gate = Sequencer("sequence", store)
    second, third = event(2, version=2), event(3, version=3)
    for one in (third, second, second):
        assert gate.judge(one) == "hold"
        store.put(gate.holding(one))
    assert gate.held() == [third, second]
    first = event(1, version=1)
    assert gate.judge(first) == "carry"
    for one, following in ((first, second), (second, third), (third, None)):
        store.put(*gate.passing(one))
        assert gate.next_after(one) is following
    assert gate.held() == []


def test_what_a_gate_holds_and_has_passed_outlives_its_layer():
    store = Store()
    gate = Sequencer("sequence", store, "erp")
    store.put(*gate.passing(event(1)), gate.holding(event(3, version=3)))
    again = Sequencer("sequence", store, "erp", {"C-1": 0})
    assert again.judge(event(1)) == "drop" and again.judge(event(2, version=2)) == "carry"
    assert again.held() == [event(3, version=3)]
    assert Sequencer("sequence", store, "billing").held() == []


def test_a_timestamp_gate_goes_by_the_clock_and_not_by_the_number():
    store = Memory()
    gate = Sequencer("timestamp", store)
    store.put(*gate.passing(replace(event(1, version=2), committed_us=50)))
    assert gate.judge(replace(event(2, version=3), committed_us=40)) == "drop"
    assert gate.judge(replace(event(3, version=1), committed_us=60)) == "carry"


def test_keys_are_kept_in_order_each_for_itself():
    store = Memory()
    gate = Sequencer("sequence", store)
    store.put(*gate.passing(event(1, key="C-1")))
    assert gate.judge(event(2, key="C-2", version=2)) == "hold"
    assert gate.judge(event(3, key="C-1", version=2)) == "carry"
    assert gate.next_after(event(1, key="C-1")) is None


@pytest.mark.parametrize("kind", ["version", "sequence"])
def test_a_gate_begins_with_the_versions_of_before(kind):
    gate = Sequencer(kind, Memory(), "erp", {"C-1": 3})
    assert gate.judge(event(version=3)) == "drop"
    assert gate.judge(event(version=4)) == "carry"


def test_what_a_durable_table_knows_counts_more_than_the_opening():
    store = Store()
    store.put(*Sequencer("version", store, "erp").passing(event(version=5)))
    gate = Sequencer("version", store, "erp", {"C-1": 3, "C-2": 2})
    assert gate.judge(event(version=5)) == gate.judge(event(version=2, key="C-2")) == "drop"


# --- dead letters and work queue ---------------------------------------------------------------------


class Reader:
    """Whoever takes dead letters up again; some of them cannot be carried."""

    def __init__(self, world, refused=()):
        self.world = world
        self.tried = []
        self.queue = DeadLetterQueue(world.surroundings, world.surroundings.store, self.take_up)
        self._refused = refused

    def take_up(self, letter):
        self.tried.append((letter.event.id, letter.target))
        if letter.event.id not in self._refused:
            removal = self.queue.removal(letter.event, letter.target)
            self.world.clock.spawn(self.world.surroundings.store.write(*removal))

    def replay(self, **selection):
        self.queue.replay(Selection(**selection))
        self.world.clock.run_until(self.world.clock.now + MINUTE)


def test_dead_letters_are_replayed_oldest_first_and_stay_until_they_arrive():
    world = World()
    reader = Reader(world, refused={2})
    for number in (1, 2, 3):
        world.run(reader.queue.bury(event(number), "erp", "refused"))
    world.run(reader.queue.bury(event(1), "erp", "refused"))
    reader.replay()
    assert reader.tried == [(1, "erp"), (2, "erp"), (3, "erp")]
    assert [letter.event.id for letter in reader.queue.letters] == [2]
    reader.replay()
    assert reader.tried[3:] == [(2, "erp")]
    assert (world.counts.dead_lettered, world.counts.replayed) == (3, 4)
    assert [row[2:4] for row in world.wire.trace.rows("notes")] == (
        [("dead_lettered", "erp")] * 3 + [("replayed", "erp")] * 4
    )


@pytest.mark.parametrize(("selection", "meant"), [
    ({}, [1, 2, 3, 4]),
    ({"target": "billing"}, [2]),
    ({"types": frozenset({"contract_amended"})}, [3]),
    ({"reason": "token_expired"}, [4]),
    ({"limit": 2}, [1, 2]),
    ({"older_than_us": 2 * HOUR}, [1, 2]),
    ({"older_than_us": 2 * HOUR, "target": "erp"}, [1]),
])  # fmt: skip
def test_what_is_replayed_can_be_chosen(selection, meant):
    world = World()
    reader = Reader(world)
    letters = [
        (event(1), "erp", "refused"), (event(2), "billing", "refused"),
        (replace(event(3), type="contract_amended"), "erp", "refused"), (event(4), "erp", "token_expired"),
    ]  # fmt: skip
    for number, letter in enumerate(letters):
        world.clock.run_until(world.clock.now + (2 * HOUR if number == 2 else MINUTE))
        world.clock.spawn(_awaiting(reader.queue.bury(*letter)))
        world.clock.run_until(world.clock.now + MINUTE)
    reader.replay(**selection)
    assert [number for number, _ in reader.tried] == meant


class Clerk:
    """Whoever takes a work item up again: does it at the n-th time, and has it parked until then."""

    def __init__(self, world, waits_us, done_after=1):
        self.world = world
        self.tried = []
        self.queue = WorkQueue(world.surroundings, world.surroundings.store, self.take_up, waits_us)
        self._done_after = done_after

    def take_up(self, item):
        self.tried.append((self.world.clock.now, item.event.id))
        self.world.clock.spawn(self.work(item))

    async def work(self, item):
        if item.tries >= self._done_after:
            await self.world.surroundings.store.write(*self.queue.removal(item.event, item.target))
        else:
            await self.queue.park(item.event, item.target, "refused")


def test_a_work_item_comes_back_at_its_intervals_until_it_is_done():
    world = World()
    clerk = Clerk(world, (MINUTE, HOUR), done_after=3)
    world.clock.spawn(clerk.queue.park(event(1), "erp", "refused"))
    world.clock.run_until(SECOND)
    assert [(item.event.id, item.target, item.reason) for item in clerk.queue.items] == [(1, "erp", "refused")]
    world.clock.run_until(10 * HOUR)
    assert clerk.tried == [
        (WRITE_US + MINUTE, 1), (2 * WRITE_US + MINUTE + HOUR, 1), (3 * WRITE_US + MINUTE + 2 * HOUR, 1),
    ]  # fmt: skip
    assert clerk.queue.items == ()
    assert (world.counts.parked, world.counts.replayed) == (1, 0)  # its time came: nobody replayed it


def test_a_replayed_work_item_does_not_come_back_a_second_time_when_it_is_due():
    world = World()
    clerk = Clerk(world, (HOUR,))
    world.clock.spawn(clerk.queue.park(event(1), "erp", "refused"))
    world.clock.run_until(MINUTE)
    clerk.queue.replay(Selection(target="billing"))
    assert clerk.tried == []
    clerk.queue.replay(Selection())
    clerk.queue.replay(Selection())
    world.clock.run_until(10 * HOUR)
    assert clerk.tried == [(MINUTE, 1)]


def test_work_items_outlive_their_layer_and_come_back_in_the_next():
    world = World()
    life = Incarnation(world.clock)
    mortal = replace(world.surroundings, life=life)
    life.clock.spawn(WorkQueue(mortal, mortal.store, pytest.fail, (HOUR,)).park(event(1), "erp", "refused"))
    world.clock.run_until(MINUTE)
    life.kill()
    clerk = Clerk(world, (HOUR,))
    clerk.queue.start()
    world.clock.run_until(10 * HOUR)
    assert clerk.tried == [(HOUR, 1)]  # after its refusal, whatever came between
    assert clerk.queue.items == ()


# --- cross-reference and look-up ---------------------------------------------------------------------


def test_a_cross_reference_keeps_what_it_is_told_and_knows_what_was_there_before():
    world, store = World(), Store()
    opening = Opening({("erp", "order", "O-1"): "SO-1"}, {"O-1": 4})
    identity = CrossReference(store, opening)
    assert world.run(identity.known("erp", "order", "O-1"))[0] == Known("SO-1", 1, 4)
    assert world.run(identity.known("erp", "order", "C-1"))[0] is None
    world.run(identity.keep("erp", "order", "C-1", Known("SO-2", 1, 1)))
    assert world.run(identity.known("erp", "order", "C-1"))[0] == Known("SO-2", 1, 1)
    assert world.run(identity.known("billing", "order", "C-1"))[0] is None
    world.run(identity.keep("erp", "order", "O-1", Known("SO-3")))
    again = CrossReference(store, opening)
    assert world.run(again.known("erp", "order", "O-1"))[0] == Known("SO-3")  # the table knows better than the opening


def test_a_look_up_asks_each_time_and_takes_the_oldest(monkeypatch):
    found = [Customer("CUST-1", "A-1", "Company", 0), Customer("CUST-2", "A-1", "Company", 5)]
    world = World(Response(200, []), Response(200, found))
    monkeypatch.setattr("harness.blocks.identity.FINDERS", {("erp", "customer"): Find})
    identity = LookUp(Caller(world.surroundings, RetryPolicy()))
    assert world.run(identity.known("erp", "customer", "A-1"))[0] is None
    world.run(identity.keep("erp", "customer", "A-1", Known("CUST-9")))
    assert world.run(identity.known("erp", "customer", "A-1"))[0] == Known("CUST-1")
    assert [request for _, request, _ in world.asked] == [Find("A-1")] * 2


# --- journal -----------------------------------------------------------------------------------------


def test_a_journal_knows_what_it_took_in_until_and_after_it_is_closed():
    world, store = World(), Store()
    journal = Journal(store)
    one, other = event(1), event(2)
    assert not journal.knows(one)
    for taken in (one, other):
        world.run(journal.take_in(taken))
    assert journal.knows(one) and list(journal.open_signals()) == [one, other]
    world.run(journal.intend(one, "erp"))
    assert not journal.done(one, "erp") and journal.begun(one, "erp")
    world.run(store.write(journal.finish(one, "erp")))
    assert journal.done(one, "erp") and not journal.done(one, "billing") and not journal.done(other, "erp")
    world.run(journal.close(one, ("erp", "billing")))
    assert journal.knows(one) and list(journal.open_signals()) == [other]
    assert store.table("steps") == {}
    assert list(Journal(store).open_signals()) == [other] and Journal(store).knows(one)


# --- resuming a process ------------------------------------------------------------------------------


class Restartable:
    """A company whose layer can go down, and a new one come up on what the old one had written."""

    def __init__(self):
        station = Station(capacity=10, service=constant(3 * SECOND), latency=constant(0))
        policy = DeliveryPolicy(delay=constant(SECOND), retries_us=(MINUTE, HOUR), ack_timeout_us=10 * SECOND)
        setup = Setup(station=station, delivery=policy, index_lag=constant(0))
        self.company = Company(Wire(Clock(), Trace()), CALENDAR, dict.fromkeys(SYSTEMS, setup), (), 0)
        self.clock = self.company.wire.clock
        self.store = Store()
        self.life = Incarnation(self.clock)

    def up(self):
        """A layer on the present store."""
        self.life = Incarnation(self.clock)
        servers = {name: system.server for name, system in self.company.systems.items()}
        surroundings = Surroundings(self.company.wire, CALENDAR, servers, 0, store=self.store, life=self.life)
        layer = choose("process-orchestration").build(surroundings)
        for endpoint in layer.endpoints():
            publisher = self.company.systems[endpoint.source].publisher
            publisher.subscribe(endpoint.name, self.mortal(endpoint.handler), endpoint.types)
        layer.start()
        return layer

    def mortal(self, handler):
        """The handler, in the present life."""
        life = self.life
        return lambda event: life.bound(handler(event))

    def down(self):
        """The layer is gone with all it had in memory; what it had asked of the systems they do all the same."""
        self.life.kill()
        for system in self.company.systems.values():
            system.publisher.subscriptions.clear()


@pytest.mark.parametrize("down_ms", [*range(1_010, 29_000, 700)])
def test_a_second_layer_on_the_same_store_resumes_where_the_first_went_down(down_ms):
    """Wherever that is, from the first event at 1 s on to the last step: everything once, and nothing twice."""
    world = Restartable()
    world.up()
    signed, amended = (as_of(contract(("2026-01-01", 12)), version) for version in (1, 2))
    world.company.open_account(Account("A-1", "Company"))
    world.company.sign(signed)
    world.company.sign(amended)
    world.clock.run_until(down_ms * MILLISECOND)
    world.down()
    if down_ms < 7_000:
        assert len(list(Journal(world.store).open_signals())) == 3

    second = world.up()
    world.clock.run_until(HOUR)
    company = world.company
    assert list(second.held()) == []
    for copies in (company.billing.subscriptions, company.erp.orders, company.revenue.contracts):
        assert [copy.state for copy in copies.values()] == [amended]
    assert len(company.billing.customers.all) == len(company.erp.customers.all) == 1
    assert world.store.table("signals") == world.store.table("steps") == {}
    assert len(world.store.table("closed")) == 3


def test_going_down_is_felt():
    """Without the journal nothing would be resumed: a layer on an empty store does nothing."""
    world = Restartable()
    world.up()
    world.company.open_account(Account("A-1", "Company"))
    world.clock.run_until(2 * SECOND)
    world.down()
    world.store = Store()
    world.up()
    world.clock.run_until(HOUR)
    assert len(world.company.erp.customers.all) == 1  # the call that was under way
    assert world.company.billing.customers.all == {}


def test_an_event_told_again_after_the_restart_is_known():
    world = Restartable()
    world.up()
    world.company.open_account(Account("A-1", "Company"))
    world.clock.run_until(MINUTE)
    world.down()
    assert world.company.wire.calls == 2
    second = world.up()
    (told,) = world.company.systems["crm"].publisher.published
    task = world.clock.spawn(second.receive(told))
    world.clock.run_until(HOUR)
    assert task.result is True
    assert (second.surroundings.counts.skipped_repeats, world.company.wire.calls) == (1, 2)
