"""A whole replication beside SimPy's bare timeout ring in the same process: everything a run does is counted.

Everything is: drawing up the business, the simulation with its daily checks, the laws, the oracle, the audit and
the metrics. What is not: reading the scenario and writing files.

The ring collects garbage, of which it makes none; a run sets its own aside, and what it leaves behind is looked
through outside its time.
"""

import gc
import resource
import sys
from collections.abc import Generator
from dataclasses import dataclass
from time import process_time

import simpy

from harness.replication import replicate
from scenarios.load import load

RING = 2_000
"""Processes in the ring: as many events as a quarter of 20,000 contracts has pending on average over its events."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One replication's cost beside the ring's."""

    contracts: int
    kernel_events: int
    api_calls: int
    cpu_s: float
    ring_per_s: float

    @property
    def ratio(self) -> float:
        """Kernel events a second of the whole replication, over those of the bare ring."""
        return self.kernel_events / self.cpu_s / self.ring_per_s

    @property
    def per_contract_in_ring_events(self) -> float:
        """The cost of one contract, in events of the ring: comparable between runs of different size."""
        return self.cpu_s * self.ring_per_s / self.contracts


def ring_per_s(events: int = 500_000) -> float:
    """Kernel events a second of bare SimPy: processes that do nothing but wait for their next timeout."""
    environment = simpy.Environment()

    def wait(span: int) -> Generator[simpy.Event, None, None]:
        while True:
            yield environment.timeout(span)

    for number in range(RING):
        environment.process(wait(1_000 + number))
    environment.run(until=1)
    began = process_time()
    environment.run(until=1_500 * events // RING)
    # Each process has had one timeout a span, so their number is exact and not the asked one.
    processed = sum((1_500 * events // RING) // (1_000 + number) for number in range(RING))
    return processed / (process_time() - began)


def measure(contracts: int, layer: str, rounds: int = 1) -> Cost:
    """One replication of quarter-end-spike at this size, the cheapest of `rounds`, between two rings."""
    scenario = load("quarter-end-spike", [f"business.contracts={contracts}"])
    costs = []
    for _ in range(rounds):
        gc.unfreeze()  # what an earlier run has left behind is no part of this one
        gc.collect()
        before = ring_per_s()
        began = process_time()
        document = replicate(scenario, layer, 0).document
        cpu_s = process_time() - began
        gc.collect()
        ring = (before + ring_per_s()) / 2
        costs.append(Cost(contracts, document["kernel_events"], document["api_calls"], cpu_s, ring))
    return max(costs, key=lambda cost: cost.ratio)


def peak_memory_mb() -> float:
    """The most memory this process has had, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
