"""The answer before the evidence: which layer kept the books, and whether the expectations held.

A layer is called better only where an interval of differences paired by seed excludes 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports import against
from reports.measures import AMOUNT_OFF, BOOKS, BREAKS, CALLS, DUPLICATES, LAG_P95, MEASURES, MISSING, NEVER
from reports.reading import Results, seeds_shown
from reports.result import RunDocument
from reports.wording import CURRENCY, count, listing, money, several, share, shown, span, with_bounds

INTERRUPTED = "The comparison was interrupted: only seeds that every layer has finished are compared."


@dataclass(frozen=True, slots=True)
class Verdict:
    """One word and its reason. `word` is PASS, FAIL or UNCHECKED."""

    word: str
    reason: str


def verdict(results: Results) -> Verdict:
    """Whether every expectation held in every run, and nothing got worse than in the baseline, if there is one.

    With --strict, a result that passes is unchecked if something planned came to nothing, or was not judged.
    """
    found = _with_baseline(results, _kept_expectations(results))
    if not (results.strict and results.remarks and found.word != "FAIL"):
        return found
    told = "; ".join(remark.sentence() for remark in results.remarks)
    return Verdict("UNCHECKED", f"{found.reason} That is no success with --strict: {told}.")


def unjudged(results: Results) -> list[str]:
    """Which expectation was not judged, with which seeds, and why."""
    return [
        f"{each.text} was not judged: {each.why}"
        f"{f' ({each.layer}, {seeds_shown(each.unjudged)})' if results.is_comparison else ''}."
        for each in results.thresholds
        if each.unjudged
    ]


def _with_baseline(results: Results, kept: Verdict) -> Verdict:
    if not against.baseline(results.document):
        return kept
    changed = against.summed_up(results.document)
    if against.worsened(results.document):
        return Verdict("FAIL", f"{kept.reason.removesuffix('.')}; {changed}.")
    checked = Verdict("PASS", kept.reason) if kept.word == "UNCHECKED" and results.compared else kept
    return Verdict(checked.word, f"{kept.reason.removesuffix('.')}; {changed}.")


def _kept_expectations(results: Results) -> Verdict:
    thresholds = results.thresholds
    if not results.first:
        return Verdict("UNCHECKED", "no run has finished, so nothing was checked.")
    if not thresholds:
        return Verdict("UNCHECKED", "the scenario states no expectation, so nothing was checked.")
    broken = [threshold for threshold in thresholds if not threshold.ok]
    if broken:
        failed = [layer for layer in results.layers if any(threshold.layer == layer for threshold in broken)]
        unsure = [threshold.layer for threshold in thresholds if threshold.unjudged]
        kept = [layer for layer in results.layers if layer not in (*failed, *unsure)]
        names = listing(list(dict.fromkeys(threshold.text for threshold in broken)))
        rest = f"; {listing(kept)} held every expectation" if kept else ""
        return Verdict("FAIL", f"{listing(failed)} broke {names}{rest}.")
    if not results.compared:
        return Verdict("UNCHECKED", "interrupted before every layer had finished a seed, so nothing is judged.")
    return _nothing_broken(results)


def _nothing_broken(results: Results) -> Verdict:
    number = sum(threshold.of for threshold in results.thresholds)
    if not number:
        return Verdict("UNCHECKED", f"no expectation was judged, so nothing was checked. {' '.join(unjudged(results))}")
    left = listing(list(dict.fromkeys(threshold.text for threshold in results.thresholds if threshold.unjudged)))
    what = f"every expectation {'that was judged ' if left else ''}held"
    where = f" {'in every layer ' if len(results.layers) > 1 else ''}with {seeds_shown(results.seeds)}"
    told = f"{what}{where if results.is_comparison else ''} ({several(number, 'check')})."
    told += f" Not judged: {left}." if left else ""
    told += " But a planned fault hit nothing." if results.silent_faults else ""
    return Verdict("PASS", told)


def first_failure(results: Results) -> RunDocument | None:
    """The first run that broke an expectation, or else of the first layer that got worse: the one to replay."""
    for threshold in results.thresholds:
        if not threshold.ok:
            return next(run for run in results.runs[threshold.layer] if run["seed"] == threshold.broken[0])
    worse = against.worsened(results.document)
    return results.runs[worse[0].layer][0] if worse else None


def headline(results: Results) -> list[str]:
    """The answer in a few sentences, the first of which is the shortest."""
    if not results.first or not results.compared:
        return ["No seed has been finished by every layer, so there is nothing to compare."]
    if not results.is_comparison or len(results.layers) == 1:
        return [account_of(results, layer) for layer in results.layers]
    if not statements(results):
        return ["No interval from a single seed, so no layer is called better than another: run more seeds."]
    beaten = {loser: [w for w in results.layers if results.beats(w, loser, BOOKS)] for loser in results.layers}
    ahead = [layer for layer in results.layers if not beaten[layer]]
    behind = [layer for layer in results.layers if beaten[layer]]
    if not behind:
        first = _all_level(results)
    elif all(set(ahead) <= set(beaten[layer]) for layer in behind):
        first = f"{listing(ahead)} kept better books than {listing(behind)}."
    else:
        worse = listing([f"{loser} did worse than {listing(beaten[loser])}" for loser in behind])
        first = f"No layer kept better books than {listing(ahead)}; {worse}."
    between = _between(results, ahead) if behind and len(ahead) > 1 else []
    accounts = [f"On average, {account_of(results, layer)}" for layer in ahead]
    return [first, *between, *accounts, *_sooner_and_cheaper(results, ahead)]


def account_of(results: Results, layer: str) -> str:
    """What one layer did, in one sentence; over several seeds these are means."""
    value = {measure: results.interval(layer, measure)["mean"] for measure in MEASURES}
    told = [
        f"{shown(value[measure], 'count')} {word if value[measure] == 1 else words}"
        for measure, word, words in (
            (DUPLICATES, "duplicate", "duplicates"),
            (MISSING, "missing", "missing"),
            (BREAKS, "break open at close", "breaks open at close"),
        )
    ]
    off = value[AMOUNT_OFF]
    parts = [listing(told if off is None else [*told, f"{money(off)} off"])]
    late, never = value[LAG_P95], value[NEVER]
    if late is not None:
        parts.append(f"95 % of changes arrived within {span(late)}")
    if never:
        parts.append(f"{share(never)} never arrived")
    return f"{layer}: {'; '.join(parts)}."


def in_one_currency(results: Results) -> str:
    """In which currency money off is told, and at which rates what is in others; nothing where there are none."""
    if not results.translated:
        return ""
    others = listing(results.translated)
    return f"Money off is told in {CURRENCY}; what is in {others} counts at the rates of the last month."


def rare_events(results: Results) -> list[str]:
    """For each layer that never duplicated or never lost: how high its true rate may still be."""
    said = []
    for layer, runs in results.runs.items():
        changes = sum(flow["expected"] for run in runs for flow in run.get("flows", []))
        none = [m.title for m in (DUPLICATES, MISSING) if not any(results.by_seed(layer, m))]
        if changes and none:
            said.append(
                f"{layer}: 0 {' and 0 '.join(none)} in {changes:,} changes to carry: "
                f"with 95 % confidence the true rate is below {count(30_000 / changes)} in 10,000 (rule of three)."
            )
    return said


def statements(results: Results) -> int:
    """How many differences have an interval: so many times 95 % is claimed."""
    return sum(each["low"] is not None for pair in results.contrasts for each in pair.differences.values())


def _all_level(results: Results) -> str:
    if not any(value for layer in results.layers for m in BOOKS for value in results.by_seed(layer, m)):
        return "Every layer tied out on every seed: no duplicate, nothing missing, no break, USD 0.00 off."
    if any(pair.lower(BOOKS) or pair.higher(BOOKS) for pair in results.contrasts):
        return "No layer kept better books on every count: where two differ, each is better at something."
    return f"{several(results.compared, 'seed')} do not tell the layers apart by their books."


def _between(results: Results, ahead: Sequence[str]) -> list[str]:
    among = [pair for pair in results.contrasts if {pair.a, pair.b} <= set(ahead)]
    if any(pair.lower(BOOKS) or pair.higher(BOOKS) for pair in among):
        return [f"Between {listing(ahead)}, each keeps better books on some counts."]
    return [f"Between {listing(ahead)}, these seeds show no difference in the books that excludes 0."]


def _sooner_and_cheaper(results: Results, ahead: Sequence[str]) -> list[str]:
    """Who of the layers ahead is earlier, and who makes fewer calls, where that is beyond doubt."""
    said = []
    for measure, words in (
        (LAG_P95, "{} was earlier: 95 % of changes arrived within {}, against {}."),
        (CALLS, "{} made the fewest API calls per contract: {}, against {}."),
    ):
        told = {layer: with_bounds(results.interval(layer, measure), measure.unit) for layer in ahead}
        for layer in ahead:
            others = [other for other in ahead if other != layer]
            if others and all(results.beats(layer, other, [measure]) for other in others):
                against = listing([f"{told[other]} for {other}" for other in others])
                said.append(words.format(layer, told[layer], against))
    return said
