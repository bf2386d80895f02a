"""How a layer learns of what its sources change: told in one of three ways, or reading in one of two.

A *webhook*, an *outbound* message or an *outbox* tells it; by *polling* it asks for what is stamped since a watermark;
by *cdc* it reads the stream of commits from a stored position. What is polled or told by outbound message is a record
as it is, not each change of it: who hears of a contract so does not know whether it is the first that he hears.
"""

from collections.abc import Awaitable, Callable, Iterable

from fakes.changes import BEGINNING, LATEST, ListChanges, Page, Position, ReadStream
from harness.blocks.retry import Caller, CallFailed
from harness.blocks.watermark import Watermark
from harness.layer import TARGETS, Endpoint, Surroundings
from harness.store import Store
from sim.delivery import Event, Handler
from sim.durations import HOUR, MINUTE, SECOND
from sim.network import CAUSE
from sim.readings import Reading

POLL_US = MINUTE
LOOKBACK_US = 5 * MINUTE
HOLD_US = 110 * SECOND
"""How long a source holds a long poll that it has nothing for: as Salesforce's streaming API does."""

GAP_LOOKBACK_US = HOUR
"""How far before the last position a gap is read back, for what was stamped before it and committed after it."""


class Capture:
    """The endpoints of one layer, all of one `mode`: webhook, outbound, cdc, polling or outbox."""

    def __init__(self, surroundings: Surroundings, store: Store, caller: Caller, mode: str) -> None:
        self._surroundings = surroundings
        self._store = store
        self._caller = caller
        self._mode = mode
        self._readers: dict[str, Callable[[], Awaitable[None]]] = {}

    @property
    def collapses(self) -> bool:
        """Whether of a record changed twice perhaps only the newest state is heard of."""
        return self._mode in {"outbound", "polling"}

    def endpoint(
        self, name: str, source: str, types: frozenset[str], receive: Handler, targets: frozenset[str] | None = None
    ) -> Endpoint:
        """Where the layer is told of a source's events, or has them read for it: each is handed to `receive`."""
        if self._mode == "polling":
            watermark = Watermark(self._surroundings, self._store, self._caller, name, source, LOOKBACK_US)
            self._readers[name] = Poller(self._surroundings, name, watermark, receive).work
        elif self._mode == "cdc":
            self._readers[name] = StreamReader(
                self._surroundings, self._store, self._caller, name, source, receive
            ).work  # fmt: skip
        mode = "read" if name in self._readers else self._mode
        return Endpoint(name, source, types, receive, frozenset(TARGETS) if targets is None else targets, mode)

    def start(self) -> None:
        """Begin to read, if that is what the layer does."""
        for work in self._readers.values():
            self._surroundings.clock.spawn(work())  # type: ignore[arg-type]  # a coroutine function's


class Poller:
    """Asks every minute for what has changed, and hands it on."""

    def __init__(self, surroundings: Surroundings, name: str, watermark: Watermark, receive: Handler) -> None:
        self._surroundings = surroundings
        self._name = name
        self._watermark = watermark
        self._receive = receive

    async def work(self) -> None:
        """Poll until another has taken over."""
        reading, clock = self._surroundings.readings[self._name], self._surroundings.clock
        self._watermark.begin()
        retired = False
        while not retired:
            await clock.sleep(POLL_US)
            retired = reading.ended
            try:
                extract = await self._watermark.extract()
            except CallFailed:
                continue
            if not extract.events:
                self._watermark.skip(extract)
            elif await handed_on(extract.events, reading, self._receive):
                await self._watermark.advance(extract)


class StreamReader:
    """Reads a source's stream of commits from the position that is stored, and hands each change on."""

    def __init__(
        self, surroundings: Surroundings, store: Store, caller: Caller, name: str, source: str, receive: Handler
    ) -> None:
        self._surroundings = surroundings
        self._store = store
        self._caller = caller
        self._name = name
        self._source = source
        self._receive = receive
        self._positions = store.table("positions")

    async def work(self) -> None:
        """Read until another has taken over."""
        reading, clock = self._surroundings.readings[self._name], self._surroundings.clock
        if self._name not in self._positions:  # nobody remembers: what was before now is not read
            self._move(BEGINNING if clock.now == 0 else LATEST)
            reading.pass_on(clock.now - 1)
        while True:
            retired, asked_us = reading.ended, clock.now
            try:
                page: Page = await self._read(self._positions[self._name])
            except CallFailed as failed:
                if failed.response.status == 410:
                    await self._read_back(reading)
                else:
                    await clock.sleep(HOLD_US)
                continue
            if not await handed_on(page.changes, reading, self._receive):
                await clock.sleep(POLL_US)
                continue
            await self._keep(page.next)
            if not page.changes:
                if retired:
                    return
                await reading.news(asked_us, HOLD_US)

    def _read(self, after: Position) -> Awaitable[Page]:
        return self._caller.read(self._source, ReadStream(after), self._name)

    async def _read_back(self, reading: Reading) -> None:
        """Ask for the records that changed in the gap, as they are now, and go on from the stream's end.

        The end is asked for first: what is committed meanwhile comes in both.
        """
        self._surroundings.note("gap_read_back", self._source, self._name)
        since_us = max(-1, self._positions[self._name].at_us - GAP_LOOKBACK_US)
        try:
            end = (await self._read(LATEST)).next
            request = ListChanges(since_us, self._surroundings.clock.now)
            more = True
            while more:
                page: Page = await self._caller.read(self._source, request, self._name)
                if not await handed_on(page.changes, reading, self._receive):
                    return
                more, request = page.more, ListChanges(since_us, request.until_us, page.next)
        except CallFailed:
            return
        await self._keep(end)

    async def _keep(self, position: Position) -> None:
        if position != self._positions[self._name]:
            await self._store.write(("positions", self._name, position))

    def _move(self, position: Position) -> None:
        self._store.put(("positions", self._name, position))


async def handed_on(events: Iterable[Event], reading: Reading, receive: Handler) -> bool:
    """Hand each event that is the reader's to `receive`, in order; whether all of them were taken."""
    for event in events:
        if not reading.owes(event):
            continue
        CAUSE.set(event.id)
        taken = await receive(event)
        CAUSE.set(0)
        if not taken:
            return False
        reading.take_in(event)
    return True
