"""Faults of a world whose time runs, switched on and off: those of its scenario, and further ones of the same kinds."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.simulation import Simulation
from scenarios.compile import fault_of
from scenarios.faults import FaultSpec, free_name
from sim.access import ExpiredToken
from sim.durations import SECOND
from sim.faults import NEVER_US, Crash, Fault, Outage

FROM_THE_START = ("stale_index", "partial_load", "crash")
"""The kinds that nobody looks out for while a run goes on that began without."""

_SPEC: TypeAdapter[FaultSpec] = TypeAdapter(FaultSpec)


class Unswitchable(ValueError):
    """A fault that cannot be switched as was asked for. The message says why, and what can."""


class Switches:
    """The faults of a simulation, by name, and when they were last switched."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.faults: dict[str, Fault] = {fault.name: fault for fault in simulation.faults}
        self.turned: Fault | None = None  # the last one

    def turn(self, said: Mapping[str, Any]) -> Fault:
        """The fault, which from now on strikes, or does no longer. Raises Unswitchable, and nothing is changed.

        It is said as `{"name", "on", "for"}`, or is a new one as in a scenario file. Without `for` it strikes until it
        is switched off.
        """
        if "kind" in said:
            return self._begin(said)
        fault = self.faults.get(said["name"])
        if fault is None:
            known = ", ".join(self.faults) or "none yet"
            raise Unswitchable(f"no fault {said['name']!r}: there are {known}; a new one says its kind and its system")
        if isinstance(fault, Crash):
            raise Unswitchable(f"{fault.name!r} kills the integration, which is out of reach here: kill it yourself")
        self._move(fault, said["on"], said.get("for_us"), known=True)
        return fault

    def active(self, fault: Fault) -> bool:
        """Whether a fault strikes at present."""
        return fault.start_us <= self._simulation.wire.clock.now < fault.end_us and not isinstance(fault, Crash)

    def _begin(self, said: Mapping[str, Any]) -> Fault:
        fault, lasts_us = self._new(said)
        self._simulation.faults = (*self._simulation.faults, fault)
        self.faults[fault.name] = fault
        self._move(fault, True, lasts_us, known=False)
        return fault

    def _new(self, said: Mapping[str, Any]) -> tuple[Fault, int | None]:
        calendar, now_us = self._simulation.calendar, self._simulation.wire.clock.now
        if said["kind"] in FROM_THE_START:
            raise Unswitchable(f"{said['kind']} has to be in the scenario from the start: write it there")
        if "from" in said:
            raise Unswitchable("a fault that is switched on begins now: drop `from`")
        begins = f"{calendar.local(now_us):%Y-%m-%dT%H:%M}"
        try:
            spec = _SPEC.validate_python({"from": begins, "for": "1 d", **said})
        except ValidationError as error:
            raise Unswitchable(first_mistake(error, within=1)) from error
        if spec.target not in self._simulation.company.systems:
            there = ", ".join(self._simulation.company.systems)
            raise Unswitchable(f"this company has no {spec.target}: there are {there}")
        spec = spec if spec.name else spec.model_copy(update={"name": free_name(spec, {*self.faults})})
        fault = fault_of(spec, calendar, self._simulation.surroundings.seed)
        if fault.name in self.faults:
            raise Unswitchable(f"there is a fault {fault.name!r}: switch that one, or give this one a name of its own")
        return fault, fault.end_us - fault.start_us if "for" in said else None

    def _move(self, fault: Fault, on: bool, lasts_us: int | None, *, known: bool) -> None:
        self.turned = fault
        now_us, company = self._simulation.wire.clock.now, self._simulation.company
        planned_us, struck = fault.end_us, self.active(fault)
        if on:
            fault.start_us, fault.end_us = now_us, NEVER_US if lasts_us is None else now_us + lasts_us
        elif now_us < planned_us:
            fault.start_us, fault.end_us = min(fault.start_us, now_us), now_us
        if isinstance(fault, ExpiredToken) and on:
            fault.renewed = False
        company.systems[fault.target].trouble(fault, known=known)
        if isinstance(fault, Outage) and struck and known:
            company.recovered(fault.target, planned_us)


def until_s(fault: Fault) -> float | None:
    """When a fault ends, in seconds since instant 0; None if that is open."""
    return None if fault.end_us >= NEVER_US else fault.end_us / SECOND


def first_mistake(error: ValidationError, within: int = 0) -> str:
    """The first field of a fault that is wrong, below so many levels, and what is wrong with it."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"][within:])
    return f"{where or 'the fault'}: {first['msg']}"
