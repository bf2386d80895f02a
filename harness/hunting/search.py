"""The search itself: rounds of candidates, changed from those that came to where none had been before.

A round is drawn when the one before it is done, and its results are taken in the order of the candidates: the same seed
hunts the same way, on however many processes; only how far it comes depends on the time it has. It ends with the first
that breaks something, or whenever it is told to: the rest of its round is what it goes on with another time.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from harness.hunting.candidates import Ground
from harness.hunting.findings import Finding
from harness.hunting.trials import Attempts
from harness.hunting.trying import Tried
from harness.sweeps.trial import Trial

ROUND = 16
"""Candidates of a round."""

FRESH_OF = 2
"""One in so many candidates is made afresh, once there is something to change."""


@dataclass(slots=True)
class Hunt:
    """How far a hunt is: its `runs`, the `places` that they have been, and those trials that were there first.

    Of the corpus, so many trials are `settled`: they were there when the round was drawn, of which candidates are
    changed. `best` is to how many places one candidate came, and which. `found` is the first trial that breaks
    something, and how; `at_fault` why we could not run or judge others.
    """

    ground: Ground
    runs: int = 0
    places: set[str] = field(default_factory=set)
    corpus: list[Trial] = field(default_factory=list)
    settled: int = 0
    best: tuple[int, str] = (0, "none")
    found: tuple[Tried, Finding] | None = None
    at_fault: list[str] = field(default_factory=list)

    def take(self, result: Tried) -> None:
        """Take in what came of a candidate."""
        self.runs += 1
        if result.at_fault:
            self.at_fault.append(result.at_fault)
        news = [place for place in result.places if place not in self.places]
        if news:
            self.places.update(news)
            self.corpus.append(result.trial)
        self.best = max(self.best, (len(result.places), result.trial.what), key=lambda best: best[0])
        if result.findings and self.found is None:
            self.found = result, result.findings[0]
        if self.runs % ROUND == 0:
            self.settled = len(self.corpus)

    def round(self) -> list[Trial]:
        """The candidates that are left of the round."""
        return [self.candidate(number) for number in range(self.runs, (self.runs // ROUND + 1) * ROUND)]

    def candidate(self, number: int) -> Trial:
        """The candidate of a number, given what was taken in before its round."""
        parents = self.corpus[: self.settled]
        if not parents or number < 3 * ROUND or number % FRESH_OF == 0:
            return self.ground.fresh(number)
        return self.ground.changed(number, parents)


def search(hunt: Hunt, attempts: Attempts, goes_on: Callable[[Hunt], bool]) -> None:
    """Hunt until something is found, or as long as it `goes_on`, which is asked after each candidate.

    Under a layer that asks again and again, each may take seconds: nobody waits for a round's other ones.
    """
    while hunt.found is None and goes_on(hunt):
        with closing(attempts(hunt.round())) as results:
            for result in results:
                hunt.take(result)
                if hunt.found is not None or not goes_on(hunt):
                    return
