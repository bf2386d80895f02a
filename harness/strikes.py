"""What struck a run, by the business keys it hit: what the audit looks for causes in.

A fault that hits a bulk load hits each of its rows. What a reader passed over has been struck, too: by its source,
which committed it after the reader had looked.
"""

from collections.abc import Iterator

from harness.audit.causes import Strike
from harness.simulation import Simulation
from sim.delivery import Event


def struck(simulation: Simulation) -> list[Strike]:
    """Every strike of a run: instant, name, kind, where and key."""
    systems = simulation.company.systems
    strikes: list[Strike] = []
    for strike in simulation.wire.struck:
        system, _, what = strike[3].partition(".")
        if what == "bulk_load":
            strikes += [(*strike[:4], key) for key in systems[system].bulk.jobs.get(strike[4], ())]
        strikes.append(strike)
    strikes += [
        (
            event.committed_us,
            f"late commits of {event.source}",
            "late_commit",
            f"{event.source}.{event.type}",
            event.key,
        )
        for event in _passed_over(simulation)
    ]
    return strikes


def _passed_over(simulation: Simulation) -> Iterator[Event]:
    readings = simulation.surroundings.readings
    for system in simulation.company.systems.values():
        for subscription in system.publisher.subscriptions:
            if subscription.name in readings:
                missed = subscription.given_up
                yield from (event for event in system.publisher.published if event.id in missed)
