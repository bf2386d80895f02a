"""Random profiles of faults: each kind is on or off, with systems, windows and strengths drawn, and all are healed.

A kind that is off in half of the profiles lets the others show what they do alone (swarm testing: Groce et al. 2012).
Every fault ends days before the audit, so that a layer has time for what it promises in the end: nothing is lost. What
it promises at any time, it has to keep throughout: nothing twice, no wrong amount.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache

from fakes.names import SYSTEMS
from harness.layer import TARGETS
from harness.sweeps.trial import SMALLEST, Trial
from scenarios.compile import calendar_of
from scenarios.load import load
from sim.calendar import FiscalCalendar
from sim.chance import Stream
from sim.durations import DAY, HOUR, MINUTE

CONTRACTS = 12
OVERRIDES = (
    f"business.contracts={CONTRACTS}",
    "calendar.business_hours=08:00-20:00",
    "business.profile=flat",
    "business.contracts_per_account=2",
    "business.active_share=0.5",
    "business.first_of_month_share=0.3",
)
"""The smallest business made a little larger, and spread over the month, so that faults meet work in hand."""

AT_ONCE = (
    *(f"systems.{name}.latency={{fixed: 10 ms}}" for name in ("billing", "erp", "revenue")),
    *(f"systems.{name}.service={{fixed: 100 ms}}" for name in ("billing", "erp", "revenue")),
    *(f"systems.{name}.delivery.delay={{fixed: 1 s}}" for name in ("billing", "revenue")),
)
"""Everything of a kind takes the same time: what begins together, such as a bill day's invoices, ends together."""

HEALED_DAYS = 2
"""Days of the month at whose end everything works again; the books are closed three business days after it."""

TELLING = ("crm", "billing", "revenue")


class Draws:
    """The draws for one fault, each with a name of its own; it strikes from the quarter's first instant on.

    And until HEALED_DAYS before its end by `calendar`, or until another instant.
    """

    def __init__(
        self, stream: Stream, *key: object, calendar: FiscalCalendar | None = None, until_us: int | None = None
    ) -> None:
        self.calendar = calendar or _calendar()
        self.until_us = healed_us(self.calendar) if until_us is None else until_us
        self._stream = stream
        self._key = key

    def among(self, what: str, choices: tuple[str, ...]) -> str:
        """One of some words."""
        return self._stream.pick(choices, *self._key, what)

    def below(self, what: str, limit: int) -> int:
        """A number from 0 up to, not including, `limit`."""
        return self._stream.below(limit, *self._key, what)

    def span_us(self, what: str, least_us: int, most_us: int) -> int:
        """A span between the two, short ones as likely as long ones: each doubling has the same chance."""
        doublings = (most_us // least_us).bit_length()
        low_us = least_us << self.below(f"{what}, doubled", doublings)
        return min(low_us + self.below(what, low_us), most_us)


def profiles(layer: str, count: int, first: int = 0) -> Iterator[Trial]:
    """A layer's trials with `count` profiles, from the one of number `first` on. One is the same for each layer."""
    for number in range(first, first + count):
        yield profile(layer, number)


def profile(layer: str, number: int) -> Trial:
    """The trial of one profile."""
    stream = Stream(number, "swarm")
    faults = tuple(
        written(kind, Draws(stream, kind, place))
        for kind in KINDS
        if stream.below(2, kind, "on")
        for place in range(1 + stream.below(2, kind, "how many"))
    )
    ties = (f"tie_seed={number}",) if stream.below(2, "ties") else ()
    replays = (replayed(_calendar(), healed_us(_calendar())),)
    return Trial(layer, SMALLEST, number, (*OVERRIDES, *ties, *replays), faults, f"swarm profile {number}")


def written(kind: str, draws: Draws) -> str:
    """A fault of one of KINDS, as drawn, in a scenario's words."""
    return f"{{kind: {kind}, {KINDS[kind](draws)}}}"


def replayed(calendar: FiscalCalendar, *instants_us: int) -> str:
    """The override by which what was set aside is carried again at these instants, as whoever looks after it would."""
    return f"replays=[{', '.join(f'{{at: {calendar.local(at_us):%Y-%m-%d %H:%M}}}' for at_us in instants_us)}]"


# --- strengths, kind by kind -------------------------------------------------------------------------


def _outage(draws: Draws) -> str:
    silent = draws.among("silent", ("true", "false"))
    return f"system: {draws.among('system', SYSTEMS)}, {_window(draws, 10 * MINUTE, 30 * HOUR)}, silent: {silent}"


def _brownout(draws: Draws) -> str:
    slow, failing = 2 + draws.below("slow", 40), draws.below("failing", 80)
    window = _window(draws, HOUR, 4 * DAY)
    return f"system: {draws.among('system', TARGETS)}, {window}, slow: {slow}, fail_share: 0.{failing:02}"


def _throttling(draws: Draws) -> str:
    window = _window(draws, HOUR, 4 * DAY)
    return f"system: {draws.among('system', TARGETS)}, {window}, per_minute: {1 + draws.below('per minute', 30)}"


def _lost_calls(draws: Draws) -> str:
    window = _window(draws, DAY, 24 * DAY)
    return f"system: {draws.among('system', TARGETS)}, {window}, share: {_share(draws, 60)}"


def _told_twice(draws: Draws) -> str:
    gap = _span(draws.span_us("gap", MINUTE // 60, 4 * DAY))
    window = _window(draws, DAY, 24 * DAY)
    return f"system: {draws.among('system', TELLING)}, {window}, share: {_share(draws, 99)}, gap: {{fixed: {gap}}}"


def _delayed(draws: Draws) -> str:
    delay = _span(draws.span_us("delay", MINUTE // 60, 4 * HOUR))
    window = _window(draws, DAY, 24 * DAY)
    return f"system: {draws.among('system', TELLING)}, {window}, share: {_share(draws, 99)}, delay: {{mean: {delay}}}"


def _crash(draws: Draws) -> str:
    down_us = draws.span_us("down", MINUTE // 60, HOUR)
    every_us = max(draws.span_us("every", 30 * MINUTE, 2 * DAY), 4 * down_us)  # else sources give up telling it
    return f"every: {_span(every_us)}, down: {_span(down_us)}, {_window(draws, DAY, 24 * DAY)}"


def _cut_off(draws: Draws) -> str:
    return f"system: {draws.among('system', SYSTEMS)}, {_window(draws, 10 * MINUTE, 20 * HOUR)}"


def _expired(draws: Draws) -> str:
    renewable = draws.among("renewable", ("true", "false"))
    return f"system: {draws.among('system', TARGETS)}, {_window(draws, HOUR, 4 * DAY)}, renewable: {renewable}"


def _stale(draws: Draws) -> str:
    return f"system: {draws.among('system', ('billing', 'erp'))}, {_window(draws, HOUR, 4 * DAY)}"


def _poisoned(draws: Draws) -> str:
    window = _window(draws, DAY, 24 * DAY)
    return f"system: {draws.among('system', TELLING)}, {window}, share: {_share(draws, 60)}"


def _changed(draws: Draws) -> str:
    change = draws.among("change", ("renamed", "added"))
    edit = _span(draws.span_us("edit", 10 * MINUTE, 16 * HOUR))
    window = _window(draws, DAY, 20 * DAY)
    return f"system: {draws.among('system', TELLING)}, {window}, change: {change}, edit: {edit}"


def _skewed(draws: Draws) -> str:
    """Off by less than readers look back by default: what a slow clock stamps behind that, no watermark ever sees."""
    sign = draws.among("sign", ("", "-"))
    skew = _span(draws.span_us("by", MINUTE // 60, 4 * MINUTE))
    return f"system: {draws.among('system', TELLING)}, {_window(draws, DAY, 24 * DAY)}, by: {sign}{skew}"


def _cut_short(draws: Draws) -> str:
    window = _window(draws, DAY, 24 * DAY)
    return f"system: {draws.among('system', TARGETS)}, {window}, share: {_share(draws, 99)}"


KINDS: Mapping[str, Callable[[Draws], str]] = {
    "outage": _outage,
    "brownout": _brownout,
    "throttling": _throttling,
    "lost_request": _lost_calls,
    "lost_response": _lost_calls,
    "duplicate_delivery": _told_twice,
    "late_delivery": _delayed,
    "out_of_order": _delayed,
    "crash": _crash,
    "partition": _cut_off,
    "expired_token": _expired,
    "stale_index": _stale,
    "poison": _poisoned,
    "schema_change": _changed,
    "clock_skew": _skewed,
    "partial_load": _cut_short,
}
"""How a fault of each kind is drawn."""


def _window(draws: Draws, least_us: int, most_us: int) -> str:
    """From when, and for how long: over by the time at which everything is to work again."""
    calendar = draws.calendar
    lasts_us = draws.span_us("for", least_us, most_us)
    latest_us = draws.until_us - lasts_us
    minutes = draws.below("from", (latest_us - calendar.quarter_start_us) // MINUTE)
    starts = calendar.local(calendar.quarter_start_us) + timedelta(minutes=minutes)
    return f"from: {starts:%Y-%m-%d %H:%M}, for: {_span(lasts_us)}"


def _share(draws: Draws, most_percent: int) -> str:
    """From 1 % up, each percent as likely."""
    return f"0.{1 + draws.below('share', most_percent):02}"


def healed_us(calendar: FiscalCalendar) -> int:
    """When everything works again: HEALED_DAYS before the end."""
    return calendar.quarter_end_us - HEALED_DAYS * DAY


@lru_cache(maxsize=1)
def _calendar() -> FiscalCalendar:
    return calendar_of(load(SMALLEST))


def _span(span_us: int) -> str:
    return f"{max(1, span_us // (MINUTE // 60))} s"
