"""What a test is given of a finished run: plain values to assert on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from harness.expectations import Threshold, check, metric_and_text, number_of, threshold_of
from harness.testing import telling
from harness.testing.performing import Performed
from reports.thresholds import expectation_text, is_judged, seen_value, unfit
from reports.wording import spoken


@dataclass(frozen=True, slots=True)
class Break:
    """One difference between the books and what was agreed, open at the end of the run.

    `contract` is the one that it concerns, `entity` the legal entity in whose books it is; "" is the first.
    """

    kind: str
    key: str
    contract: str | None
    system: str
    entity: str
    amount_minor: int
    currency: str
    cause: str
    period: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation, whether it `held`, and what was `seen`, both as people read it. `value` is in seconds, minor
    units, a share of 1 or a plain number, and None if it never came. `when` says when it has to hold. It is not
    `judged` by a run that was not fit to be held to it: `why` says what was wrong with that."""

    text: str
    held: bool
    seen: str
    value: float | None
    when: str = ""
    judged: bool = True
    why: str = ""


class Counts(int):
    """How many there are in all, and of each kind as an item: `duplicates == 0`, `duplicates["invoices"] == 0`."""

    def __new__(cls, parts: Mapping[str, int], what: str) -> "Counts":
        """The sum of the parts."""
        counts = super().__new__(cls, sum(parts.values()))
        counts.parts, counts.what = dict(parts), what
        return counts

    parts: dict[str, int]
    what: str

    def __getitem__(self, name: str) -> int:
        """How many there are of one kind. Raises KeyError with the kinds that there are."""
        if name not in self.parts:
            raise KeyError(f"{name!r}: {self.what} are counted of {', '.join(self.parts)}")
        return self.parts[name]

    def __repr__(self) -> str:
        return _counted(int(self), self.what, self.parts)


class Breaks(Sequence[Break]):
    """All breaks that are open, the most telling ones first: `not result.breaks`, `len(result.breaks) == 0`."""

    def __init__(self, listed: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]) -> None:
        self._all = tuple(Break(**found) for found in listed)
        self.amount_minor: int = summary["amount_minor"]
        self.by_kind: Mapping[str, int] = summary["by_kind"]
        self.by_cause: Mapping[str, int] = summary["by_cause"]

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, at: int) -> Break: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Break]: ...
    def __getitem__(self, at: int | slice) -> Break | Sequence[Break]:
        return self._all[at]

    def __iter__(self) -> Iterator[Break]:
        return iter(self._all)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it is compared with lists

    def __repr__(self) -> str:
        return _counted(len(self), "breaks", {spoken(kind): count for kind, count in self.by_kind.items()})


def _counted(number: int, what: str, parts: Mapping[str, int]) -> str:
    found = ", ".join(f"{count} {name}" for name, count in parts.items() if count)
    return f"<{number} {what}{f': {found}' if found else ''}>"


Replay = Callable[..., Sequence[str]]
"""Gives the lines that say how to make a run again; called with thresholds, to expect them too."""


class Run:
    """A finished run. `document` is what `tieout run --json` prints.

    `duplicates` and `missing` count records, `breaks` are all differences that are open at the end, `story` is that of
    the one to tell of, as `tieout explain --json` has it; None if there is none. `metrics` has the measures by name,
    `faults` how often each planned fault struck. `held` says whether every expectation did that was judged; `unjudged`
    are the others, with those that a test has asserted.
    """

    def __init__(self, performed: Performed, replay: Replay, *, sometimes_apart: bool = False) -> None:
        document = performed.document
        self.document: Mapping[str, Any] = document
        self.scenario: str = document["scenario"]
        self.layer: str = document["layer"]
        self.seed: int = document["seed"]
        self.fingerprint: str = document["fingerprint"]
        self.metrics: Mapping[str, Any] = document["metrics"]
        self.duplicates = Counts(document["duplicates"], "duplicates")
        self.missing = Counts(document["missing"], "missing")
        self.breaks = Breaks(performed.breaks, document["breaks"])
        self.faults: Mapping[str, int] = {fault["name"]: fault["hits"] for fault in document["faults"]}
        self.remarks: Sequence[str] = document["remarks"]
        self.expectations: Sequence[Expectation] = [*map(_expectation, document["expectations"])]
        self.unjudged: Sequence[Expectation] = [each for each in self.expectations if not each.judged]
        self.replay = replay
        self.story = performed.story
        self._sometimes_apart = sometimes_apart

    @property
    def broken(self) -> Sequence[Expectation]:
        """The expectations that did not hold. What has to hold in some run of a mark is not judged by one alone."""
        return [each for each in self.expectations if not (each.held or (self._sometimes_apart and _sometimes(each)))]

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return not self.broken

    def value(self, metric: str) -> float | None:
        """A metric or a part of it, as in a threshold: `value("event_lag.p99")`, in seconds; None if it never came.

        Raises ValueError for what is none.
        """
        __tracebackhide__ = True
        return check(_understood([metric], number_of), self.document)[0].value

    def assert_held(self, *thresholds: str) -> None:
        """Fail unless every expectation held, and these thresholds too: `assert_held("event_lag.p99 < 15 min")`.

        Raises AssertionError, and ValueError for a threshold that cannot be read.
        """
        __tracebackhide__ = True
        asked = _understood(thresholds, lambda said: threshold_of(*metric_and_text(said)))
        verdicts = [_expectation(each.entry()) for each in check(asked, self.document)]
        self.unjudged = [*self.unjudged, *(each for each in verdicts if not each.judged)]
        broken = [*self.broken, *(each for each in verdicts if not each.held)]
        if broken:
            raise AssertionError("\n".join(telling.failure(self, broken, thresholds)))

    def assert_no_breaks(self) -> None:
        """Fail if any break is open. Raises AssertionError."""
        __tracebackhide__ = True
        if self.breaks:
            raise AssertionError("\n".join(telling.failure(self)))

    def __repr__(self) -> str:
        verdict = "held" if self.held else f"broke {', '.join(each.text for each in self.broken)}"
        return f"<{self.scenario}, {self.layer}, seed {self.seed}: {verdict}; {len(self.breaks)} breaks>"


def _understood(said: Iterable[str], reader: Callable[[str], Threshold]) -> list[Threshold]:
    """What a test says, read. A mistake is raised as one of the test's: our own lines would tell nobody more."""
    __tracebackhide__ = True
    try:
        return [reader(each) for each in said]
    except ValueError as error:
        raise error.with_traceback(None) from None


def _sometimes(expectation: Expectation) -> bool:
    return expectation.when == "sometimes"


def _expectation(entry: Any) -> Expectation:
    seen = seen_value(entry)
    when, judged = entry.get("when", ""), is_judged(entry)
    why = "" if judged else unfit(entry)
    return Expectation(expectation_text(entry), entry["held"], seen, entry["value"], when, judged, why)
