"""Managed batch: at fixed times, what changed since the watermark is loaded in bulk, and must tie before it moves on.

There is a job for each pair of systems. At its times it reads what its source has changed since its watermark, less
a lookback, of each record the newest state; writes a manifest with control totals; and loads the rows in bulk, each
with its own key. A row that the target refuses goes to a work queue and holds up no other. Then it holds the results
of the rows, and the records and amounts that the target has of the batch, against its manifest. Rows without a result
are loaded again, and only when there are none does the watermark move and the batch close; one whose totals do not tie
even then is reported. After a crash it goes on from its manifest.

It promises completeness, by control totals, at few calls, as long as no change commits further behind the watermark
than it looks back and no clock is off by more; and no duplicates where the target honours keys. It is
late by nature: by half an interval on average and a whole one at worst, and by the time that the load takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from fakes.bulk import ROWS_MAX
from harness.blocks.applying import Applier
from harness.blocks.batch import DONE, BatchBook
from harness.blocks.control_totals import difference
from harness.blocks.loading import Loader
from harness.blocks.retry import CallFailed
from harness.blocks.row_loading import RowLoading
from harness.blocks.timetable import MINUTES, next_time_us
from harness.blocks.watermark import Extract, Watermark
from harness.blocks.work_queue import WorkItem, WorkQueue
from harness.kit import Kit
from harness.layer import ROUTES, Endpoint, Layer, Option, Selection, Surroundings
from harness.switches import switches
from sim.delivery import Event
from sim.durations import MINUTE, parse_us
from sim.readings import Reading

PARKED_US = (15 * MINUTE,)
"""What was rejected is taken along by the next batch."""
RESTARTS_MAX = 20
"""How often rows without a result are loaded again before the batch waits for its next time."""

_SWITCHES = switches(idempotency="key", gate="version", attempts="unlimited", journal="on", dead_letters="on")


class ManagedBatch(Layer):
    """A job for each way between two systems, all at the same times."""

    NAME = "managed-batch"
    PAIRS: ClassVar[Sequence[tuple[str, str]]] = tuple(ROUTES)
    SUMMARY = "at fixed times, what changed since a watermark: bulk loads, row results, control totals"
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "every": Option("1h", tuple(MINUTES), "how often jobs run, first half an interval after local midnight"),
        "chunk": Option("200", ("1", "50", "200", "2000", str(ROWS_MAX)), "rows loaded by one call"),
        "lookback": Option(
            "5min",
            ("none", "1min", "5min", "30min", "2h"),
            "how far behind its watermark a reading begins",
            protects="a change that commits late, behind the watermark, and is never read",
            without="none",
        ),
        "control_totals": Option(
            "on",
            ("on", "off"),
            "hold a batch's row results and its totals in the target against its manifest; off: take a job at its word",
            protects="a load that stops part-way and says so in its row results alone",
            without="off",
        ),
        **_SWITCHES,
        # Of a record changed twice only the newest state is read: to wait for each version would be to wait for ever.
        "gate": replace(_SWITCHES["gate"], choices=("version", "timestamp", "none")),
    }
    SETTINGS: ClassVar[Mapping[str, tuple[int | tuple[int, ...], str]]] = {
        "parked_us": (PARKED_US, "a rejected row is taken along by the next job"),
        "restarts_max": (
            RESTARTS_MAX,
            "a job that stops part-way each time does not hold up the next",
        ),
    }

    WHY: ClassVar[Mapping[str, str]] = {
        "inbox": "rows have results, and what was loaded is known by them",
        "compensation": "each row is loaded by itself: there is no saga to fail",
        "late_posting": "a batch does not wait for people",
        "capture": "it reads by itself, from its watermark",
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str], kit: Kit | None = None) -> None:
        super().__init__(surroundings, options)
        part = self.NAME if kit else ""  # of a layer of several, which hands its kit to each
        kit = kit or Kit(surroundings, options)
        self.work_queue = WorkQueue(surroundings, kit.store, self._come_back, PARKED_US, part)
        pairs = [pair for pair in self.PAIRS if pair in surroundings.routes]
        self.jobs = {f"{source}->{target}": Job(self, kit, source, target) for source, target in pairs}

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            Endpoint(name, job.source, job.types, job.take_back, frozenset({job.target}), mode="read")
            for name, job in self.jobs.items()
        ]

    def start(self) -> None:
        for job in self.jobs.values():
            self.surroundings.clock.spawn(job.work())
        self.work_queue.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        return [*((event, job.target) for job in self.jobs.values() for event in job.in_hand()), *self.parked()]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [(item.event, item.target) for item in self.work_queue.items]

    def replay(self, selection: Selection) -> None:
        self.work_queue.replay(selection)

    def _come_back(self, item: WorkItem) -> None:
        self.jobs[f"{item.event.source}->{item.target}"].take_along(item.event)


class Job:
    """What one source changes, loaded into one target."""

    def __init__(self, layer: ManagedBatch, kit: Kit, source: str, target: str) -> None:
        self.source = source
        self.target = target
        self.types = ROUTES[source, target]
        self._name = name = f"{source}->{target}"
        self._layer = layer
        self._surroundings = surroundings = layer.surroundings
        self._caller = kit.caller
        options = layer.options
        lookback_us = 0 if options["lookback"] == "none" else parse_us(options["lookback"])
        self._watermark = Watermark(surroundings, kit.store, kit.caller, name, source, lookback_us)
        self._book = BatchBook(kit.store, name)
        loader = Loader(surroundings, kit.policy, kit.caller, target)
        self._applier: Applier = kit.applier(target, name, caller=loader)
        parks = layer.work_queue if options["dead_letters"] == "on" else None
        self._loading = RowLoading(
            surroundings, kit.store, self._book, loader, self._applier, int(options["chunk"]), parks
        )
        self._store = kit.store
        self._minutes = MINUTES[options["every"]]
        self._checks = options["control_totals"] == "on"
        self._returning: dict[int, Event] = {}

    @property
    def _reading(self) -> Reading:
        return self._surroundings.readings[self._name]

    def in_hand(self) -> list[Event]:
        """The rows of the open batch that have no result."""
        return self._book.rows(None)

    def take_along(self, event: Event) -> None:
        """Have a row that was rejected be in the next batch."""
        self._returning[event.id] = event

    async def take_back(self, event: Event) -> bool:
        """Nobody tells this job of anything."""
        raise NotImplementedError(f"{self._name} reads by itself: it is not told of {event.type}")

    async def work(self) -> None:
        """Finish what was begun, then run at every fixed time; once another has taken over, a last time."""
        clock = self._surroundings.clock
        self._watermark.begin()
        if self._book.manifest:
            self._take_in(self._book.manifest.extract)
            await self._run()
        while True:
            await clock.sleep(next_time_us(self._surroundings.calendar, clock.now, self._minutes) - clock.now)
            retired = self._reading.ended
            await self._run()
            if retired and self._book.manifest is None:
                return

    async def _run(self) -> None:
        """Begin a batch, unless one is open, and load it; what a system does not answer waits for the next time."""
        try:
            if self._book.manifest is not None or await self._begun():
                await self._finish()
        except CallFailed as failed:
            self._surroundings.note("batch_waits", self.target, failed.response.word)

    # --- a batch begins ------------------------------------------------------------------------------

    async def _begun(self) -> bool:
        """Read what has changed, and write it into a manifest with what was rejected before, if there is anything."""
        extract = await self._watermark.extract()
        if not extract.events and not self._returning:  # as nearly always
            self._watermark.skip(extract)
            return False
        rows = await self._rows(extract)
        if rows:
            await self._book.open(self._surroundings.clock.now, rows, extract)
        self._take_in(extract)
        if not extract.events and not rows:
            self._watermark.skip(extract)
        elif not rows:
            await self._watermark.advance(extract)
        return bool(rows)

    def _take_in(self, extract: Extract) -> None:
        for event in extract.events:
            self._reading.take_in(event)

    async def _rows(self, extract: Extract) -> list[Event]:
        """What is to be loaded: of each key the newest state, and none that was dealt with or superseded."""
        found = [*self._returning.values(), *extract.events]
        self._returning.clear()
        newest = {event.key: event for event in found}
        rows, work_queue = [], self._layer.work_queue
        for event in found:
            if newest[event.key] is event and not self._applier.settled(event):
                rows.append(event)
                continue
            self._surroundings.counts.skipped_superseded += 1
            removal = work_queue.removal(event, self.target)
            if removal:
                await self._store.write(*removal)
        return rows

    # --- a batch is loaded ---------------------------------------------------------------------------

    async def _finish(self) -> None:
        """Load what has no result until the batch ties, and close it."""
        for _ in range(RESTARTS_MAX):
            if not await self._loading.load():
                return  # the target did not answer
            if not self._checks or await self._is_complete():
                await self._close()
                return

    # --- a batch ends --------------------------------------------------------------------------------

    async def _is_complete(self) -> bool:
        """Whether every row has a result; totals that do not tie then are reported. Raises CallFailed."""
        manifest, left_over = self._book.manifest, self._book.rows(None)
        assert manifest is not None, "only an open batch is checked"
        off = await difference(self._caller, self.target, manifest.id, self._book.rows(None, DONE))
        if left_over:
            return False
        if any(off):
            self._surroundings.counts.out_of_balance += 1
            self._surroundings.note(
                "out_of_balance", self.target, f"{manifest.id} {off.records:+} {off.control_total:+}"
            )
        return True

    async def _close(self) -> None:
        """Move the watermark, and close the batch with it."""
        manifest = self._book.manifest
        assert manifest is not None, "only an open batch is closed"
        for event in self._book.rows(None):  # nobody has looked: for the record alone
            self._surroundings.work_on(event)
            self._surroundings.note("taken_for_done", self.target, event.key)
        await self._watermark.advance(manifest.extract, *self._book.closing())
