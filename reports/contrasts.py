"""One layer against another: what the seeds tell apart, and in what words it may be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.measures import Measure
from reports.result import Interval
from reports.wording import listing, with_bounds


def excludes_zero(difference: Interval) -> bool:
    """Whether the whole interval lies on one side of 0. Without an interval nothing is excluded."""
    low, high = difference["low"], difference["high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def negative(difference: Interval) -> Interval:
    """The same difference, taken the other way round."""
    mean, low, high = difference["mean"], difference["low"], difference["high"]
    return Interval(
        mean=None if mean is None else 0 - mean,
        low=None if high is None else 0 - high,
        high=None if low is None else 0 - low,
    )


@dataclass(frozen=True, slots=True)
class Contrast:
    """Layer `a` against layer `b`: each measure's difference, a minus b, paired by seed."""

    a: str
    b: str
    differences: Mapping[Measure, Interval]

    def lower(self, measures: Sequence[Measure]) -> list[Measure]:
        """The measures that are lower in `a` with the whole interval."""
        return [m for m in self._apart(measures) if (self.differences[m]["mean"] or 0) < 0]

    def higher(self, measures: Sequence[Measure]) -> list[Measure]:
        """The measures that are higher in `a` with the whole interval."""
        return [m for m in self._apart(measures) if (self.differences[m]["mean"] or 0) > 0]

    def level(self) -> list[Measure]:
        """The measures whose interval includes 0: the seeds do not tell them apart."""
        return [m for m, each in self.differences.items() if each["low"] is not None and not excludes_zero(each)]

    def unknown(self) -> list[Measure]:
        """The measures without an interval: one seed, or a value that was never reached."""
        return [m for m, each in self.differences.items() if each["low"] is None or each["high"] is None]

    def reversed(self) -> "Contrast":
        """The same, seen from `b`."""
        return Contrast(self.b, self.a, {m: negative(each) for m, each in self.differences.items()})

    def sentence(self) -> str:
        """What is apart, in words: `a against b: 12 [10, 14] fewer duplicates, but 1.2 [1, 1.4] more …`."""
        measures = tuple(self.differences)
        sides = [listing([self.in_words(m) for m in side]) for side in (self.lower(measures), self.higher(measures))]
        return f"{self.a} against {self.b}: {', but '.join(filter(None, sides)) or 'no difference that excludes 0'}."

    def reservations(self) -> list[str]:
        """What these seeds do not tell apart, and what has no interval, each in a sentence."""
        said = []
        if self.level():
            said.append(f"Not told apart: {listing([m.title for m in self.level()])}.")
        if self.unknown():
            said.append(f"No interval for {listing([m.title for m in self.unknown()])}.")
        return said

    def in_words(self, measure: Measure) -> str:
        """One difference in words, with its interval: `12 [10, 14] fewer duplicates`."""
        difference = self.differences[measure]
        mean = difference["mean"] or 0
        size = with_bounds(difference if mean > 0 else negative(difference), measure.unit)
        return (measure.more if mean > 0 else measure.less).format(size)

    def _apart(self, measures: Sequence[Measure]) -> list[Measure]:
        return [m for m in measures if m in self.differences and excludes_zero(self.differences[m])]
