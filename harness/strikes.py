"""What struck a run, by the business keys it hit: what the audit looks for causes in.

What a system refuses for want of master data has been struck by that. A fault that hits a bulk load hits each of its
rows. What a breaker held off or a refused request left undone has been struck by what made the others fail.
What a reader passed over has been struck, too: by its source,
which committed it after the reader had looked; or by the crash in which the reader forgot how far it had read.
"""

from collections.abc import Iterator

from harness.audit.breaks import Strike
from harness.knock_ons import knock_ons
from harness.refusals import refusals
from harness.simulation import Simulation
from sim.delivery import Event
from sim.readings import Reading


def struck(simulation: Simulation) -> list[Strike]:
    """Every strike of a run: instant, name, kind, where and key."""
    systems = simulation.company.systems
    strikes: list[Strike] = []
    for strike in simulation.wire.struck:
        system, _, what = strike[3].partition(".")
        if what == "bulk_load":
            strikes += [(*strike[:4], key) for key in systems[system].bulk.jobs.get(strike[4], ())]
        strikes.append(strike)
    strikes += [(at_us, word, word, where, key) for at_us, word, where, key in refusals(simulation)]
    strikes += knock_ons(simulation)
    crashes = [strike for strike in strikes if strike[3] == "layer.crash"]
    for event in _passed_over(simulation):
        where = f"{event.source}.{event.type}"
        if systems[event.source].changes.visible_us(event) > event.committed_us:
            strikes.append((event.committed_us, f"late commits of {event.source}", "late_commit", where, event.key))
        else:
            after = (crash for crash in crashes if crash[0] >= event.committed_us)
            strikes += [(at_us, name, kind, where, event.key) for at_us, name, kind, *_ in after][:1]
    return strikes


def _passed_over(simulation: Simulation) -> Iterator[Event]:
    for system in simulation.company.systems.values():
        for reading in system.publisher.subscriptions:
            if isinstance(reading, Reading):
                missed = reading.given_up
                yield from (event for event in system.publisher.published if event.id in missed)
