"""Writing in bulk and reading by watermark: works share jobs, rows have results; marks move only when told to."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from fakes.bulk import BulkLoad
from fakes.changes import ListChanges, Page, Position
from harness.blocks.loading import UNPROCESSED, Loader
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.blocks.row_loading import RowLoading
from harness.blocks.watermark import Watermark
from harness.layer import Surroundings
from harness.store import Memory, Store
from sim.chance import Stream, constant
from sim.clock import Clock
from sim.delivery import Event
from sim.durations import DAY, MINUTE, SECOND
from sim.faults import Watch
from sim.incarnation import Incarnation
from sim.network import CAUSE, Response, Server, Station, Wire
from sim.trace import Trace
from tests.fakes.samples import CALENDAR

PATIENT = RetryPolicy(attempts_max=None)


class World:
    """A system `erp` that answers each request after a second as `answer(request)` says; `asked` has them all."""

    def __init__(self, answer):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        self.asked = []
        self._answer = answer
        server = Server(
            self.wire,
            "erp",
            serve=self._serve,
            operations={ListChanges: "list_changes", str: "say"},
            station=Station(capacity=100, service=constant(SECOND), latency=constant(0), row_us=0),
            watch=Watch(()),
            stream=Stream(1, "calls"),
            bulk={BulkLoad: "bulk_load"},
        )
        self.surroundings = Surroundings(self.wire, CALENDAR, {"erp": server}, 1)
        self.caller = Caller(self.surroundings, PATIENT)

    def _serve(self, request, idempotency_key, now_us):
        self.asked.append(request)
        answer = self._answer(request)
        return answer if isinstance(answer, Response) else Response(200, answer)

    def run(self, work):
        task = self.clock.spawn(work)
        self.clock.run_until(self.clock.now + DAY)
        return task.result


# --- loading -----------------------------------------------------------------------------------------


def loaded(works, answer=lambda load: [Response(200, f"made {row.key}") for row in load.rows], policy=PATIENT):
    """The jobs in which works wrote, each as the keys of its rows; `works` make each a coroutine from a loader."""
    world = World(answer)
    loader = Loader(world.surroundings, policy, Caller(world.surroundings, policy), "erp")
    world.run(loader.load("batch", [partial(work, loader) for work in works]))
    return [(load.key, [row.key for row in load.rows]) for load in world.asked if isinstance(load, BulkLoad)]


def writing(*keys, seen=None, cause=0):
    """A work that writes these keys one after the other, and notes what it is answered."""

    def work(loader):
        async def write():
            CAUSE.set(cause)
            for key in keys:
                try:
                    made = await loader.write("erp", f"request {key}", key, f"idempotent {key}")
                except CallFailed as failed:
                    made = failed.response.word
                if seen is not None:
                    seen.append(made)

        return write()

    return work


def test_works_share_a_job_for_each_step_of_theirs():
    assert loaded([writing("a", "a2"), writing("b"), writing("c", "c2", "c3"), writing()]) == [
        ("batch/1", ["a", "b", "c"]), ("batch/2", ["a2", "c2"]), ("batch/3", ["c3"]),
    ]  # fmt: skip
    assert loaded([]) == []


def test_a_crash_before_a_load_begins_leaves_no_row_waiting_to_be_begun():
    world, life = World(lambda request: []), Incarnation(Clock())
    mortal = replace(world.surroundings, life=life)
    loader = Loader(mortal, PATIENT, Caller(mortal, PATIENT), "erp")
    signed = Event(1, "crm", "contract_signed", "C-1", 1, 0, None)
    book = SimpleNamespace(rows=lambda state: [signed], manifest=SimpleNamespace(id="batch"))
    mortal.clock.spawn(RowLoading(mortal, Memory(), book, loader, SimpleNamespace(target="erp"), 10, None).load())
    mortal.clock.at(0, lambda _: life.kill())

    mortal.clock.run_until(MINUTE)  # a row that nobody will begin is warned of, and a warning is an error here

    assert world.asked == []


def test_a_job_waits_for_a_work_that_is_reading():
    def slow(loader):
        async def work():
            await loader.read("erp", "what is there?", "b")
            await loader.write("erp", "request b", "b")

        return work()

    def answer(request):
        return [Response(200, "made")] * 2 if isinstance(request, BulkLoad) else "nothing"

    assert loaded([writing("a"), slow], answer) == [("batch/1", ["a", "b"])]


def test_each_work_gets_its_own_rows_result_and_each_row_its_works_cause():
    seen = [], [], []
    world = World(lambda load: [Response(200, "made"), Response(404, None, "not_found"), None])
    loader = Loader(world.surroundings, PATIENT, world.caller, "erp")
    works = [writing(key, seen=of, cause=cause) for key, of, cause in zip("abc", seen, (7, 8, 9), strict=True)]
    world.run(loader.load("batch", [partial(work, loader) for work in works]))
    (load,) = world.asked

    assert seen == (["made"], ["not_found"], [UNPROCESSED.word])
    assert [(row.key, row.request, row.idempotency_key, row.cause) for row in load.rows] == [
        (key, f"request {key}", f"idempotent {key}", cause) for key, cause in zip("abc", (7, 8, 9), strict=True)
    ]


def test_a_job_that_fails_fails_each_of_its_rows_and_one_that_may_succeed_is_tried_again():
    seen, tries = [], []

    def answer(load):
        tries.append(load.key)
        return Response(503, None, "unavailable") if len(tries) < 3 else [Response(200, "made")] * 2

    loaded([writing("a", seen=seen), writing("b", seen=seen)], answer)
    assert (seen, tries) == (["made"] * 2, ["batch/1"] * 3)
    seen.clear()
    loaded([writing("a", seen=seen), writing("b", seen=seen)], lambda _: Response(413, None, "too_many_rows"))
    assert seen == ["too_many_rows"] * 2


def test_a_loader_writes_into_its_target_alone():
    world = World(lambda _: None)
    with pytest.raises(AssertionError, match="a loader of erp does not write to billing"):
        Loader(world.surroundings, PATIENT, world.caller, "erp").write("billing", "request", "key")


# --- watermarks --------------------------------------------------------------------------------------


def change(number, at_us, key=None, version=1):
    return Event(number, "erp", "changed", key or f"C-{number}", version, at_us, None)


class Reader(World):
    """A reader of changes, those of another type not being its own; `asked` are the queries that it has made."""

    def __init__(self, *changes, lookback_us=0, page=100, store=None):
        super().__init__(self._listed)
        self.changes = list(changes)
        self._page = page
        self.passed_us = None
        account = SimpleNamespace(owes=lambda event: event.type == "changed", pass_on=self._passed)
        self.surroundings.readings["job"] = account
        self.store = store or Store()
        self.watermark = Watermark(self.surroundings, self.store, self.caller, "job", "erp", lookback_us)

    def _passed(self, stamp_us):
        self.passed_us = stamp_us

    def _listed(self, request):
        after = request.after or Position(request.since_us, 1 << 62)
        rows = [
            each for each in self.changes
            if after < (each.stamp_us, each.id) and each.stamp_us <= request.until_us
        ]  # fmt: skip
        page = tuple(rows[: self._page])
        last = Position(page[-1].stamp_us, page[-1].id) if page else after
        return Page(page, last, len(rows) > self._page)

    def read(self):
        self.extract = self.run(self.watermark.extract())
        return [event.id for event in self.extract.events]


def test_a_reader_gets_what_is_stamped_since_its_mark_page_by_page_and_again_until_the_mark_moves():
    reader = Reader(*(change(number, number) for number in range(7)), page=3)
    reader.watermark.begin()
    reader.clock.run_until(5)

    assert reader.read() == [0, 1, 2, 3, 4, 5]
    assert len(reader.asked) == 2
    assert reader.read() == [0, 1, 2, 3, 4, 5, 6]
    reader.run(reader.watermark.advance(reader.extract))
    reader.changes.append(change(8, reader.clock.now))
    assert reader.read() == [8]


def test_what_lies_in_the_lookback_is_read_again_and_left_out_unless_it_has_changed():
    reader = Reader(change(1, 0), lookback_us=3 * DAY)
    reader.watermark.begin()
    assert reader.read() == [1]
    reader.run(reader.watermark.advance(reader.extract))
    assert reader.read() == []
    late, newer = change(2, MINUTE), change(3, 2 * MINUTE, "C-1", version=2)
    reader.changes += [late, newer]

    assert reader.read() == [2, 3]


def test_of_a_record_on_two_pages_the_newer_state_counts():
    reader = Reader(change(1, 0, "C-1"), change(2, 1), change(3, 2, "C-1", version=2), page=2)
    reader.watermark.begin()
    reader.clock.run_until(5)

    assert reader.read() == [2, 3]


def test_a_mark_outlives_its_reader_if_it_is_stored_and_one_that_was_skipped_to_does_not():
    store = Store()
    first = Reader(change(1, 0), store=store)
    first.watermark.begin()
    first.read()
    first.run(first.watermark.advance(first.extract))
    stored_us = first.passed_us
    first.clock.run_until(first.clock.now + DAY)
    first.read()
    first.watermark.skip(first.extract)
    assert first.passed_us > stored_us

    second = Reader(store=store)
    second.watermark.begin()
    assert second.passed_us == stored_us
    forgetful = Reader(store=Memory())
    forgetful.clock.run_until(DAY)
    forgetful.watermark.begin()
    assert forgetful.passed_us == DAY - 1
