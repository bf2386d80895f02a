"""What people say of a threshold, told apart into its words: under a metric in a file, or all in one line."""

import re
from dataclasses import dataclass
from typing import Literal

from harness.expectations.catalogue import METRICS

When = Literal["", "always", "eventually", "sometimes"]

WHEN: tuple[When, ...] = ("always", "eventually", "sometimes")
"""The words that say when a threshold has to hold."""

AGGREGATES = ("min", "med", "avg", "max", "never", "count")
"""What a threshold may ask of a distribution, beside p(N) with a whole N; `never` is the share that did not arrive."""

_LEFT_AND_RIGHT = re.compile(r"(?P<left>(?:->|[^<>=!])*)(?P<right>[<>=!].*)?", re.DOTALL)
_DOTTED = re.compile(rf"(?P<metric>.+)\.(?P<aggregate>p\d+|p\(\d+\)|{'|'.join(AGGREGATES)})")
PERCENTILE = re.compile(r"p(?P<bracket>\()?(?P<percent>\d{1,2}|100)(?(bracket)\))")


@dataclass(frozen=True, slots=True)
class Said:
    """A threshold told apart into its words. `quoted` is all of it as it was written, in a `line` or under its metric.

    `metric` has its part with it; `aggregate` is whatever stands where a number of a distribution would.
    """

    quoted: str
    line: bool
    metric: str
    when: When
    aggregate: str
    comparison: str

    @property
    def text(self) -> str:
        """What stands under the metric."""
        percentile = PERCENTILE.fullmatch(self.aggregate)
        aggregate = f"p({percentile['percent']})" if percentile else self.aggregate
        return joined(self.when, aggregate, self.comparison)

    def instead(self, text: str, when: When | None = None) -> str:
        """How it is to be written, with this after its metric."""
        return repr(joined(self.when if when is None else when, self.metric if self.line else "", text))


def under(metric: str, text: str) -> Said:
    """What a file says: a text under a metric."""
    quoted = joined(*text.split())
    left, right = _sides(quoted)
    when, aggregate = _when(left)
    named, aggregate = undotted(joined(*metric.split()), aggregate)
    return Said(quoted, False, named, when, aggregate, right)


def in_a_line(expression: str) -> Said:
    """What a command line says: all of it together. Raises ValueError where there is no metric, or no comparison."""
    quoted = joined(*expression.split())
    left, right = _sides(quoted)
    when, left = _when(left)
    if not left or not right:
        raise ValueError(
            f"{quoted!r} compares no metric: write for example 'duplicates == 0' or 'event_lag.p99 < 15min'"
        )
    metric, rest = _metric_first(left)
    when, rest = (when, rest) if when else _when(rest)
    named, aggregate = undotted(metric, rest)
    return Said(quoted, True, named, when, aggregate, right)


def _sides(text: str) -> tuple[str, str]:
    """What is compared, and the comparison; empty if there is none."""
    match = _LEFT_AND_RIGHT.fullmatch(text)
    assert match is not None, "it takes any text"
    return match["left"].strip(), match["right"] or ""


def _when(text: str) -> tuple[When, str]:
    """The word that a text begins with, if it is one of WHEN, and the rest."""
    for when in WHEN:
        if text == when or text.startswith(f"{when} "):
            return when, text.removeprefix(when).lstrip()
    return "", text


def _metric_first(left: str) -> tuple[str, str]:
    """The metric that a text begins with, and the rest. A part that is open, as the names of faults, has blanks too."""
    first, _, rest = left.partition(" ")
    known = METRICS.get(first.partition(".")[0])
    if first in METRICS or known is None or known.parts is not None:
        return first, rest
    words = left.split(" ")
    own = next((at for at, word in enumerate(words) if at and _is_qualifier(word)), len(words))
    return joined(*words[:own]), joined(*words[own:])


def _is_qualifier(word: str) -> bool:
    return word in WHEN or word in AGGREGATES or PERCENTILE.fullmatch(word) is not None


def undotted(metric: str, aggregate: str) -> tuple[str, str]:
    """The metric without the number of its distribution that follows a dot, and that number."""
    dotted = _DOTTED.fullmatch(metric)
    if aggregate or metric in METRICS or dotted is None:
        return metric, aggregate
    known = METRICS.get(dotted["metric"]) or METRICS.get(dotted["metric"].partition(".")[0])
    return (dotted["metric"], dotted["aggregate"]) if known and known.distribution else (metric, aggregate)


def joined(*words: str) -> str:
    """The words that there are, with a blank between them."""
    return " ".join(filter(None, words))
