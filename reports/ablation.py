"""An ablation in words: which safeguard a layer needs under a scenario, and what having it costs.

Harm is what there is more of without a safeguard, cost what there is more of with it. Either is said only where the
interval of the difference, paired by seed, excludes 0.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from reports.contrasts import Contrast, excludes_zero
from reports.measures import AMOUNT_OFF, BREAKS, CALLS, COSTS, HARMS, LAG_P50, LAG_P95, WRITES, Measure
from reports.result import AblateDocument, CompareDocument, Interval, Safeguard, SafeguardPair
from reports.wording import count, listing, several, signed, spoken

Finding = Literal["needed", "better without", "unclear", "level", "not exercised", "unknown"]
"""What the seeds tell of a safeguard: `unclear` is a difference whose interval includes 0, `level` that there is none.

`unknown` is what one seed says, which gives no interval.
"""

BUT = ", but "
TOLD_COSTS = (CALLS, LAG_P50, LAG_P95, WRITES)
"""The costs that a sentence tells: the others follow from them."""

UNSEEN = ("0", "0.00", "n/a")
"""How a difference is shown that nobody can see."""

_PLAINLY_WITHOUT = ("off", "none")
"""Values that say no more than that a safeguard is gone."""

_NAMED = {measure.name: measure for measure in (*HARMS, *COSTS)}


def finding(safeguard: Safeguard) -> Finding:
    """What the seeds tell of a safeguard."""
    lost = _harm(safeguard, "")
    if lost.higher(HARMS):
        return "needed"
    if lost.lower(HARMS):
        return "better without"
    changed = any(each["mean"] for each in safeguard["harm"].values())
    tested = not safeguard["against"] or any(safeguard["hits"].values())
    if safeguard["identical"] or not (changed or tested):
        return "not exercised"
    if changed:
        return "unknown" if lost.unknown() else "unclear"
    return "level"


def by_harm(safeguard: Safeguard) -> tuple[float, ...]:
    """Sorts safeguards by the harm of losing them: the most breaks first, then the most money off."""
    needed = finding(safeguard) == "needed"
    return (not needed, *(-(safeguard["harm"][m.name]["mean"] or 0) for m in (BREAKS, AMOUNT_OFF, *HARMS)))


def sentence_of(safeguard: Safeguard, given: str) -> str:
    """What happens without the safeguard, and what it costs to have it."""
    instead = "" if safeguard["without"] in _PLAINLY_WITHOUT else f", with {safeguard['without']} instead"
    without = f"Without {safeguard['name']}={safeguard['value']}{instead}"
    lost = _harm(safeguard, given)
    match finding(safeguard):
        case "needed":
            less = lost.lower(HARMS)
            but = f"{BUT}{listing(_told(lost, less))}" if less else ""
            said = f"{without}: {listing(_told(lost, lost.higher(HARMS)))}{_origin(safeguard)}{but}."
        case "better without":
            said = f"{without}: {listing(_told(lost, lost.lower(HARMS)))}; here it does more harm than good."
        case "not exercised":
            faults = "" if safeguard["identical"] else ": no fault that puts it to the test struck"
            said = f"{without}: nothing more goes wrong; this scenario does not exercise it{faults}."
        case "unknown":
            more = [m for m in HARMS if lost.differences[m]["mean"]]
            said = f"{without}: {listing(_told(lost, more))}, by one seed, which gives no interval."
        case "unclear":
            more = [m for m in HARMS if lost.differences[m]["mean"]]
            said = f"{without}: {listing(_told(lost, more))}, which may be luck: more seeds would tell."
        case "level":
            said = f"{without}: no harm that these seeds show{_struck(safeguard)}{_bounds(safeguard)}."
    return f"{said} {cost_of(safeguard, given)}"


def cost_of(safeguard: Safeguard, given: str) -> str:
    """What having the safeguard costs, or saves."""
    if safeguard["identical"]:
        return "Having it costs nothing: every run is the same without it, call by call."
    cost = Contrast(given, safeguard["layer"], {m: safeguard["cost"][m.name] for m in TOLD_COSTS})
    visible = [m for m in TOLD_COSTS if signed(cost.differences[m]["mean"], m.unit) not in UNSEEN]
    if len(cost.unknown()) == len(TOLD_COSTS):
        return f"With it: {listing(_told(cost, visible))}." if visible else "Having it costs nothing."
    sides = [listing(_told(cost, side)) for side in (cost.higher(visible), cost.lower(visible))]
    return f"Having it {f'means {BUT.join(filter(None, sides))}' if any(sides) else 'costs nothing measurable'}."


def sentence_of_pair(pair: SafeguardPair, given: str) -> str:
    """What two safeguards taken away together do that neither does alone."""
    without = f"Without {listing(pair['names'])}"
    beyond = Contrast(pair["layer"], given, {m: pair["beyond"][m.name] for m in HARMS})
    more, less = beyond.higher(HARMS), beyond.lower(HARMS)
    if not more and not less:
        return f"{without}: no more than both alone add up to, as far as these seeds tell."
    told = BUT.join(listing(_told(beyond, side)) for side in (more, less) if side)
    why = "" if more and less else ": each covers for the other" if more else ": they guard against the same"
    return f"{without}: {told} than both alone add up to{why}."


def headline(document: AblateDocument) -> list[str]:
    """The answer in a few sentences: what the layer needs here, what not, and what was not put to the test."""
    given, found = document["layer"], document["safeguards"]
    if not found:
        return ["No seed has been finished by every variant, so there is nothing to compare."]
    names = {which: [each["name"] for each in found if finding(each) == which] for which in _ANSWERS}
    needed = names["needed"]
    if needed:
        it = "it" if len(needed) == 1 else "each of them"
        said = [f"Under {document['scenario']}, {given} needs {listing(needed)}: without {it}, failures appear."]
    else:
        said = [f"Under {document['scenario']}, no safeguard of {given} is shown to be needed."]
    return said + [text.format(listing(names[which])) for which, text in _ANSWERS.items() if text and names[which]]


_ANSWERS: Mapping[Finding, str] = {
    "needed": "",
    "better without": "Without {} it does better here.",
    "unclear": "Whether losing {} does harm these seeds do not tell: run more.",
    "level": "Losing {} alone does no harm that these seeds show.",
    "not exercised": "The scenario does not exercise {}.",
    "unknown": "One seed gives no interval, so nothing is said of {}.",
}


def as_given(document: AblateDocument) -> CompareDocument:
    """The runs of the layer as it is given, as a comparison of one layer: what is judged."""
    given = document["layer"]
    return CompareDocument(
        schema="tieout.compare/1",
        tieout=document.get("tieout", ""),
        scenario=document["scenario"],
        seeds=document["seeds"],
        complete=document.get("complete", True),
        layers={layer: each for layer, each in document["layers"].items() if layer == given},
        differences={},
        runs=[run for run in document["runs"] if run["layer"] == given],
        settings=document.get("settings", {}),
    )


def apart(difference: Interval) -> bool:
    """Whether a difference may be told as one."""
    return excludes_zero(difference)


def _harm(safeguard: Safeguard, given: str) -> Contrast:
    return Contrast(safeguard["layer"], given, {m: safeguard["harm"][m.name] for m in HARMS})


def _told(contrast: Contrast, measures: Sequence[Measure]) -> list[str]:
    return [contrast.in_words(measure) for measure in measures]


def _origin(safeguard: Safeguard) -> str:
    """The kind of break that there is most more of, where it is at, and by which fault."""
    more = [each for each in safeguard["appears"] if (each["mean"] or 0) > 0]
    if not more:
        return ""
    first = more[0]
    mainly = "mainly" if 2 * (first["mean"] or 0) >= sum(each["mean"] or 0 for each in more) else "most often"
    cause = "without any fault" if first["cause"] == "layer" else f"by {spoken(first['cause'])}"
    return f", {mainly} {spoken(first['kind'])} ({spoken(first['record'])}) {cause}"


def _struck(safeguard: Safeguard) -> str:
    """How often faults put it to the test."""
    struck = [f"{spoken(kind)} {several(hits, 'time')}" for kind, hits in safeguard["hits"].items() if hits]
    return f", though it was put to the test ({listing(struck)})" if struck else ""


def _bounds(safeguard: Safeguard) -> str:
    """How often what never happened may still happen."""
    zeros = safeguard["zeros"]
    if not zeros:
        return ""
    names = listing([f"0 {_NAMED[name].title}" for name in zeros])
    return f"; {names}: with 95 % confidence below {count(10_000 * max(zeros.values()))} in 10,000 changes"
