"""Thresholds as people write them, under a metric in a file or all in one line: read, or refused with a remedy."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from harness.audit.breaks import CURRENCY
from harness.expectations.catalogue import METRICS, WAITED_FOR, Metric, Unit
from harness.expectations.said import AGGREGATES, PERCENTILE, WHEN, Said, When, in_a_line, joined, under, undotted
from sim.durations import SECOND, parse_us

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")

NEAR = 0.7
"""So alike, by difflib's ratio, is a word to the one that it is taken for: words less alike have little in common."""

_ELSEWHERE = {"median": "med", "mean": "avg", "average": "avg", "minimum": "min", "maximum": "max"}
"""What other tools call numbers of a distribution."""

_UNITS: Mapping[str | None, Unit] = {"never": "share", "count": "count"}
_COMPARISON = re.compile(r"(?P<operator>[<>=!]+)(?P<limit>.*)", re.DOTALL)
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
    return _checked(under(metric, text))


def metric_and_text(expression: str) -> tuple[str, str]:
    """The metric and the text of a threshold said in one line, as on the command line.

    >>> metric_and_text("event_lag.p99 < 15 min")
    ('event_lag', 'p(99) < 15 min')
    >>> metric_and_text("eventually missing.invoices == 0")
    ('missing.invoices', 'eventually == 0')

    Raises ValueError as `threshold_of` does, which has read it once.
    """
    said = in_a_line(expression)
    _checked(said)
    return said.metric, said.text


def number_of(metric: str) -> Threshold:
    """A threshold on the number that a metric names, such as `event_lag.p99`, for what is seen of it.

    Raises ValueError as `threshold_of` does.
    """
    named, aggregate = undotted(metric, "")
    return _checked(Said(metric, True, named, "", aggregate, "!= 0"))


def _checked(said: Said) -> Threshold:
    name, part = _known(said)
    if said.when == "always":
        if name in WAITED_FOR:
            remedy = said.instead(said.comparison, "eventually")
            raise ValueError(f"{said.quoted!r}: what is {name} now may still come: write {remedy}")
        name = METRICS[name].ever or name
    known = METRICS[name].of(part)
    match = _COMPARISON.fullmatch(said.comparison)
    if match is None:
        remedy = said.instead(_example(known))
        raise ValueError(f"{said.quoted!r} compares nothing: write {remedy}, with one of {' '.join(OPERATORS)}")
    operator = match["operator"]
    if operator not in OPERATORS:
        raise ValueError(f"{said.quoted!r}: {operator!r} is no comparison: write one of {' '.join(OPERATORS)}")
    aggregate = _aggregate(said, known)
    unit = _UNITS.get(aggregate, known.unit)
    limit = _limit(said, operator, match["limit"].strip(), unit)
    return Threshold(f"{said.metric} {said.text}", name, part, aggregate, operator, limit, unit, said.when)


def _known(said: Said) -> tuple[str, str | None]:
    """The metric's name and its part, both checked."""
    metric = said.metric
    name, dot, part = (metric, "", "") if metric in METRICS else metric.partition(".")
    if name not in METRICS:
        words = [*METRICS, *(WHEN if said.line and said.aggregate else ())]
        raise ValueError(f"{metric!r} is no metric{_meant(name, words)}; known are {', '.join(sorted(METRICS))}")
    known = METRICS[name]
    if not dot and known.whole is None:
        raise ValueError(
            f"{metric!r} has parts that do not add up: "
            f"write {' or '.join(f'{name}.{each}' for each in (known.parts or ())[:4])}"
        )
    if not dot:
        return name, None
    if not part or (known.parts == () and not known.distribution):
        raise ValueError(f"{metric!r}: {name} has no such part: write {name!r} alone")
    if known.parts is not None and part not in known.parts:
        numbers = ("p50", "p95", "p99", *AGGREGATES) if known.distribution else ()
        there = ", ".join((*known.parts, *numbers))
        raise ValueError(
            f"{metric!r}: {name} has no part {part!r}{_meant(part, (*known.parts, *numbers))}; it has {there}"
        )
    return name, part


def _aggregate(said: Said, known: Metric) -> str | None:
    """The number that is asked for of a distribution, as p(N) if it is a percentile; None of a single number."""
    word = said.aggregate
    first = word.partition(" ")[0]
    if not known.distribution:
        if meant := _meant(first, WHEN) if first not in WHEN else "":
            raise ValueError(f"{said.quoted!r}: {first!r} does not say when it has to hold{meant}")
        if word:
            remedy = said.instead(said.comparison)
            raise ValueError(f"{said.quoted!r}: {said.metric} is one number, so drop {word!r}: write {remedy}")
        return None
    if percentile := PERCENTILE.fullmatch(word):
        return f"p({percentile['percent']})"
    if word in AGGREGATES:
        return word
    found = (
        f"{word!r} is no number of it" if word else f"{said.metric} is a distribution, and this names no number of it"
    )
    rounded = re.fullmatch(r"p\(?(\d{1,2})\D.*", word)
    near = f"; did you mean 'p({rounded[1]})'?" if rounded else _meant(first, (*AGGREGATES, *WHEN))
    remedy = said.instead(_example(known))
    raise ValueError(f"{said.quoted!r}: {found}{near}: write p(0) to p(100), {', '.join(AGGREGATES)}: {remedy}")


def _limit(said: Said, operator: str, written: str, unit: Unit) -> float:
    number = _NUMBER.fullmatch(written)
    if unit == "s":
        return _seconds(said, written)
    if unit == "share":
        percent = _NUMBER.fullmatch(written.removesuffix("%").rstrip())
        if percent and written.endswith("%"):
            if not 0 <= float(percent[0]) <= 100:
                raise ValueError(f"{said.quoted!r}: {written} is no share: write 0% to 100%")
            return float(Fraction(percent[0]) / 100)
        if number and not 0 <= float(written) <= 1:
            raise ValueError(f"{said.quoted!r}: {written} is no share of 1: write {written}% for per cent")
    if number is None:
        expected = {"share": "a share such as 0.5% or 0.005", "minor": "minor units such as 250"}.get(unit, "a number")
        raise ValueError(f"{said.quoted!r}: {written!r} is no limit here: write {expected}")
    if unit == "count" and (float(written) < 0 or not float(written).is_integer()):
        remedy = said.instead(joined(said.aggregate, f"{operator} {max(0, int(float(written)))}"))
        raise ValueError(f"{said.quoted!r}: a count is a whole number from 0 on, never {written}: write {remedy}")
    return int(written) if written.lstrip("-").isdigit() else float(written)


def _seconds(said: Said, written: str) -> float:
    if _NUMBER.fullmatch(written):
        if float(written) == 0:
            return 0
        raise ValueError(f"{said.quoted!r}: {written} has no unit: write {written} s, {written} min or {written} h")
    try:
        span_us = parse_us(written)
    except ValueError as error:
        raise ValueError(f"{said.quoted!r}: {error}") from None
    return span_us // SECOND if span_us % SECOND == 0 else span_us / SECOND


def _example(known: Metric) -> str:
    if known.distribution:
        return "p(99) < 15min"
    return {"s": "< 2 h", "share": "< 0.5%", "number": "<= 3", "minor": "== 0"}.get(known.unit, "== 0")


def _meant(word: str, known: Iterable[str]) -> str:
    """Which of the known words was probably meant, as the end of a clause; empty if none is near."""
    words = list(known)
    other = _ELSEWHERE.get(word)
    near = [other] if other in words else get_close_matches(word, words, n=1, cutoff=NEAR)
    return f"; did you mean {near[0]!r}?" if near else ""
