"""Making what a hunt has found small: the same expectation broken the same way, with less of everything.

Fewer faults, fewer contracts, a plainer business, a shorter calendar, narrower windows, single hits, smaller strengths:
whatever can be taken away is tried without, again and again, until nothing can. No step takes longer than a run.

What puts things right again, replays and people, is taken away only where a layer that keeps its promises does without:
a find is to be one that a mended layer passes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from harness.hunting.faults import Written, read, write
from harness.hunting.findings import Finding
from harness.hunting.trials import Attempts
from harness.hunting.trying import Tried
from harness.hunting.tuning import tuned
from harness.patterns.event_driven import EventDriven
from harness.sweeps.trial import Trial
from scenarios.parts import left_out

ONLY = "business.only="
REPLAYS = "replays="
KEPT = ("calendar.quarter_start=", "calendar.months=", "calendar.lead_in=", "faults=", REPLAYS, ONLY)
"""Overrides that stay, as they make a trial smaller, or have a step of their own."""

MENDED = f"{EventDriven.NAME}:attempts=3"
"""What stands for a layer once it is mended: it keeps its promises, and sets aside soon what it cannot carry."""


class Shrinking:
    """A found trial on its way to be small. `attempts` runs trials; `told` hears of each step that led somewhere."""

    def __init__(self, found: Tried, finding: Finding, attempts: Attempts, told: "Told") -> None:
        self.best = found
        self.finding = finding
        self.runs = 0
        self._attempts = attempts
        self._told = told

    def run(self) -> Tried:
        """The smallest trial that was found."""
        passes = (
            self._fewer_faults, self._fewer_contracts, self._plainer_business, self._one_kind_of_step,
            self._narrower_windows, self._single_hits, self._smaller_strengths, self._shorter_calendar,
        )  # fmt: skip
        before = None
        while self.best.trial != before:
            before = self.best.trial
            for each in passes:
                each()
        # Last: without what puts things right again, a step before could have come upon what breaks any layer.
        self._fewer_replays()
        self._fewer_parts()
        return self.best

    def _first(self, trials: Sequence[Trial], what: str, *, fair: bool = False) -> bool:
        """Whether one of the trials is like what was found, and `fair` if so asked; the first becomes the best."""
        trials = [trial for trial in dict.fromkeys(trials) if trial != self.best.trial]
        with closing(self._attempts(trials)) as results:
            for result in results:
                self.runs += 1
                alike = next((finding for finding in result.findings if finding.is_like(self.finding)), None)
                if alike is not None and not (fair and self._is_unfair(result.trial)):
                    self.best, self.finding = result, alike
                    self._told(what, self)
                    return True
        return False

    def _is_unfair(self, trial: Trial) -> bool:
        """Whether a layer that keeps its promises breaks the same expectation, or cannot be judged."""
        with closing(self._attempts([replace(trial, layer=MENDED)])) as results:
            (result,) = results
        self.runs += 1
        return not result.places or self.finding.expectation in {each.expectation for each in result.findings}

    def _with_less(self, trials: Sequence[Trial], of: str) -> bool:
        """As `_first`, but if none is, the luck that went with what was taken away is sought in other numbers."""
        return self._first(trials, f"fewer {of}") or self._first(
            [other for trial in trials for other in tuned(trial)], f"fewer {of}, by other luck"
        )

    # --- what can be taken away ----------------------------------------------------------------------

    def _fewer_faults(self) -> None:
        while True:
            faults = self.best.trial.faults
            parts = [(), *_halves(faults), *_without_one(faults)]
            if not self._with_less([self._with_faults(part) for part in parts if len(part) < len(faults)], "faults"):
                return

    def _fewer_contracts(self) -> None:
        while True:
            keys = self.best.contracts
            parts = [part for part in (*_halves(keys), *_without_some(keys)) if part]
            if not self._with_less([self._with_contracts(part) for part in parts], "contracts"):
                return

    def _plainer_business(self) -> None:
        """Without an override, or several: what the scenario says itself will do."""
        while True:
            every = self.best.trial.overrides
            kept = [said for said in every if said.startswith(KEPT)]
            said = [said for said in every if not said.startswith(KEPT)]
            parts = [part for part in ((), *_halves(said), *_without_one(said)) if len(part) < len(said)]
            plainer = [replace(self.best.trial, overrides=(*kept, *part)) for part in parts]
            if not self._first(plainer, "a plainer business"):
                return

    def _one_kind_of_step(self) -> None:
        """Each fault at one operation, or on one kind of event, of those that it struck."""
        for place, fault in self._faults():
            where = sorted({where for _, struck, where in self.best.strikes if struck == place})
            self._first([self._changed(place, one) for one in fault.narrowed(where)], "one kind of step")

    def _narrower_windows(self) -> None:
        """Each window from just before one of the hits to just after it, or halved."""
        for place, _ in self._faults():
            while self._first(self._narrower(place), "a narrower window"):
                pass

    def _single_hits(self) -> None:
        """A share that strikes surely, now that the window is narrow; else the first of them alone."""
        for place, fault in self._faults():
            self._first([self._changed(place, one) for one in fault.surely()], "a single hit")

    def _smaller_strengths(self) -> None:
        for place, _ in self._faults():
            while self._first([self._changed(place, one) for one in self._fault(place).weaker()], "a weaker fault"):
                pass

    def _shorter_calendar(self) -> None:
        self._first(
            [
                self.best.trial.with_override(*said)
                for said in (("calendar.months=1", "calendar.lead_in=0 d"), ("calendar.lead_in=0 d",))
                if not set(said) <= set(self.best.trial.overrides)
            ],
            "a shorter calendar",
        )  # fmt: skip

    def _fewer_replays(self) -> None:
        """Without those replays that carried nothing again; best with nothing said of them.

        One that did may be why a layer without the mistake would pass, which had to set something aside as well.
        """
        trial = self.best.trial
        others = tuple(said for said in trial.overrides if not said.startswith(REPLAYS))
        if others == trial.overrides:
            return
        needed = ", ".join(f"{{at: {at:%Y-%m-%d %H:%M}}}" for at in self.best.replayed)
        trials = [replace(trial, overrides=(*others, f"{REPLAYS}[{needed}]"))]
        if not needed:
            trials.insert(0, replace(trial, overrides=others))
        self._first(trials, "fewer replays", fair=True)

    def _fewer_parts(self) -> None:
        """Without what the scenario itself has more of than every scenario has, and the find does not need."""
        while True:
            parts = left_out(self.best.trial.loaded())
            without = [self.best.trial.with_override(*each) for each in dict.fromkeys((parts, *zip(parts)))]
            if not self._first(without, "fewer parts", fair=True):
                return

    # --- the trial, changed --------------------------------------------------------------------------

    def _faults(self) -> list[tuple[int, Written]]:
        return [(place, self._fault(place)) for place in range(len(self.best.trial.faults))]

    def _narrower(self, place: int) -> list[Trial]:
        fault, hits = self._fault(place), [at for at, struck, _ in self.best.strikes if struck == place]
        ends = list(dict.fromkeys(hits[:1] + hits[-1:]))
        return [self._changed(place, one) for one in (*fault.around(ends), *fault.halved())]

    def _fault(self, place: int) -> Written:
        return read(self.best.trial.faults[place])

    def _changed(self, place: int, fault: Written) -> Trial:
        faults = list(self.best.trial.faults)
        faults[place] = write(fault)
        return self._with_faults(tuple(faults))

    def _with_faults(self, faults: Sequence[str]) -> Trial:
        return replace(self.best.trial, faults=tuple(faults))

    def _with_contracts(self, keys: Sequence[str]) -> Trial:
        others = [said for said in self.best.trial.overrides if not said.startswith(ONLY)]
        return replace(self.best.trial, overrides=(*others, f"{ONLY}[{', '.join(keys)}]"))


Told = Callable[[str, Shrinking], None]
"""Hears of a step that led somewhere, and how far it is by then."""


def _halves(items: Sequence[str]) -> list[tuple[str, ...]]:
    """Both halves: what is left if most is needless."""
    if len(items) < 2:
        return []
    middle = (len(items) + 1) // 2
    return [tuple(items[:middle]), tuple(items[middle:])]


def _without_some(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What is left without each quarter, without each eighth, and so on, down to each one (Zeller's ddmin)."""
    size = len(items)
    while size > 1:
        size = (size + 3) // 4 if size == len(items) else (size + 1) // 2
        yield from ((*items[:at], *items[at + size :]) for at in range(0, len(items), size))


def _without_one(items: Sequence[str]) -> list[tuple[str, ...]]:
    return [(*items[:place], *items[place + 1 :]) for place in range(len(items))]
