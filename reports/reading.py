"""A document as reports read it: measures by layer, paired contrasts, thresholds, faults that hit nothing.

A run's document is read as a comparison of one layer over one seed, so that every report has one reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean

from reports.contrasts import Contrast, negative
from reports.measures import BOOKS, MEASURES, Measure, flattened, numbers
from reports.result import CompareDocument, Document, FaultHits, Interval, RunDocument, Settings, Several
from reports.thresholds import Threshold, thresholds_of
from reports.wording import CURRENCY, listing

WHERE_MAX = 5
"""So many runs are named of those that a remark is about."""


@dataclass(frozen=True, slots=True)
class SilentFault:
    """A planned fault that touched nothing: by layer the seeds with which it did not. `everywhere`: in every run."""

    name: str
    seeds: Mapping[str, tuple[int, ...]]
    everywhere: bool

    def sentence(self) -> str:
        """What hit nothing, and where."""
        if self.everywhere:
            return f"{self.name} hit nothing in any run: what it was planned to test was not tested."
        where = [f"{layer} ({seeds_shown(seeds)})" for layer, seeds in self.seeds.items()]
        return f"{self.name} hit nothing in {listing(where)}: there it tested nothing."


@dataclass(frozen=True, slots=True)
class Remark:
    """What of the plan came to nothing, or was not checked, in some of all `runs`; `where` names those in which."""

    text: str
    where: tuple[str, ...]
    runs: int

    def sentence(self) -> str:
        """What it is, and in which runs if not in all."""
        if len(self.where) == self.runs:
            return self.text
        some = ", ".join([*self.where[:WHERE_MAX], *(["…"] if len(self.where) > WHERE_MAX else [])])
        return f"{self.text} ({len(self.where)} of {self.runs} runs: {some})"


class Results:
    """A document, read for reports. `runs` are the run documents by layer, in the order of their seeds.

    `seeds` are all that were run; the means are over the `compared` seeds that every layer has finished.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._compare = compare = _as_compare(document)
        self.scenario = document["scenario"]
        self.layers = tuple(compare["layers"]) or tuple(dict.fromkeys(run["layer"] for run in compare["runs"]))
        self.runs = {
            layer: tuple(sorted((run for run in compare["runs"] if run["layer"] == layer), key=_seed))
            for layer in self.layers
        }
        self.seeds = tuple(sorted({run["seed"] for runs in self.runs.values() for run in runs}))
        self.complete = compare.get("complete", True)
        self.compared = compare["seeds"]
        self.first: RunDocument | None = next((run for runs in self.runs.values() for run in runs), None)
        self.settings: Settings = compare.get("settings", Settings())
        self.program = document.get("tieout", self.first.get("tieout", "") if self.first else "")

    @property
    def is_comparison(self) -> bool:
        """Whether the document compares, rather than tells of one run."""
        return self.document["schema"] != "tieout.run/1"

    def interval(self, layer: str, measure: Measure) -> Interval:
        """The measure's mean over seeds with its interval; a plain mean where the document has no interval."""
        of_layer = self._compare["layers"].get(layer, {})
        for name in (measure.name, *measure.also):
            if name in of_layer:
                return of_layer[name]
        values = self.by_seed(layer, measure)
        finite = [value for value in values if value is not None]
        return Interval(mean=fmean(finite) if finite and len(finite) == len(values) else None, low=None, high=None)

    def by_seed(self, layer: str, measure: Measure) -> list[float | None]:
        """The measure of each of the layer's runs."""
        return [numbers(run)[measure.name] for run in self.runs[layer]]

    def every_metric(self, layer: str) -> dict[str, Interval]:
        """All that the document tells of a layer by name; for a run without intervals."""
        if self.is_comparison:
            return self._compare["layers"].get(layer, {})
        told = (flattened(run["metrics"]) for run in self.runs[layer])
        return {name: Interval(mean=value, low=None, high=None) for each in told for name, value in each.items()}

    @cached_property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Every pair of layers that the document has differences for; the one that does better is named first."""
        found = []
        for one, other in combinations(self.layers, 2):
            contrast = self._contrast(one, other)
            if contrast:
                behind = _losses(contrast, BOOKS) or _losses(contrast, MEASURES)
                found.append(contrast.reversed() if behind > 0 else contrast)
        return tuple(found)

    def contrast(self, one: str, other: str) -> Contrast | None:
        """The pair's contrast, seen from `one`."""
        for contrast in self.contrasts:
            if (contrast.a, contrast.b) == (one, other):
                return contrast
            if (contrast.b, contrast.a) == (one, other):
                return contrast.reversed()
        return None

    def beats(self, one: str, other: str, measures: Sequence[Measure]) -> bool:
        """Whether `one` is lower than `other` on some of the measures and higher on none, beyond doubt."""
        contrast = self.contrast(one, other)
        return contrast is not None and bool(contrast.lower(measures)) and not contrast.higher(measures)

    @cached_property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Every expectation of every layer, over its seeds."""
        return tuple(each for layer, runs in self.runs.items() for each in thresholds_of(layer, runs))

    @property
    def strict(self) -> bool:
        """Whether it was asked that what was not checked, or came to nothing, be no success."""
        return self.settings.get("strict", False)

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """What runs remark on themselves, each once."""
        said: dict[str, list[str]] = {}
        every = [run for runs in self.runs.values() for run in runs]
        for run in every:
            for text in run.get("remarks", []):
                said.setdefault(text, []).append(f"{run['layer']} seed {run['seed']}")
        return tuple(Remark(text, tuple(where), len(every)) for text, where in said.items())

    @cached_property
    def translated(self) -> tuple[str, ...]:
        """The currencies beside the one that is reported in: amounts in them are translated, and then summed up."""
        off = (run["metrics"].get("amount_off", {}) for runs in self.runs.values() for run in runs)
        return tuple(sorted({name for by_currency in off for name in by_currency} - {CURRENCY}))

    @property
    def faults(self) -> Sequence[FaultHits]:
        """The planned faults, the same in every run. Their hits differ: see `hits`."""
        return self.first.get("faults", []) if self.first else []

    @cached_property
    def silent_faults(self) -> tuple[SilentFault, ...]:
        """Every planned fault that touched nothing in at least one run."""
        found = []
        for fault in self.faults:
            silent = {
                layer: tuple(run["seed"] for run in runs if hits(run, fault["name"]) == 0)
                for layer, runs in self.runs.items()
            }
            seeds = {layer: each for layer, each in silent.items() if each}
            if seeds:
                everywhere = all(len(seeds.get(layer, ())) == len(runs) for layer, runs in self.runs.items())
                found.append(SilentFault(fault["name"], seeds, everywhere))
        return tuple(found)

    def _contrast(self, one: str, other: str) -> Contrast | None:
        of_pair = self._compare["differences"]
        there, back = of_pair.get(f"{one} vs {other}"), of_pair.get(f"{other} vs {one}")
        found = there if there is not None else back
        if found is None:
            return None
        differences = {}
        for measure in MEASURES:
            name = next((name for name in (measure.name, *measure.also) if name in found), None)
            if name:
                differences[measure] = found[name] if there is not None else negative(found[name])
        return Contrast(one, other, differences)


def hits(run: RunDocument, fault: str) -> int | None:
    """How many calls or deliveries the fault touched in a run; None if the run does not know the fault."""
    return next((each["hits"] for each in run.get("faults", []) if each["name"] == fault), None)


def seeds_shown(seeds: Sequence[int]) -> str:
    """`seed 3`, `seeds 0, 2 and 4`, `seeds 0 to 4`."""
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seeds {listing([str(seed) for seed in seeds])}" if seeds else "no seed"


def _losses(contrast: Contrast, measures: Sequence[Measure]) -> int:
    """On how many more of the measures `a` is higher than lower."""
    return len(contrast.higher(measures)) - len(contrast.lower(measures))


def _seed(run: RunDocument) -> int:
    return run["seed"]


def _as_compare(document: Document) -> Several:
    if document["schema"] != "tieout.run/1":
        return document
    return CompareDocument(
        schema="tieout.compare/1",
        scenario=document["scenario"],
        seeds=1,
        layers={document["layer"]: {}},
        differences={},
        runs=[document],
        settings=document.get("settings", Settings()),
    )
