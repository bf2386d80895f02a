"""The search itself: rounds of candidates, changed from those that came to where none had been before.

A round is drawn when the one before it is done, and its results are taken in the order of the candidates: the same seed
hunts the same way, on however many processes; only how far it comes depends on the time it has. It ends with the first
that breaks something, whatever the rest of its round would do.
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

    `best` is to how many of them one candidate came, and which. `found` is the first trial that breaks something, and
    how; `at_fault` why we could not run or judge others.
    """

    ground: Ground
    runs: int = 0
    places: set[str] = field(default_factory=set)
    corpus: list[Trial] = field(default_factory=list)
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

    def candidate(self, number: int) -> Trial:
        """The candidate of a number, given what was taken in so far."""
        if not self.corpus or number < 3 * ROUND or number % FRESH_OF == 0:
            return self.ground.fresh(number)
        return self.ground.changed(number, self.corpus)


def search(hunt: Hunt, attempts: Attempts, goes_on: Callable[[Hunt], bool]) -> None:
    """Hunt until something is found, or as long as it `goes_on`, which is asked after each round."""
    while hunt.found is None and goes_on(hunt):
        numbers = range(hunt.runs, hunt.runs + ROUND)
        with closing(attempts([hunt.candidate(number) for number in numbers])) as results:
            for result in results:
                hunt.take(result)
                if hunt.found is not None:  # under a layer that asks again and again, the rest may take long
                    return
