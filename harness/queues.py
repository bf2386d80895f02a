"""What lay in a layer's queues, how much at a time and how long, and what people did about it."""

from typing import Any

from harness.blocks import dead_letters, work_queue
from harness.lags import NOT_YET_US
from harness.simulation import Simulation
from harness.standing import Spell, Standing
from harness.statistics import distribution

QUEUES = (work_queue.TABLE, dead_letters.TABLE)
METRIC_OF = {work_queue.TABLE: "work_queue", dead_letters.TABLE: "dead_letters"}


def queues(simulation: Simulation) -> dict[str, dict[str, Any]]:
    """Of each queue what went `out`, is still `open`, and lay there at once (`peak`), from the quarter on; by metric.

    `age` is the distribution of how long items lay there, those that still do up to the end of the run.
    """
    return {METRIC_OF[queue]: _queue(simulation, queue) for queue in QUEUES}


def _queue(simulation: Simulation, queue: str) -> dict[str, Any]:
    from_us, until_us = simulation.calendar.quarter_start_us, simulation.calendar.end_us
    stays = [
        (stay.since_us, NOT_YET_US if stay.until_us is None else stay.until_us)
        for stay in simulation.surroundings.work_log.of(queue)
    ]
    ages_us = [min(ended_us, until_us) - begun_us for begun_us, ended_us in stays if ended_us > from_us]
    return {
        "out": sum(from_us <= ended_us < NOT_YET_US for _, ended_us in stays),
        "open": sum(ended_us == NOT_YET_US for _, ended_us in stays),
        "peak": Standing.of(Spell(*stay) for stay in stays).peak(from_us),
        "age": distribution(ages_us),
    }
