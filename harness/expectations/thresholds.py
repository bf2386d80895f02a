"""Thresholds as people write them, under a metric in a file or all in one line: read, or refused with a remedy."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal

from harness.audit.breaks import CURRENCY
from harness.expectations.catalogue import METRICS, WAITED_FOR, Metric, Unit
from sim.durations import SECOND, parse_us

When = Literal["", "always", "eventually", "sometimes"]

WHEN: tuple[When, ...] = ("always", "eventually", "sometimes")
"""The words that say when a threshold has to hold."""

AGGREGATES = ("min", "med", "avg", "max", "never", "count")
"""What a threshold may ask of a distribution, beside p(N) with a whole N; `never` is the share that did not arrive."""

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
_UNITS: Mapping[str | None, Unit] = {"never": "share", "count": "count"}
_THRESHOLD = re.compile(r"(?P<aggregate>[^<>=!]*)(?P<operator>[<>=!]+)(?P<limit>.*)")
_EXPRESSION = re.compile(r"(?P<left>(?:->|[^<>=!])*)(?P<right>[<>=!].*)")
_DOTTED = re.compile(rf"(?P<metric>.+)\.(?:p(?P<percent>\d+)|(?P<word>{'|'.join(AGGREGATES)}))")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of an expectation: `metric` (or its `part`), of a distribution its `aggregate`, against `limit`.

    `limit` is in `unit`: seconds, a share of 1, minor units, or a plain number. `name` is how people know it, `when`
    says when it has to hold.
    """

    name: str
    metric: str
    part: str | None
    aggregate: str | None
    operator: str
    limit: float
    unit: Unit
    when: When = ""

    @property
    def currency(self) -> str:
        """The currency of minor units: the part's own of an amount by currency, else the one that is reported in."""
        return self.part if self.part and METRICS[self.metric].whole == "translated" else CURRENCY


def threshold_of(metric: str, text: str) -> Threshold:
    """The threshold that `text` sets for a metric, or for a part of one: `threshold_of("event_lag", "p(99) < 15min")`.

    Raises ValueError that says what was found, what was expected and what to write instead.
    """
    name, part = _known(metric)
    text = " ".join(text.split())
    said = text
    when, text = _when(said)
    if when == "always":
        if name in WAITED_FOR:
            raise ValueError(f"{said!r}: what is {name} now may still come: write 'eventually {text}'")
        name = METRICS[name].ever or name
    known = METRICS[name].of(part)
    match = _THRESHOLD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} compares nothing: write {_example(known)!r}, with one of {' '.join(OPERATORS)}")
    operator = match["operator"]
    if operator not in OPERATORS:
        raise ValueError(f"{text!r}: {operator!r} is no comparison: write one of {' '.join(OPERATORS)}")
    aggregate = _aggregate(metric, known, match["aggregate"].strip(), text)
    unit = _UNITS.get(aggregate, known.unit)
    limit = _limit(match["limit"].strip(), unit, text)
    return Threshold(f"{metric} {said}", name, part, aggregate, operator, limit, unit, when)


def metric_and_text(expression: str) -> tuple[str, str]:
    """The metric and the text of a threshold said in one line, as on the command line.

    >>> metric_and_text("event_lag.p99 < 15 min")
    ('event_lag', 'p(99) < 15 min')
    >>> metric_and_text("eventually missing.invoices == 0")
    ('missing.invoices', 'eventually == 0')

    Raises ValueError as `threshold_of` does, which has read it once.
    """
    expression = " ".join(expression.split())
    match = _EXPRESSION.fullmatch(expression)
    when, left = _when(match["left"].strip() if match else "")
    if match is None or not left:
        raise ValueError(
            f"{expression!r} compares no metric: write for example 'duplicates == 0' or 'event_lag.p99 < 15min'"
        )
    metric, _, aggregate = left.partition(" ")
    dotted = _DOTTED.fullmatch(metric)
    if dotted and not aggregate and metric not in METRICS:
        known = METRICS.get(dotted["metric"]) or METRICS.get(dotted["metric"].partition(".")[0])
        if known and known.distribution:
            metric, aggregate = dotted["metric"], dotted["word"] or f"p({dotted['percent']})"
    text = " ".join(word for word in (when, aggregate, match["right"]) if word)
    threshold_of(metric, text)
    return metric, text


def _when(text: str) -> tuple[When, str]:
    """The word that a text begins with, if it is one of WHEN, and the rest."""
    for when in WHEN:
        if text == when or text.startswith(f"{when} "):
            return when, text.removeprefix(when).lstrip()
    return "", text


def _known(metric: str) -> tuple[str, str | None]:
    """The metric's name and its part, both checked."""
    name, dot, part = (metric, "", "") if metric in METRICS else metric.partition(".")
    if name not in METRICS:
        raise ValueError(f"{metric!r} is no metric{_nearest(name, METRICS)}; known are {', '.join(sorted(METRICS))}")
    parts = METRICS[name].parts
    if not dot and METRICS[name].whole is None:
        raise ValueError(
            f"{metric!r} has parts that do not add up: write {' or '.join(f'{name}.{p}' for p in (parts or ())[:4])}"
        )
    if not dot:
        return name, None
    if not part or parts == ():
        raise ValueError(f"{metric!r}: {name} has no such part: write {name!r} alone")
    if parts is not None and part not in parts:
        raise ValueError(f"{metric!r}: {name} has no part {part!r}{_nearest(part, parts)}; it has {', '.join(parts)}")
    return name, part


def _aggregate(metric: str, known: Metric, word: str, text: str) -> str | None:
    if not known.distribution:
        if word:
            raise ValueError(f"{text!r}: {metric} is one number, so drop {word!r}: write {_example(known)!r}")
        return None
    if word in AGGREGATES or re.fullmatch(r"p\((\d{1,2}|100)\)", word):
        return word
    found = f"{word!r} is no number of it" if word else f"{metric} is a distribution, and this names no number of it"
    meant = re.fullmatch(r"p\(?(\d{1,2})(\D.*)?", word)
    near = f"; did you mean 'p({meant[1]})'?" if meant else _nearest(word, AGGREGATES)
    raise ValueError(f"{text!r}: {found}{near}: write p(0) to p(100), {', '.join(AGGREGATES)}: {_example(known)!r}")


def _limit(written: str, unit: str, text: str) -> float:
    number = _NUMBER.fullmatch(written)
    if unit == "s":
        return _seconds(written, text)
    if unit == "share":
        percent = _NUMBER.fullmatch(written.removesuffix("%").rstrip())
        if percent and written.endswith("%"):
            return float(Fraction(percent[0]) / 100)
        if number and not 0 <= float(written) <= 1:
            raise ValueError(f"{text!r}: {written} is no share of 1: write {written}% for per cent")
    if number is None:
        expected = {"share": "a share such as 0.5% or 0.005", "minor": "minor units such as 250"}.get(unit, "a number")
        raise ValueError(f"{text!r}: {written!r} is no limit here: write {expected}")
    return int(written) if written.lstrip("-").isdigit() else float(written)


def _seconds(written: str, text: str) -> float:
    if _NUMBER.fullmatch(written):
        if float(written) == 0:
            return 0
        raise ValueError(f"{text!r}: {written} has no unit: write {written} s, {written} min or {written} h")
    try:
        span_us = parse_us(written)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    return span_us // SECOND if span_us % SECOND == 0 else span_us / SECOND


def _example(known: Metric) -> str:
    if known.distribution:
        return "p(99) < 15min"
    return {"s": "< 2 h", "share": "< 0.5%", "number": "<= 3", "minor": "== 0"}.get(known.unit, "== 0")


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
