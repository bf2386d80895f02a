"""What can go wrong, as a scenario file says it: a kind, a system, a window and a strength.

`from` and `for` may be left out: a fault then lasts from the quarter's first instant, or to the end of the run.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Literal, Self, TypeAlias, TypeGuard

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.dates import Instant
from scenarios.distributions import Distribution, Exponential
from scenarios.event_faults import ClockSkew, Poison, SchemaChange, StaleIndex
from scenarios.model import Model
from scenarios.reach import OPERATIONS, OnCalls, OnEvents, Planned, SystemName
from scenarios.values import Scaled, Share, Span, Title, Whole, YesNo, refusal
from sim.calendar import FiscalCalendar
from sim.durations import SECOND

Slowness = Annotated[int, Scaled(100, 1, 1000, "write 8 for eight times as long")]
"""How many times as long; held in percent."""

Nth = Annotated[int, Whole(1, 1_000_000_000)]
"""Which of several it is, counted from 1."""


class _ShareOrNth(Model):
    """Either a share is struck, or just one: exactly one of the two is said."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["share"]}, {"required": ["nth"]}]})
    share_ppm: Share | None = None
    nth: Nth | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if self.share_ppm is None and self.nth is None:
            raise refusal("share or nth", "add share: 0.05 for 5 %, or nth: 1 for the first alone")
        if self.share_ppm is not None and self.nth is not None:
            raise refusal("share or nth, and not both", "drop one of the two", "nth")
        return self


class Outage(Planned):
    """The system is down: it refuses connections, or (`silent`) never answers. Work in service is lost."""

    kind: Literal["outage"] = "outage"
    starts: Instant = Field(alias="from", description="When it begins, local time.")
    lasts_us: Span = Field(alias="for", description="How long it lasts.")
    silent: YesNo = Field(False, description="Never answer, instead of refusing connections.")


class Partition(Planned):
    """The layer is cut off from the system, which goes on working: requests, answers and events get lost."""

    kind: Literal["partition"] = "partition"
    starts: Instant = Field(alias="from", description="When it begins, local time.")
    lasts_us: Span = Field(alias="for", description="How long it lasts.")


class Brownout(OnCalls):
    """The system crawls: service takes `slow` times as long, and a share of the calls fails with 503."""

    kind: Literal["brownout"] = "brownout"
    slow_percent: Slowness = Field(800, alias="slow", description="How many times as long service takes.")
    fail_share_ppm: Share = Field(200_000, alias="fail_share", description="Share of the calls that fail with 503.")


class Throttling(OnCalls):
    """The system grants at most `per_minute` calls, and answers 429 to the rest."""

    kind: Literal["throttling"] = "throttling"
    per_minute: Annotated[int, Whole(1, 60_000_000)] = Field(description="Calls granted a minute.")
    burst: Annotated[int, Whole(1, 1_000_000)] = Field(1, description="Calls granted at once.")
    retry_after_us: Span = Field(5 * SECOND, alias="retry_after", description="The wait a 429 asks for.")


class ExpiredToken(Planned):
    """The client's token has run out: every call is answered 401 until it has fetched a new one, if it can."""

    kind: Literal["expired_token"] = "expired_token"
    renewable: YesNo = Field(True, description="Whether a refresh helps; if not, the credential itself was revoked.")


class LostRequest(_ShareOrNth, OnCalls):
    """A share of the requests, or one alone, vanishes on the way: nothing is done, and the client waits in vain."""

    kind: Literal["lost_request"] = "lost_request"
    share_ppm: Share | None = Field(None, alias="share", description="Share of the requests.")
    nth: Nth | None = Field(None, description="Instead of a share: this one alone, in the order of arrival.")


class LostResponse(_ShareOrNth, OnCalls):
    """A share of the answers, or one alone, vanishes on the way back: the work is done, and the client never hears."""

    kind: Literal["lost_response"] = "lost_response"
    share_ppm: Share | None = Field(None, alias="share", description="Share of the answers.")
    nth: Nth | None = Field(None, description="Instead of a share: this one alone, in the order of commit.")


class DuplicateDelivery(_ShareOrNth, OnEvents):
    """A share of the events, or one alone, goes out twice."""

    kind: Literal["duplicate_delivery"] = "duplicate_delivery"
    share_ppm: Share | None = Field(None, alias="share", description="Share of the deliveries.")
    nth: Nth | None = Field(None, description="Instead of a share: this first delivery alone, in the order of sending.")
    gap: Distribution = Field(Exponential(mean="30 s"), description="How much later the copy comes.")


class LateDelivery(OnEvents):
    """A share of the events comes late."""

    kind: Literal["late_delivery"] = "late_delivery"
    share_ppm: Share = Field(alias="share", description="Share of the deliveries.")
    delay: Distribution = Field(Exponential(mean="15 min"), description="How much later.")


class OutOfOrder(OnEvents):
    """A share of the events is delayed, each on its own, so that later ones overtake earlier ones."""

    kind: Literal["out_of_order"] = "out_of_order"
    share_ppm: Share = Field(1_000_000, alias="share", description="Share of the deliveries.")
    delay: Distribution = Field(Exponential(mean="60 s"), description="How much later, drawn for each alone.")


class Crash(Model):
    """The integration layer itself is killed, and comes back with only what it had made durable."""

    kind: Literal["crash"] = "crash"
    name: Title = Field("", description='What reports call it; by default "crash of layer".')
    starts: Instant | None = Field(
        None, alias="from", description="When it is killed, local time; with `every` or `after_effect`: from when on."
    )
    lasts_us: Span | None = Field(
        None, alias="for", description="With `every`: how long crashes go on; by default to the end of the run."
    )
    down_us: Span = Field(30 * SECOND, alias="down", description="How long it stays down each time.")
    every_us: Span | None = Field(None, alias="every", description="Kill it at random, this often on average.")
    after_effect: Annotated[int, Whole(1, 1_000_000_000)] | None = Field(
        None, description="Kill it right after its n-th effect: call sent, change committed, write, acknowledgement."
    )

    @property
    def system(self) -> str:
        """What it strikes."""
        return "layer"

    @property
    def target(self) -> str:
        """The same."""
        return self.system

    @property
    def only(self) -> tuple[str, ...]:
        """A crash strikes all of it."""
        return ()

    @model_validator(mode="after")
    def _once_or_at_random_or_after(self) -> "Crash":
        if self.every_us is not None and self.after_effect is not None:
            raise refusal("one of `every` and `after_effect`", "drop one of the two", "every")
        if self.every_us is not None and not self.every_us:
            raise refusal("a span longer than 0", "write for example every: 1 d", "every")
        if self.starts is None and self.every_us is None and self.after_effect is None:
            raise refusal("when it crashes", "write from, every or after_effect", "from")
        if self.lasts_us is not None and self.every_us is None:
            raise refusal("no `for` without `every`", "write down: for how long the layer stays down", "for")
        return self


class PartialLoad(Planned):
    """A share of the bulk loads of several rows stops part-way: the job ends well, and rows were not processed."""

    kind: Literal["partial_load"] = "partial_load"
    share_ppm: Share = Field(alias="share", description="Share of the bulk loads.")

    @field_validator("system")
    @classmethod
    def _is_loaded(cls, system: SystemName) -> SystemName:
        if "bulk_load" not in OPERATIONS[system]:
            loaded = ", ".join(name for name, operations in OPERATIONS.items() if "bulk_load" in operations)
            raise refusal(f"a system that is loaded in bulk: one of {loaded}", f"choose another than {system}")
        return system

    @property
    def only(self) -> tuple[str, ...]:
        """It strikes bulk loads, and these alone."""
        return ("bulk_load",)


FaultSpec: TypeAlias = Annotated[
    Outage
    | Partition
    | Brownout
    | Throttling
    | ExpiredToken
    | LostRequest
    | LostResponse
    | DuplicateDelivery
    | LateDelivery
    | OutOfOrder
    | StaleIndex
    | Poison
    | SchemaChange
    | ClockSkew
    | Crash
    | PartialLoad,
    Field(discriminator="kind"),
]  # fmt: skip
"""One fault of a scenario."""

KINDS: tuple[str, ...] = (
    "outage", "partition", "brownout", "throttling", "expired_token", "lost_request", "lost_response",
    "duplicate_delivery", "late_delivery", "out_of_order", "stale_index", "poison", "schema_change",
    "clock_skew", "crash", "partial_load",
)  # fmt: skip
"""The words for the kinds of faults."""


def window_us(fault: FaultSpec, calendar: FiscalCalendar) -> tuple[int, int]:
    """From when, up to when it strikes; microseconds since instant 0."""
    starts, lasts_us = fault.starts, fault.lasts_us
    start_us = calendar.quarter_start_us
    if starts is not None:
        start_us = calendar.instant_us(starts.toordinal(), 60 * starts.hour + starts.minute)
    if _is_down(fault):
        lasts_us = fault.down_us
    return start_us, calendar.end_us if lasts_us is None else start_us + lasts_us


def bad_window(fault: FaultSpec, calendar: FiscalCalendar, *at: str | int) -> PydanticCustomError | None:
    """A refusal of a window that does not lie within the run, if it does not. `at` is where the fault stands."""
    start_us, end_us = window_us(fault, calendar)
    first, last = (f"{calendar.local(us):%Y-%m-%d %H:%M}" for us in (0, calendar.end_us))
    if not 0 <= start_us < calendar.end_us:
        return refusal(f"an instant of the run, which lasts from {first} to {last}", "move it", *at, "from")
    if end_us > calendar.end_us:
        field = "down" if _is_down(fault) else "for"
        return refusal(f"an end within the run, which ends on {last}", "shorten it, or leave it out", *at, field)
    return None


def _is_down(fault: FaultSpec) -> TypeGuard[Crash]:
    """Whether it is one crash at an instant, which lasts for as long as the layer is down."""
    return isinstance(fault, Crash) and fault.every_us is None and fault.after_effect is None


def named(faults: Sequence[FaultSpec]) -> tuple[FaultSpec, ...]:
    """The same faults, the nameless called "<kind> of <system>", numbered from the second on. Names are unique."""
    taken = {fault.name for fault in faults if fault.name}
    result = []
    for fault in faults:
        if not fault.name:
            name = free_name(fault, taken)
            taken.add(name)
            fault = fault.model_copy(update={"name": name})  # noqa: PLW2901  # the same fault, now with its name
        result.append(fault)
    return tuple(result)


def twice_named(faults: Iterable[FaultSpec]) -> int | None:
    """The position of the first fault whose name an earlier one has, if there is one."""
    seen: Counter[str] = Counter()
    for position, fault in enumerate(faults):
        seen[fault.name] += 1
        if fault.name and seen[fault.name] > 1:
            return position
    return None


def free_name(fault: FaultSpec, taken: Collection[str]) -> str:
    """What a nameless fault is called, besides others: "<kind> of <system>", numbered from the second on."""
    name, number = f"{fault.kind.replace('_', ' ')} of {fault.target}", 1
    while (candidate := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return candidate
