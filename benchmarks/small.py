"""Small runs as a hunt makes them by the thousand: scenario, business, simulation, audit, and where it has been.

Each is of another seed, so that nothing is known of one when it begins but what all have in common.
"""

from time import process_time

from harness.hunting.trying import tried
from harness.sweeps.trial import Trial

CONTRACTS = 50
SAID = (f"business.contracts={CONTRACTS}", "calendar.months=1", "calendar.lead_in=0 d", "business.waves=[]")
FAULT = "{kind: lost_response, system: erp, share: 0.1}"


DAYS = 34
"""From the first of the month to its close."""


def per_s(layer: str, runs: int = 20) -> float:
    """Runs a second of processor time: CONTRACTS in DAYS, the shortest calendar there is, with one fault."""
    trials = [Trial(layer, "calm-month", seed, SAID, (FAULT,)) for seed in range(runs + 1)]
    tried((trials[0], ()))  # what is read and drawn up once a process
    began = process_time()
    for trial in trials[1:]:
        assert tried((trial, ())).places, f"seed {trial.seed} has not been run"
    return runs / (process_time() - began)
