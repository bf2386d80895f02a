"""How a system was used, from its calls' arrivals and departures: its queue and waits, once its laws are checked.

The laws of one system hold for each run on its own, without statistics (Denning & Buzen 1978): first come, first
served; flow balance; Little's; utilisation. One that does not hold raises InvariantBroken: then the program is at
fault.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapreplace

import numpy as np
import numpy.typing as npt

from sim.errors import InvariantBroken
from sim.faults import NEVER_US
from sim.trace import Trace

Instants = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """The calls that entered one system, in the order of arrival; who has not left leaves at NEVER_US."""

    system: str
    arrived_us: Instants
    left_us: Instants


@dataclass(frozen=True, slots=True)
class StationStatistics:
    """How one system was used within a window. Means over time, but waits and stays over calls that had them.

    `arrivals` and `departures` fall within the window. A call waits for a slot, is served, and leaves;
    `mean_wait_us` is over those whose service began in the window, `mean_sojourn_us` over those that left.
    `peak` and `peak_queue` count only what lasted. Utilisation is a share of `capacity`.
    """

    system: str
    capacity: int
    window_us: int
    arrivals: int
    departures: int
    busy_us: int
    utilisation: float
    mean_inside: float
    mean_queue: float
    mean_wait_us: float
    mean_sojourn_us: float
    peak: int
    peak_queue: int


def station_statistics(
    trace: Trace,
    system: str,
    capacity: int,
    until_us: int,
    *,
    from_us: int = 0,
    present: Sequence[int] = (),
    gone: Sequence[tuple[int, int, int]] = (),
    shuffled: bool = False,
) -> StationStatistics:
    """How `system` was used from `from_us` to `until_us`, both included, once its laws have been checked.

    `present` are the arrivals of calls still inside at the end, `gone` the (number, arrival, departure) of calls
    that the system is done with and whose client is not: neither has a row yet. Say `shuffled` where what happens at
    the same instant is in a random order. The laws are first come, first
    served in at most `capacity` slots; flow balance; Little's; and utilisation.
    """
    stays = stays_of(trace, system, present, gone, shuffled)
    occupancy = Occupancy(stays, from_us, until_us)
    started_us = replay(stays, capacity, int(occupancy.inside.max(initial=0)))
    arrivals, departures = flow_balance(stays, occupancy)
    inside_us = little(stays, occupancy)
    busy_us = utilisation_law(stays, started_us, occupancy, capacity)
    window_us = until_us - from_us
    began = (started_us >= from_us) & (started_us <= until_us)
    left = (stays.left_us >= from_us) & (stays.left_us <= until_us)
    return StationStatistics(
        system=system,
        capacity=capacity,
        window_us=window_us,
        arrivals=arrivals,
        departures=departures,
        busy_us=busy_us,
        utilisation=busy_us / (capacity * window_us),
        mean_inside=inside_us / window_us,
        mean_queue=(inside_us - busy_us) / window_us,
        mean_wait_us=_mean((started_us - stays.arrived_us)[began]),
        mean_sojourn_us=_mean((stays.left_us - stays.arrived_us)[left]),
        peak=occupancy.peak,
        peak_queue=max(0, occupancy.peak - capacity),
    )


def stays_of(
    trace: Trace,
    system: str,
    present: Sequence[int] = (),
    gone: Sequence[tuple[int, int, int]] = (),
    shuffled: bool = False,
) -> Stays:
    """The calls that entered `system`; those refused at its door never did.

    Ties arrive in the order of sending or, `shuffled`, in one that their departures tell: whichever of them came
    first, the instants at which their service began are the same.
    """
    calls = columns(trace, "calls", "call", "operation", "arrived_us", "left_us")
    words = list(trace.words)
    operations = [number for number in distinct(calls["operation"]) if words[number].startswith(f"{system}.")]
    inside = np.isin(calls["operation"], operations) & (calls["left_us"] >= 0)
    # Of calls that arrive together, one still inside may come last: who began first makes no difference to any sum.
    without_row = [*gone, *((NEVER_US, arrived_us, NEVER_US) for arrived_us in present)]
    more = np.array(without_row, dtype=np.int64).reshape(-1, 3)
    call = np.concatenate([calls["call"][inside], more[:, 0]])
    arrived_us = np.concatenate([calls["arrived_us"][inside], more[:, 1]])
    left_us = np.concatenate([calls["left_us"][inside], more[:, 2]])
    order = np.lexsort((call, left_us, arrived_us) if shuffled else (call, arrived_us))
    return Stays(system, arrived_us[order], left_us[order])


def replay(stays: Stays, capacity: int, most_inside: int = NEVER_US) -> Instants:
    """When each call's service began, if calls are served first come, first served in `capacity` slots.

    Where at most `most_inside` calls were ever inside, and there is a slot for each, all began on arrival.

    A call begins at its arrival or when the first slot falls free, whichever is later (Kiefer & Wolfowitz
    1955). One that left before it could begin was served out of turn, or in a slot that does not exist.
    """
    if most_inside <= capacity:
        return _none_early(stays, stays.arrived_us, capacity)
    free_us = [0] * capacity
    started = []
    for arrived_us, left_us in zip(stays.arrived_us.tolist(), stays.left_us.tolist(), strict=True):
        start_us = max(arrived_us, free_us[0])
        heapreplace(free_us, max(left_us, start_us))
        started.append(start_us)
    return _none_early(stays, np.array(started, dtype=np.int64), capacity)


def _none_early(stays: Stays, started_us: Instants, capacity: int) -> Instants:
    early = np.flatnonzero(stays.left_us < started_us)
    if len(early):
        Law("first come, first served", stays.system).fails(
            f"the call that arrived at {stays.arrived_us[early[0]]} µs left at {stays.left_us[early[0]]} µs, but no "
            f"slot of {capacity} was free for it before {started_us[early[0]]} µs ({len(early)} such calls)"
        )
    return started_us


def flow_balance(stays: Stays, occupancy: "Occupancy") -> tuple[int, int]:
    """Arrivals and departures in the window; their difference is the change in the number inside."""
    arrivals = int(np.count_nonzero((stays.arrived_us >= occupancy.from_us) & (stays.arrived_us <= occupancy.until_us)))
    departures = int(np.count_nonzero((stays.left_us >= occupancy.from_us) & (stays.left_us <= occupancy.until_us)))
    law = Law("flow balance", stays.system)
    if occupancy.least < 0:
        law.fails(f"the number inside falls to {occupancy.least}")
    law.equal(
        "arrivals less departures, and the change inside", arrivals - departures, occupancy.last - occupancy.first
    )
    return arrivals, departures


def little(stays: Stays, occupancy: "Occupancy") -> int:
    """The time calls spent inside within the window: the integral of N, and a sum over calls (Little 1961)."""
    integral_us = int((occupancy.inside * occupancy.widths_us).sum())
    Law("Little's law", stays.system).equal(
        "the integral of the number inside, and the sum of times inside (µs)",
        integral_us,
        occupancy.overlap_us(stays.arrived_us, stays.left_us),
    )
    return integral_us


def utilisation_law(stays: Stays, started_us: Instants, occupancy: "Occupancy", capacity: int) -> int:
    """The slot time used within the window: the integral of the busy slots, and the sum of the services."""
    busy_us = int((np.minimum(occupancy.inside, capacity) * occupancy.widths_us).sum())
    Law("utilisation law", stays.system).equal(
        "the integral of busy slots, and the sum of service times (µs)",
        busy_us,
        occupancy.overlap_us(started_us, stays.left_us),
    )
    return busy_us


def bottleneck(stations: Iterable[StationStatistics]) -> StationStatistics | None:
    """The system that limits the throughput: none can be more than fully used (Denning & Buzen 1978, X ≤ c / D)."""
    busiest = max(stations, key=lambda station: station.utilisation, default=None)
    if busiest and busiest.utilisation > 1 + 1e-9:
        Law("bottleneck", busiest.system).fails(f"it is used at {busiest.utilisation:.3%} of its capacity")
    return busiest


# --- how its laws are checked ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Law:
    """One law as it applies to one thing."""

    name: str
    subject: str

    def equal(self, what: str, one: object, other: object) -> None:
        """Hold that the two counts which `what` names are the same."""
        if one != other:
            self.fails(f"{what}: {one} and {other}")

    def fails(self, detail: str) -> None:
        """Raise InvariantBroken."""
        raise InvariantBroken(self.name, f"{self.subject}: {detail}")


class Occupancy:
    """The number of calls inside one system over time: `inside` holds for `widths_us` from each instant on.

    Widths are clipped to the window, so what lies outside it weighs nothing.
    """

    def __init__(self, stays: Stays, from_us: int, until_us: int) -> None:
        instants = np.concatenate([stays.arrived_us, stays.left_us])
        steps = np.repeat(np.array([1, -1], dtype=np.int64), len(stays.arrived_us))
        order = np.argsort(instants, kind="stable")
        ordered = instants[order]
        self.from_us = from_us
        self.until_us = until_us
        self.inside = np.cumsum(steps[order])
        self.widths_us = np.diff(np.append(ordered, until_us).clip(from_us, until_us))
        lasting = self.inside[self.widths_us > 0]
        self.peak = int(lasting.max(initial=0))
        self.least = int(lasting.min(initial=0))
        self.first = self._before(int(np.searchsorted(ordered, from_us, side="left")))
        self.last = self._before(int(np.searchsorted(ordered, until_us, side="right")))

    def overlap_us(self, from_us: Instants, until_us: Instants) -> int:
        """The length of all spans together within the window."""
        window = (self.from_us, self.until_us)
        return int((until_us.clip(*window) - from_us.clip(*window)).sum())

    def _before(self, place: int) -> int:
        return int(self.inside[place - 1]) if place else 0


def columns(trace: Trace, table: str, *names: str) -> dict[str, Instants]:
    """The named columns of a table as arrays. Words stay numbers."""
    return {name: trace.table(table).column(name) for name in names}


def distinct(numbers: Instants) -> Instants:
    """The numbers that occur, in order; numbers of the trace's events and words, which are small."""
    return np.flatnonzero(np.bincount(numbers))


def without(numbers: Instants, others: Instants) -> Instants:
    """The `distinct` numbers that are not among the others, which are distinct, too."""
    return np.setdiff1d(numbers, others, assume_unique=True)


def _mean(spans_us: Instants) -> float:
    return float(spans_us.sum() / len(spans_us)) if len(spans_us) else 0.0
