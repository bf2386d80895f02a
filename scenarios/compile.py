"""From what a scenario file says to what the simulation runs on: calendar, systems and faults as plain values."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict, assert_never

from fakes.books.policy import STANDARD, RevenuePolicy
from fakes.names import SYSTEMS, erp_of, kind_of
from fakes.paying import Habits
from fakes.system import Setup
from scenarios import event_faults as told
from scenarios import faults as said
from scenarios.calendar import fiscal
from scenarios.faults import FaultSpec, window_us
from scenarios.schema import Delivery, Limits, Scenario, SystemSpec
from sim import faults as sim
from sim import network
from sim.access import ExpiredToken, Partition
from sim.calendar import FiscalCalendar
from sim.chance import Stream, exponential
from sim.delivery import DeliveryPolicy
from sim.event_faults import ClockSkew, Poison, SchemaChange
from sim.singled_out import OneDuplicateDelivery, OneLostRequest, OneLostResponse
from sim.staff import Staff
from sim.staleness import StaleIndex


def calendar_of(scenario: Scenario) -> FiscalCalendar:
    """The calendar to simulate by, with the public holidays of its country."""
    return fiscal(scenario.calendar)


def faults_of(scenario: Scenario, seed: int = 0) -> tuple[sim.Fault, ...]:
    """The faults, in the file's order, with windows in microseconds since instant 0. Each call makes new ones.

    `seed` draws the instants of those that strike at random instants.
    """
    calendar = calendar_of(scenario)
    return tuple(fault_of(fault, calendar, seed) for fault in scenario.faults)


def staff_of(scenario: Scenario) -> Staff:
    """The finance team, on the scenario's calendar."""
    team = scenario.finance_team
    return Staff(team.persons, team.office(scenario.calendar), team.handling.table())


def habits_of(scenario: Scenario) -> Habits | None:
    """How the customers pay, if they do."""
    payments = scenario.business.payments
    return payments.habits() if payments else None


def setups_of(scenario: Scenario) -> Mapping[str, Setup]:
    """How each system that the company has works and tells, by name, in the order of `fakes.names.SYSTEMS`."""
    there = [name for name in SYSTEMS if name != "projects" or scenario.business.services]
    erps = [erp_of(entity.name) for entity in scenario.business.entities]
    return {name: setup_of(getattr(scenario.systems, kind_of(name))) for name in (*there, *erps)}


def policies_of(scenario: Scenario) -> Sequence[RevenuePolicy]:
    """The rules of revenue recognition, by the day from which each holds."""
    policies = [
        RevenuePolicy(from_day=said.from_date.toordinal(), setup_distinct=said.setup_distinct)
        for said in scenario.business.revenue_policies
    ]
    return (*STANDARD, *policies)


def setup_of(system: SystemSpec) -> Setup:
    """One system's station, delivery policy, and the lags of its index and its changes."""
    return Setup(
        station=network.Station(
            capacity=system.capacity,
            service=system.service.table(),
            latency=system.latency.table(),
            limits=_limits(system.limits),
            row_us=system.bulk_row_us,
        ),
        delivery=_delivery(system.delivery),
        index_lag=system.index_lag.table(),
        change_lag=system.change_lag.table(),
    )


def _limits(limits: Limits) -> network.Limits:
    return network.Limits(
        concurrent=limits.concurrent,
        per_second=limits.per_second,
        burst=limits.burst,
        retry_after_us=limits.retry_after_us,
    )


def _delivery(delivery: Delivery) -> DeliveryPolicy:
    return DeliveryPolicy(
        delay=delivery.delay.table(), retries_us=delivery.retries_us, ack_timeout_us=delivery.ack_timeout_us
    )


def fault_of(fault: FaultSpec, calendar: FiscalCalendar, seed: int = 0) -> sim.Fault:
    """A fault that has hit nothing yet, with its window on this calendar."""
    start_us, end_us = window_us(fault, calendar)
    reach: _Reach = {
        "name": fault.name, "target": fault.target, "start_us": start_us, "end_us": end_us,
        "only": frozenset(fault.only),
    }  # fmt: skip
    match fault:
        case told.StaleIndex():
            return StaleIndex(**reach)
        case said.PartialLoad(share_ppm=share_ppm):
            return sim.PartialLoad(**reach, share_ppm=share_ppm)
        case said.DuplicateDelivery() | said.LateDelivery() | said.OutOfOrder():
            return _of_deliveries(fault, reach)
        case told.Poison() | told.SchemaChange() | told.ClockSkew():
            return _of_events(fault, reach)
        case said.Crash(down_us=down_us, after_effect=after_effect):
            instants_us = _crashes_us(fault, start_us, end_us, seed)
            return sim.Crash(**reach, down_us=down_us, instants_us=instants_us, after_effect=after_effect)
        case _:
            return _of_calls(fault, reach)


def _crashes_us(fault: said.Crash, start_us: int, end_us: int, seed: int) -> tuple[int, ...]:
    """When a layer is killed: at once, at random instants, or not by the clock."""
    if fault.after_effect is not None:
        return ()
    if fault.every_us is None:
        return (start_us,)
    gaps, stream = exponential(fault.every_us), Stream(seed, f"crashes/{fault.name}")
    instants, at_us = list[int](), start_us
    while (at_us := at_us + gaps.draw(stream.word(len(instants)) >> 32)) < end_us:
        instants.append(at_us)
    return tuple(instants)


class _Reach(TypedDict):
    """What every fault has: its name, its target, its window, and what there it is restricted to."""

    name: str
    target: str
    start_us: int
    end_us: int
    only: frozenset[str]


_OfCalls: TypeAlias = (
    said.Outage
    | said.Partition
    | said.Brownout
    | said.Throttling
    | said.ExpiredToken
    | said.LostRequest
    | said.LostResponse
)
_OfDeliveries: TypeAlias = said.DuplicateDelivery | said.LateDelivery | said.OutOfOrder
_OfEvents: TypeAlias = told.Poison | told.SchemaChange | told.ClockSkew


def _of_calls(fault: _OfCalls, reach: _Reach) -> sim.Fault:  # noqa: PLR0911  # one a kind
    match fault:
        case said.Outage(silent=silent):
            return sim.Outage(**reach, silent=silent)
        case said.Partition():
            return Partition(**reach)
        case said.Brownout(slow_percent=slow_percent, fail_share_ppm=fail_ppm):
            return sim.Brownout(**reach, slow_percent=slow_percent, fail_ppm=fail_ppm)
        case said.Throttling(per_minute=per_minute, burst=burst, retry_after_us=retry_after_us):
            return sim.Throttle(**reach, per_minute=per_minute, burst=burst, retry_after_us=retry_after_us)
        case said.ExpiredToken(renewable=renewable):
            return ExpiredToken(**reach, renewable=renewable)
        case said.LostRequest(nth=int(nth)):
            return OneLostRequest(**reach, nth=nth)
        case said.LostRequest(share_ppm=share_ppm):
            return sim.LostRequest(**reach, share_ppm=share_ppm or 0)
        case said.LostResponse(nth=int(nth)):
            return OneLostResponse(**reach, nth=nth)
        case said.LostResponse(share_ppm=share_ppm):
            return sim.LostResponse(**reach, share_ppm=share_ppm or 0)
        case _:
            assert_never(fault)


def _of_deliveries(fault: _OfDeliveries, reach: _Reach) -> sim.Fault:
    match fault:
        case said.DuplicateDelivery(nth=int(nth), gap=gap):
            return OneDuplicateDelivery(**reach, nth=nth, gap=gap.table())
        case said.DuplicateDelivery(share_ppm=share_ppm, gap=gap):
            return sim.DuplicateDelivery(**reach, share_ppm=share_ppm or 0, gap=gap.table())
        case said.LateDelivery(share_ppm=share_ppm, delay=delay):
            return sim.LateDelivery(**reach, share_ppm=share_ppm, delay=delay.table())
        case said.OutOfOrder(share_ppm=share_ppm, delay=delay):
            return sim.OutOfOrderDelivery(**reach, share_ppm=share_ppm, delay=delay.table())
        case _:
            assert_never(fault)


def _of_events(fault: _OfEvents, reach: _Reach) -> sim.Fault:
    match fault:
        case told.Poison(share_ppm=share_ppm):
            return Poison(**reach, share_ppm=share_ppm)
        case told.SchemaChange(change="renamed", field=old, to=new, edit_us=edit_us):
            return SchemaChange(**reach, old=old, new=new or "", edit_us=edit_us)
        case told.SchemaChange(field=new, edit_us=edit_us):
            return SchemaChange(**reach, old=None, new=new or "", edit_us=edit_us)
        case told.ClockSkew(by_us=by_us):
            return ClockSkew(**reach, by_us=by_us)
        case _:
            assert_never(fault)
