"""Ablate documents with defaults: a test names only the differences that matter to it."""

from reports.ablation import sentence_of, sentence_of_pair
from reports.measures import COSTS, HARMS
from tests.reports.samples import comparison

GIVEN = "event-driven"
NOTHING = {"mean": 0.0, "low": 0.0, "high": 0.0}


def interval(mean, low, high):
    return {"mean": mean, "low": low, "high": high}


def differences(measures, told):
    return {measure.name: told.get(measure.name, NOTHING) for measure in measures}


def safeguard(name="inbox", value="on", without="off", *, harm=None, cost=None, **fields):
    """One safeguard that nothing is different without, unless told otherwise."""
    entry = {
        "name": name,
        "value": value,
        "without": without,
        "protects": "an event told twice",
        "layer": f"{GIVEN}:{name}={without}",
        "identical": False,
        "against": ["duplicate_delivery"],
        "hits": {"duplicate_delivery": 0},
        "zeros": {},
        "harm": differences(HARMS, harm or {}),
        "cost": differences(COSTS, cost or {}),
        "appears": [],
        **fields,
    }
    return entry | {"sentence": sentence_of(entry, GIVEN)}


def pair(*names, beyond=None):
    entry = {
        "names": list(names),
        "layer": f"{GIVEN}:{','.join(f'{name}=off' for name in names)}",
        "harm": differences(HARMS, {}),
        "beyond": differences(HARMS, beyond or {}),
    }
    return entry | {"sentence": sentence_of_pair(entry, GIVEN)}


def ablation(*safeguards, pairs=(), seeds=3, **fields):
    """An ablate document of these safeguards, its runs those of as many variants that leave perfect books."""
    layers = (GIVEN, *(each["layer"] for each in safeguards), *(each["layer"] for each in pairs))
    document = comparison(layers, seeds, **fields)
    against_given = {f"{layer} vs {GIVEN}": {} for layer in layers[1:]}
    return document | {
        "schema": "tieout.ablate/1",
        "layer": GIVEN,
        "differences": against_given,
        "safeguards": list(safeguards),
        "pairs": list(pairs),
    }
