"""One replication: the world, the business and a layer, run from the lead-in to the last period's close."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass

from fakes.company import Company, Setup
from harness.host import Host
from harness.invariants import BooksWatch
from harness.layer import Layer, LayerCounts, Opening, Surroundings
from harness.layers import LayerChoice
from harness.people import Desk
from scenarios.truth import Truth
from sim.calendar import FiscalCalendar
from sim.clock import Clock
from sim.faults import Crash, Fault
from sim.network import Wire
from sim.staff import Staff
from sim.trace import Trace

Progress = Callable[[float], None]
"""Told the share of the simulated time that has passed."""


@dataclass(slots=True)
class Simulation:
    """A replication that has run: everything there is to audit and to measure.

    `host` runs the layer; `counts` is what that counted from the quarter's first day on, and `touches` how many
    exceptions people have worked off since then.
    """

    calendar: FiscalCalendar
    truth: Truth
    faults: Sequence[Fault]
    wire: Wire
    company: Company
    host: Host
    surroundings: Surroundings
    counts: LayerCounts
    touches: int = 0

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
    progress: Progress | None = None,
) -> Simulation:
    """Run one replication to the end of the calendar. The books are checked at the end of every day.

    Without `staff` nobody sees to what systems refuse for a business reason.
    """
    wire = Wire(Clock(), Trace())
    company = Company(wire, calendar, setups, faults, seed, truth.gaps)
    company.preload(truth.opening_accounts, truth.opening)
    servers = {name: system.server for name, system in company.systems.items()}
    versions = {contract.key: contract.version for contract in truth.opening}
    surroundings = Surroundings(wire, calendar, servers, seed, Opening(company.cross_reference(), versions))
    if staff is not None:
        surroundings.desk = Desk(wire.clock, staff, company.put_right, seed)
    host = Host(choice, surroundings, [fault for fault in faults if isinstance(fault, Crash)])
    for endpoint in host.endpoints:
        company.systems[endpoint.source].publisher.subscribe(endpoint.name, host.handler(endpoint), endpoint.types)
    company.start()
    host.start()
    wire.clock.spawn(_sales(company, truth))
    before = _run(company, surroundings.counts, progress)
    counts = LayerCounts(*(now - then for now, then in zip(astuple(surroundings.counts), before, strict=True)))
    touches = surroundings.desk.touches(calendar.quarter_start_us) if surroundings.desk else 0
    return Simulation(calendar, truth, faults, wire, company, host, surroundings, counts, touches)


async def _sales(company: Company, truth: Truth) -> None:
    """Sales and customers act as they agreed to, whatever state the systems are in."""
    clock = company.wire.clock
    for act in truth.acts:
        if act.at_us > clock.now:
            await clock.sleep(act.at_us - clock.now)
        if act.account:
            company.open_account(act.account)
        if act.contract:
            company.sign(act.contract)


def _run(company: Company, counts: LayerCounts, progress: Progress | None) -> tuple[int, ...]:
    """Run day by day to the end; what the layer had counted when the quarter began."""
    before = astuple(counts)
    clock, calendar, watch = company.wire.clock, company.calendar, BooksWatch(company)
    first_day, last_day = calendar.day_of(0), calendar.day_of(calendar.end_us)
    for day in range(first_day, last_day + 1):
        if day == calendar.quarter_start.toordinal():
            before = astuple(counts)
        clock.run_until(min(calendar.instant_us(day + 1) - 1, calendar.end_us))
        watch.check()
        if progress:
            progress((day - first_day + 1) / (last_day - first_day + 1))
    return before
