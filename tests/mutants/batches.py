"""Batches that lose rows: between pages, behind the watermark, in a job that stopped part-way, or by a refusal."""

from dataclasses import replace

from fakes.changes import ListChanges
from harness.blocks.batch import DONE
from harness.blocks.row_loading import RowLoading
from harness.blocks.watermark import Extract, Watermark
from harness.kit import Kit
from harness.patterns.managed_batch import Job, ManagedBatch
from sim.durations import parse_us

ROWS_A_PAGE = 2
"""Few, so that a small business has several pages; that is no mistake, as long as they are read to their end."""


class Daily(ManagedBatch):
    """No mutant: managed batch once a day, whose jobs may be of another class."""

    NAME = "daily"
    OPTIONS = ManagedBatch.OPTIONS | {"every": replace(ManagedBatch.OPTIONS["every"], default="24h")}

    def __init__(self, surroundings, options):
        kit = Kit(surroundings, options)
        super().__init__(surroundings, options, kit)
        self.jobs = {name: self.job(kit, job.source, job.target) for name, job in self.jobs.items()}

    def job(self, kit, source, target):
        """The job from one source to one target."""
        return Job(self, kit, source, target)


class TakesJobsAtTheirWord(Daily):
    """A load that ends well is taken for complete: there are no control totals, and no look at the rows' results.
    What a job that stopped part-way did not come to is behind the watermark, and lost.
    """

    NAME = "takes-jobs-at-their-word"

    def job(self, kit, source, target):
        return Trusting(self, kit, source, target)


class Trusting(Job):
    """Closes its batch once it was loaded."""

    async def _is_complete(self):
        return True


class MovesWatermarkFirst(Daily):
    """The watermark is moved once the changes are read, before they are loaded; a job that was cut short begins anew.
    What it had read when the layer crashed is behind the watermark, and lost.
    """

    NAME = "moves-watermark-first"

    def job(self, kit, source, target):
        return Forward(self, kit, source, target)


class Forward(Job):
    """Moves on, and loads then."""

    async def work(self):
        await self._store.write(*self._book.closing())
        await super().work()

    async def _begun(self):
        begun = await super()._begun()
        if begun:
            await self._watermark.advance(self._book.manifest.extract)
        return begun


class SkipsTies(Daily):
    """The next page is asked for from the last row's timestamp on, and not from behind the last row.
    Of changes of the same instant, as a nightly run makes them, those that are on the next page are skipped.
    """

    NAME = "skips-ties"

    def job(self, kit, source, target):
        return Paging(self, kit, source, target, FromTheLastStamp)


class DropsLastOfPage(Daily):
    """The last row of a full page is taken for the first of the next one, which it is not.
    It is in no page, and never loaded.
    """

    NAME = "drops-last-of-page"

    def job(self, kit, source, target):
        return Paging(self, kit, source, target, WithoutTheLast)


class Paging(Job):
    """Reads through a watermark of another class."""

    def __init__(self, layer, kit, source, target, watermark):
        super().__init__(layer, kit, source, target)
        lookback = layer.options["lookback"]
        lookback_us = 0 if lookback == "none" else parse_us(lookback)
        self._watermark = watermark(layer.surroundings, kit.store, kit.caller, self._name, source, lookback_us)


class Pages(Watermark):
    """Reads small pages."""

    async def extract(self):
        reading = self._surroundings.readings[self._name]
        until_us = self._surroundings.clock.now
        newest, since_us = {}, max(-1, self._mark_us - self._lookback_us)
        request = ListChanges(since_us, until_us, limit=ROWS_A_PAGE)
        while True:
            page = await self._caller.read(self._source, request, self._name)
            for row in self._rows(page):
                newest.pop(row.key, None)
                newest[row.key] = row
            if not page.more:
                break
            request = self._next(request, page)
        fresh = (row for row in newest.values() if reading.owes(row) and self._seen.get(row.key) != row.stamp_us)
        return Extract(until_us, tuple(fresh))

    def _rows(self, page):
        return page.changes

    def _next(self, request, page):
        return replace(request, after=page.next)


class FromTheLastStamp(Pages):
    """Goes on behind the last row's timestamp."""

    def _next(self, request, page):
        return replace(request, since_us=page.changes[-1].stamp_us)


class WithoutTheLast(Pages):
    """Leaves the last row of a full page to the next."""

    def _rows(self, page):
        return page.changes[:-1] if len(page.changes) == ROWS_A_PAGE else page.changes


class IgnoresRejectedRows(Daily):
    """Of a load's results only the number of rows is looked at: one that was rejected is as good as done.
    It is not loaded again once it would be taken.
    """

    NAME = "ignores-rejected-rows"

    def job(self, kit, source, target):
        return Counting(self, kit, source, target)


class Counting(Job):
    """Loads rows without regard for what becomes of them."""

    def __init__(self, layer, kit, source, target):
        super().__init__(layer, kit, source, target)
        self._loading = Careless(
            layer.surroundings, kit.store, self._book, self._loading._loader, self._applier,
            int(layer.options["chunk"]), None,
        )  # fmt: skip


class Careless(RowLoading):
    """Takes each row that has a result for done."""

    async def _reject(self, event, reason):
        await self._store.write(self._book.result(event, DONE))


class ResubmitsWhole(Daily):
    """A load that stopped part-way is submitted once more as a whole, with its number behind each row's key.
    What it had done before it stopped is done again.
    """

    NAME = "resubmits-whole"

    def job(self, kit, source, target):
        return Whole(self, kit, source, target)


class Whole(Job):
    """Loads all rows again, as those of another load."""

    def __init__(self, layer, kit, source, target):
        super().__init__(layer, kit, source, target)
        self._loads = 1
        carrier = self._applier._carrier
        keyed = carrier._key
        carrier._key = lambda *said: f"{keyed(*said)}/{self._loads}"

    async def _is_complete(self):
        complete = await super()._is_complete()
        if not complete:
            self._loads += 1
            await self._store.write(*(self._book.result(event, None) for event in self._book.rows(None, DONE)))
        return complete
