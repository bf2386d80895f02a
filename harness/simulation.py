"""One replication: the world, the business and a layer, run from the lead-in to the last period's close."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from typing import TypeVar

from fakes.books.policy import STANDARD, RevenuePolicy
from fakes.company import Company
from fakes.paying import Habits
from fakes.system import Setup
from harness.connecting import Relayed
from harness.cutover import Cutover, Deployment
from harness.host import Host
from harness.invariants import BooksWatch
from harness.layer import FacadeCounts, Layer, LayerCounts, Opening, Selection, Surroundings
from harness.layers import LayerChoice
from harness.mappings import Mappings
from harness.people import Desk
from harness.watchdog import watched
from scenarios.truth import Truth
from sim.calendar import FiscalCalendar
from sim.chance import Stream
from sim.clock import Clock
from sim.faults import Crash, Fault
from sim.network import Wire
from sim.patience import Patience
from sim.staff import Staff
from sim.trace import Trace

Counts = TypeVar("Counts", LayerCounts, FacadeCounts)

PATIENCE_CPU_S = 60.0
"""How long code may keep the processor without letting anybody else go on, at least."""

Progress = Callable[[float], None]
"""Told the share of the simulated time that has passed."""


@dataclass(slots=True)
class Simulation:
    """A replication that has run: everything there is to audit and to measure.

    `deployment` runs the layer; `counts` is what that counted from the quarter's first day on, `facade` what its
    façade counted by system, `durable_writes` how often it wrote into durable tables, `touches` how many exceptions
    people have worked off, and `replayed` the instant of each planned replay with how many events it set going.
    """

    calendar: FiscalCalendar
    truth: Truth
    faults: Sequence[Fault]
    wire: Wire
    company: Company
    deployment: Deployment
    surroundings: Surroundings
    counts: LayerCounts
    facade: Mapping[str, FacadeCounts] = field(default_factory=dict)
    durable_writes: int = 0
    touches: int = 0
    replayed: Sequence[tuple[int, int]] = ()

    @property
    def host(self) -> Host:
        """Where the layer runs that the run begins with."""
        return self.deployment.hosts[0]

    @property
    def layer(self) -> Layer:
        """The layer, in its last life."""
        return self.host.layer

    @property
    def trace(self) -> Trace:
        """What happened."""
        return self.wire.trace


def simulate(
    *,
    calendar: FiscalCalendar,
    truth: Truth,
    setups: Mapping[str, Setup],
    faults: Sequence[Fault],
    choice: LayerChoice,
    seed: int,
    staff: Staff | None = None,
    replays: Sequence[tuple[int, Selection]] = (),
    cutover: Cutover | None = None,
    progress: Progress | None = None,
    ties: Stream | None = None,
    relayed: Relayed | None = None,
    policies: Sequence[RevenuePolicy] = STANDARD,
    habits: Habits | None = None,
    patience_cpu_s: float = PATIENCE_CPU_S,
) -> Simulation:
    """Run one replication to the end of the calendar. The books are checked at the end of every day.

    Without `staff` nobody sees to what systems refuse for a business reason. `replays` are those of what the layer
    has set aside, each at its instant; `cutover` is its replacement. `ties` draws the order of what happens at the
    same instant; without, it is first come, first served. `relayed` puts something of its own between the sources and
    the layer's endpoints. `policies` are the company's rules of revenue recognition. With `habits`, customers pay.
    A layer that never waits ends the run: by NeverWaits; or by NeverReturns, where its code keeps the processor for
    `patience_cpu_s` or longer.
    """
    wire = Wire(Clock(ties, patience_for(truth)), Trace())
    company, surroundings = founded(wire, calendar, truth, setups, faults, seed, staff, policies, habits)
    crashes = [fault for fault in faults if isinstance(fault, Crash)]
    clock = wire.clock
    with watched(lambda: clock.progress, patience_cpu_s), choice.layer.around(company, surroundings):
        deployment = Deployment(company, choice, surroundings, crashes, cutover, relayed)
        company.start()
        deployment.start()
        replayed: list[tuple[int, int]] = []
        for at_us, selection in replays:
            wire.clock.at(at_us, partial(_replay, deployment, surroundings, replayed), selection)
        wire.clock.spawn(sales(company, truth))
        before = _run(deployment, surroundings, company, progress)
    counts = _since(before.counts, surroundings.counts)
    facade = {
        name: _since(before.facade.get(name, FacadeCounts()), now) for name, now in surroundings.facade.items()
    }  # fmt: skip
    writes = deployment.writes - before.writes
    touches = surroundings.desk.touches(calendar.quarter_start_us) if surroundings.desk else 0
    return Simulation(
        calendar, truth, faults, wire, company, deployment, surroundings, counts, facade, writes, touches, replayed
    )  # fmt: skip


def patience_for(truth: Truth) -> Patience:
    """What a run of this business may come to: ten times and more of what one does whose layer waits."""
    size = len(truth.opening) + len(truth.acts)
    return Patience(at_once=(1 << 18) + 256 * size, in_all=4_000_000 + 20_000 * size)


def founded(
    wire: Wire,
    calendar: FiscalCalendar,
    truth: Truth,
    setups: Mapping[str, Setup],
    faults: Sequence[Fault],
    seed: int,
    staff: Staff | None = None,
    policies: Sequence[RevenuePolicy] = STANDARD,
    habits: Habits | None = None,
) -> tuple[Company, Surroundings]:
    """A company as it is before the run's first instant, and the surroundings of whatever integrates its systems."""
    company = Company(wire, calendar, setups, faults, seed, truth.gaps, policies, habits, truth.items)
    company.preload(truth.opening_accounts, truth.opening, truth.opening_rendered)
    servers = {name: system.server for name, system in company.systems.items()}
    versions = {contract.key: contract.version for contract in truth.opening}
    opening = Opening(company.cross_reference(), versions)
    surroundings = Surroundings(wire, calendar, servers, seed, opening, mappings=Mappings(faults), items=truth.items)
    if staff is not None:
        surroundings.desk = Desk(wire.clock, staff, company.record_of, company.put_right, seed)
    return company, surroundings


def _replay(
    deployment: Deployment, surroundings: Surroundings, replayed: list[tuple[int, int]], selection: Selection
) -> None:
    """Have the selected events carried again now, and keep account of how many there were."""
    before = surroundings.counts.replayed
    deployment.replay(selection)
    replayed.append((surroundings.wire.clock.now, surroundings.counts.replayed - before))


async def sales(company: Company, truth: Truth) -> None:
    """Sales and customers act as they agreed to, whatever state the systems are in."""
    clock = company.wire.clock
    for act in truth.acts:
        if act.at_us > clock.now:
            await clock.sleep(act.at_us - clock.now)
        if act.account:
            company.open_account(act.account)
        if act.contract:
            company.sign(act.contract)
        if act.fulfilment:
            company.deliver(act.fulfilment)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What a layer and its façade had counted at an instant, and how often it had written durably."""

    counts: LayerCounts
    facade: Mapping[str, FacadeCounts]
    writes: int

    @classmethod
    def by(cls, surroundings: Surroundings, deployment: Deployment) -> "_Counted":
        facade = {name: replace(now) for name, now in surroundings.facade.items()}
        return cls(replace(surroundings.counts), facade, deployment.writes)


def _since(before: Counts, now: Counts) -> Counts:
    """What has been counted since."""
    return type(now)(*(after - then for after, then in zip(astuple(now), astuple(before), strict=True)))


def _run(deployment: Deployment, surroundings: Surroundings, company: Company, progress: Progress | None) -> _Counted:
    """Run day by day to the end; what had been counted when the quarter began."""
    before = _Counted.by(surroundings, deployment)
    clock, calendar, watch = company.wire.clock, company.calendar, BooksWatch(company)
    first_day, last_day = calendar.day_of(0), calendar.day_of(calendar.end_us)
    for day in range(first_day, last_day + 1):
        if day == calendar.quarter_start.toordinal():
            before = _Counted.by(surroundings, deployment)
        clock.run_until(min(calendar.instant_us(day + 1) - 1, calendar.end_us))
        watch.check()
        if progress:
            progress((day - first_day + 1) / (last_day - first_day + 1))
    return before
