"""Expectations as reports show them: what was asked, what was seen in its unit, with which seeds it broke."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.measures import unit_of
from reports.result import Expectation, RunDocument
from reports.wording import CURRENCY, listing, money, shown

_UNITS = {"s": "span", "minor": "money", "share": "share", "number": "ratio", "count": "count"}
UNJUDGED = "not judged: "
"""How the remark begins of an expectation that was not judged."""

_METRIC = re.compile(r"[\w.>-]*\w")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One expectation of one layer over its seeds: it held in `held` of `of` runs, and broke with seeds `broken`.

    One that has to hold `sometimes` breaks with all of them or with none. Runs that were not fit to be held to it, with
    seeds `unjudged`, are none of those: `why` says what was wrong with them.
    """

    layer: str
    text: str
    seen: str
    held: int
    of: int
    broken: tuple[int, ...]
    unjudged: tuple[int, ...] = ()
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether it broke nowhere. It may still not have been judged at all."""
        return not self.broken

    @property
    def mark(self) -> str:
        """A sign for it: broken, held in every run that was judged by it, or judged by no run."""
        return "✗" if self.broken else "✓" if self.of else "–"


def thresholds_of(layer: str, runs: Sequence[RunDocument]) -> list[Threshold]:
    """Every expectation that the layer's runs were held to, in order."""
    asked: dict[str, list[tuple[int, Expectation]]] = {}
    for run in runs:
        for expectation in run["expectations"]:
            asked.setdefault(expectation_text(expectation), []).append((run["seed"], expectation))
    found, met = [], reached(runs)
    for text, checks in asked.items():
        judged = [each for _, each in checks if is_judged(each)]
        held = sum(each["held"] for each in judged)
        broken = tuple(seed for seed, each in checks if fails(each, met))
        unjudged = tuple(seed for seed, each in checks if not is_judged(each))
        why = ", or ".join(dict.fromkeys(unfit(each) for _, each in checks if not is_judged(each)))
        seen = seen_over([each for _, each in checks])
        found.append(Threshold(layer, text, seen, held, len(judged), broken, unjudged, why))
    return found


def is_judged(expectation: Expectation) -> bool:
    """Whether the run was fit to be held to it."""
    return expectation.get("judged", True)


def unfit(expectation: Expectation) -> str:
    """Why a run was not judged by it."""
    return expectation.get("remark", "").removeprefix(UNJUDGED)


def reached(runs: Sequence[RunDocument]) -> frozenset[str]:
    """What had to hold sometimes, in one of these runs at least, and did."""
    every = (each for run in runs for each in run["expectations"])
    return frozenset(expectation_text(each) for each in every if each.get("when") == "sometimes" and each["held"])


def fails(expectation: Expectation, reached: frozenset[str]) -> bool:
    """Whether a run breaks an expectation, given what was `reached` in others of the same layer."""
    return not expectation["held"] and expectation_text(expectation) not in reached


def expectation_text(expectation: Expectation) -> str:
    """What was asked: `event_lag p(99) < 15min`. A name that says it all stands alone, else the limit follows."""
    name, limit = expectation["name"], expectation["limit"]
    return name if any(sign in name for sign in ("<", "=", "> ", "!")) else f"{name} {limit}"


def seen_value(expectation: Expectation) -> str:
    """The value that was seen, in its unit; where there is none, why."""
    value, unit, remark = expectation["value"], _unit(expectation), expectation.get("remark", "")
    return _value_shown(value, unit, remark, _currency(expectation))


def seen_over(checks: Sequence[Expectation]) -> str:
    """What was seen of one expectation over the seeds: one value, or the lowest to the highest."""
    told = list(dict.fromkeys(map(seen_value, checks)))
    values = [each["value"] for each in checks]
    finite = [value for value in values if isinstance(value, int | float)]
    if len(told) == 1 or not finite or len(finite) + values.count(None) < len(values):
        return ", ".join(told)
    absent = [seen_value(each) for each in checks if each["value"] is None]
    span = _range(min(finite), max(finite), _unit(checks[0]), _currency(checks[0]))
    return ", or ".join([span, *absent[:1]])


def _range(low: float, high: float, unit: str, currency: str) -> str:
    first, last = shown(low, unit, currency), shown(high, unit, currency)
    if first == last:
        return first
    if unit == "money":
        return f"{first} to {last.partition(' ')[2]}"
    number, blank, word = first.rpartition(" ")
    return f"{number if blank and last.endswith(f' {word}') else first} to {last}"


def _unit(expectation: Expectation) -> str:
    """The unit of the value: the one the entry names, else the metric's own."""
    if "unit" in expectation:
        return _UNITS.get(expectation["unit"], "count")
    metric = _METRIC.match(expectation["name"])
    return unit_of(metric[0]) if metric else "count"


def _currency(expectation: Expectation) -> str:
    return expectation.get("currency", CURRENCY)


def _value_shown(value: Any, unit: str, remark: str, currency: str) -> str:
    if isinstance(value, Mapping) and unit == "money":
        return listing([money(minor, currency) for currency, minor in value.items()])
    if isinstance(value, Mapping):
        told = [f"{name} {_value_shown(each, unit, remark, currency)}" for name, each in value.items()]
        return ", ".join(told) or "none"
    if value is None:
        return remark or shown(None, unit)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return shown(value, unit, currency) if number else str(value)
