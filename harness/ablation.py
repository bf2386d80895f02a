"""One layer with each of its safeguards taken away in turn: what failure appears, and what having it costs.

Every variant meets the same business and the same faults as the layer as it is given, so that differences are
paired by seed. Taken away in pairs, safeguards also show where one covers for another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

from harness.comparison import Compared, Entry, Runs, entry
from harness.endings import LayerError
from harness.layers import LayerChoice
from harness.statistics import mean_interval, rule_of_three
from reports.ablation import by_harm, sentence_of, sentence_of_pair
from reports.measures import BREAKS, COSTS, DUPLICATES, HARMS, MISSING
from scenarios.schema import Scenario

ABLATE_SCHEMA = "tieout.ablate/1"

Origin: TypeAlias = tuple[str, str, str]
"""A break's kind, the record it is at, and its cause."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A layer without some of its safeguards: their names, and the layer as one would ask for it."""

    names: tuple[str, ...]
    layer: str


def variants_of(given: LayerChoice, *, pairs: bool) -> list[Variant]:
    """The layer without each of its safeguards and, with `pairs`, without each two.

    Raises LayerError if it has none.
    """
    names = given.safeguards()
    if not names:
        has = f"its options are {', '.join(given.layer.OPTIONS)}" if given.layer.OPTIONS else "it has no options"
        raise LayerError(
            f"layer {given.text!r} has no safeguard to take away: {has}; a safeguard is an option that says "
            "what it `protects` from and which value takes it away (`without`), and is not set to that value"
        )
    taken = [*((name,) for name in names), *(combinations(names, 2) if pairs else ())]
    return [Variant(each, given.without(*each).text) for each in taken]


def ablation(
    scenario: Scenario, given: LayerChoice, variants: Sequence[Variant], runs: Runs, command: str
) -> dict[str, Any]:
    """The ablate document of the runs of the layer as given and of its variants.

    `safeguards` has one entry for each safeguard, the most harmful to lose first, and `pairs` one for each pair.
    """
    compared = Compared([given.text, *(variant.layer for variant in variants)], runs)
    document: dict[str, Any] = {
        "schema": ABLATE_SCHEMA,
        "layer": given.text,
        **compared.document(scenario, command, [(variant.layer, given.text) for variant in variants]),
        "safeguards": [],
        "pairs": [],
    }
    if compared.seeds:
        single = {variant.names[0]: variant for variant in variants if len(variant.names) == 1}
        document["safeguards"] = [_safeguard(compared, given, variant) for variant in single.values()]
        document["pairs"] = [
            _pair(compared, given, variant, [single[name] for name in variant.names])
            for variant in variants
            if len(variant.names) == 2
        ]
    for one in document["safeguards"]:
        one["sentence"] = sentence_of(one, given.text)
    for two in document["pairs"]:
        two["sentence"] = sentence_of_pair(two, given.text)
    document["safeguards"].sort(key=by_harm)
    return document


def _safeguard(compared: Compared, given: LayerChoice, variant: Variant) -> dict[str, Any]:
    """What is told of one safeguard: how it is set, what it is against, what appears without it, what it costs."""
    (name,) = variant.names
    option = given.layer.OPTIONS[name]
    as_given, without = compared.documents[given.text], compared.documents[variant.layer]
    harm, cost = compared.difference(variant.layer, given.text), compared.difference(given.text, variant.layer)
    return {
        "name": name,
        "value": given.options[name],
        "without": option.without,
        "protects": option.protects,
        "layer": variant.layer,
        "identical": all(
            one["fingerprint"] == other["fingerprint"] for one, other in zip(as_given, without, strict=True)
        ),
        "against": list(option.against),
        "hits": _hits(as_given, option.against),
        "zeros": _zeros(compared.values[variant.layer], without),
        "harm": {measure.name: harm[measure.name] for measure in HARMS},
        "cost": {measure.name: cost[measure.name] for measure in COSTS},
        "appears": list(_appearing(as_given, without)),
    }


def _pair(compared: Compared, given: LayerChoice, both: Variant, each: Sequence[Variant]) -> dict[str, Any]:
    """What two safeguards are taken away together do, and how much of it is beyond what each does alone.

    `beyond` is the two-way interaction at the layer as given: both − one − the other + neither, paired by seed.
    """
    values = compared.values
    harm = compared.difference(both.layer, given.text)
    beyond: dict[str, Entry] = {}
    for measure in HARMS:
        columns = [values[layer][measure.name] for layer in (both.layer, each[0].layer, each[1].layer, given.text)]
        beyond[measure.name] = entry(
            mean_interval([two - one - other + none for two, one, other, none in zip(*columns, strict=True)])
        )
    return {
        "names": list(both.names),
        "layer": both.layer,
        "harm": {measure.name: harm[measure.name] for measure in HARMS},
        "beyond": beyond,
    }


def _zeros(values: Mapping[str, Sequence[float]], documents: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The measures that were 0 in all runs, each with how high its rate among the changes to carry may still be."""
    changes = sum(flow["expected"] for document in documents for flow in document["flows"])
    return {
        measure.name: rule_of_three(changes)
        for measure in (DUPLICATES, MISSING, BREAKS)
        if not any(values[measure.name])
    }


def _hits(documents: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> dict[str, int]:
    """How many calls or deliveries the faults of these kinds struck in all the runs together, by kind."""
    hits: dict[str, int] = {}
    for document in documents:
        for fault in document["faults"]:
            if fault["kind"] in kinds:
                hits[fault["kind"]] = hits.get(fault["kind"], 0) + fault["hits"]
    return hits


def _appearing(as_given: Sequence[Mapping[str, Any]], without: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The breaks that are more, or fewer, without a safeguard, by kind, record and cause: the largest change first."""
    before, after = (list(map(_tally, documents)) for documents in (as_given, without))
    origins = sorted({origin for tally in (*before, *after) for origin in tally})
    changes = {
        origin: mean_interval([b.get(origin, 0) - a.get(origin, 0) for a, b in zip(before, after, strict=True)])
        for origin in origins
    }
    for origin in sorted(changes, key=lambda origin: (-changes[origin].mean, origin)):
        if changes[origin].mean:
            yield {**dict(zip(("kind", "record", "cause"), origin, strict=True)), **entry(changes[origin])}


def _tally(document: Mapping[str, Any]) -> dict[Origin, int]:
    return {(each["kind"], each["record"], each["cause"]): each["count"] for each in document["breaks"]["tally"]}
