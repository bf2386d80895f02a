"""Several layers over the same seeds: the same business and faults for each, differences paired by seed."""

import math
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any, TypeAlias

from harness.agreed import Agreed, agree
from harness.attempts import attempt
from harness.audit.breaks import CURRENCY
from harness.laws import same_business
from harness.layers import choose
from harness.metrics import Spans
from harness.replication import program_version, replicate_agreed
from harness.statistics import (
    Interval,
    Resampled,
    mean_interval,
    paired_difference,
    quantile_difference,
    resampled,
)
from harness.workers import each_result
from reports.measures import LAG_P95, LAG_P99, numbers
from scenarios.load import loads
from scenarios.resolved import digest, dump
from scenarios.schema import Scenario
from sim.durations import SECOND

COMPARE_SCHEMA = "tieout.compare/1"

QUANTILES = {LAG_P95.name: 0.95, LAG_P99.name: 0.99}

BOOTSTRAP_SEEDS_MIN = 10
"""With fewer seeds a bootstrap interval is too narrow, and Student's over the runs' percentiles is taken."""

Entry: TypeAlias = dict[str, float | None]
"""A mean and the bounds of its interval."""

Told = Callable[[dict[str, Any]], None]
"""Told of each finished run, with its document."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run to do: the scenario as its resolved text, which crosses process borders as it is."""

    scenario: str
    layer: str
    seed: int


@dataclass(slots=True)
class Runs:
    """The runs of a comparison that have finished, their event lags, and whether all of them have."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    lags_us: dict[tuple[str, int], Spans] = field(default_factory=dict)
    complete: bool = True


def perform(task: Task) -> tuple[dict[str, Any], Spans]:
    """Do one run; its document and its event lags. Also what a worker process does. Raises RunFailed."""
    scenario = _scenario(task.scenario)
    with attempt(scenario.name, task.layer, task.seed):
        done = replicate_agreed(_agreed(task.scenario, task.seed), task.layer)
        return done.document, done.event_lags_us


@lru_cache(maxsize=1)
def _scenario(text: str) -> Scenario:
    return loads(text, "scenario.yaml")


@lru_cache(maxsize=1)
def _agreed(text: str, seed: int) -> Agreed:
    """A seed's business: its layers come one after the other, and each process draws it up once."""
    return agree(_scenario(text), seed)


def run_all(scenario: Scenario, layers: Sequence[str], seeds: Sequence[int], jobs: int, told: Told) -> Runs:
    """All layers over all seeds, seed by seed, on `jobs` processes. Interrupted, it returns what was finished."""
    text = dump(scenario)
    tasks = [Task(text, layer, seed) for seed in seeds for layer in layers]
    runs = Runs()
    try:
        with closing(each_result(perform, tasks, jobs)) as results:
            for document, lags_us in results:
                runs.documents.append(document)
                runs.lags_us[document["layer"], document["seed"]] = lags_us
                told(document)
    except KeyboardInterrupt:
        runs.complete = False
    order = {(task.layer, task.seed): place for place, task in enumerate(tasks)}
    runs.documents.sort(key=lambda document: order[document["layer"], document["seed"]])
    return runs


def comparison(scenario: Scenario, layers: Sequence[str], runs: Runs, command: str) -> dict[str, Any]:
    """The compare document of the runs: means with 95 % intervals, and differences paired by seed."""
    return {"schema": COMPARE_SCHEMA, **Compared(layers, runs).document(scenario, command, combinations(layers, 2))}


class Compared:
    """The runs of several layers, seed by seed. A seed counts only if every layer has finished it.

    `values` has a column of numbers by layer and name, one number for each of the `seeds`.
    """

    def __init__(self, layers: Sequence[str], runs: Runs) -> None:
        by_seed: dict[int, dict[str, dict[str, Any]]] = {}
        for document in runs.documents:
            by_seed.setdefault(document["seed"], {})[document["layer"]] = document
        for seed, of_layer in sorted(by_seed.items()):
            same_business({layer: document["business_digest"] for layer, document in of_layer.items()}, seed)
        self.seeds = [seed for seed, of_layer in sorted(by_seed.items()) if len(of_layer) == len(layers)]
        self.documents = {layer: [by_seed[seed][layer] for seed in self.seeds] for layer in layers}
        self.values = {layer: _columns(list(map(_numbers, found))) for layer, found in self.documents.items()}
        self._runs = runs
        lags_us = {layer: [runs.lags_us[layer, seed] for seed in self.seeds] for layer in layers}
        self._differences = Differences(self.values, lags_us)

    def difference(self, one: str, other: str) -> dict[str, Entry]:
        """What `one` has more than `other` of everything that is compared, as a document has it."""
        return {name: entry(self._differences.of(name, one, other)) for name in self.values[one]}

    def document(self, scenario: Scenario, command: str, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """What every document of several layers has, with the differences of these pairs."""
        return {
            "tieout": program_version(),
            "scenario": scenario.name,
            "currency": CURRENCY,
            "seeds": len(self.seeds),
            "complete": self._runs.complete,
            "layers": {
                layer: {name: entry(mean_interval(column)) for name, column in columns.items()}
                for layer, columns in self.values.items()
                if self.seeds
            },
            "differences": {f"{one} vs {other}": self.difference(one, other) for one, other in pairs if self.seeds},
            "runs": [_slim(document, self.seeds[:1]) for document in self._runs.documents],
            "settings": {
                "program": program_version(),
                "python": platform.python_version(),
                "scenario_digest": digest(scenario),
                "command": command,
                "seeds": self.seeds,
            },
        }


class Differences:
    """Differences between layers, paired by seed: `values` has a column of numbers a layer, one number a seed.

    Of lag percentiles over enough seeds it is the difference over all seeds' lags together, by bootstrap.
    """

    def __init__(self, values: Mapping[str, Mapping[str, Sequence[float]]], lags_us: Mapping[str, list[Spans]]) -> None:
        self._values = values
        self._resampled: dict[tuple[str, str], Resampled] = {}
        for layer, of_seeds in lags_us.items():
            if len(of_seeds) >= BOOTSTRAP_SEEDS_MIN and all(map(len, of_seeds)):
                for name, share in QUANTILES.items():
                    self._resampled[layer, name] = resampled([lags / SECOND for lags in of_seeds], share)

    def of(self, name: str, one: str, other: str) -> Interval:
        """What `one` has more of `name` than `other`, with its 95 % interval."""
        if (one, name) in self._resampled and (other, name) in self._resampled:
            return quantile_difference(self._resampled[one, name], self._resampled[other, name])
        return paired_difference(self._values[one][name], self._values[other][name])


def check_layers(layers: Sequence[str]) -> None:
    """Raise LayerError for the first layer that cannot be had, before any run begins."""
    for layer in layers:
        choose(layer)


def _numbers(document: dict[str, Any]) -> dict[str, float]:
    """What is compared of one run, by name; what never came is infinite."""
    found = {name: math.inf if value is None else float(value) for name, value in numbers(document).items()}  # type: ignore[arg-type]
    for group in ("duplicates", "missing"):
        found.update((f"{group}.{kind}", float(count)) for kind, count in document[group].items())
    metrics = document["metrics"]
    found["retries"] = float(metrics["retries"])
    found["backlog.peak"] = float(metrics["backlog"]["peak"])
    found["close_cycle.hours"] = float(metrics["close_cycle"]["hours"])
    return found


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def entry(interval: Interval) -> Entry:
    """An interval as a document has it: None for what no number says."""
    bounds = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    return {name: value if math.isfinite(value) else None for name, value in bounds.items()}


def _slim(document: dict[str, Any], seeds_with_series: Sequence[int]) -> dict[str, Any]:
    """A run's document for the comparison: the hourly series and the statements of one seed are enough for its page."""
    if document["seed"] in seeds_with_series:
        return document
    return {
        name: value for name, value in document.items() if name not in ("series", "statements", "quarter_statements")
    }
