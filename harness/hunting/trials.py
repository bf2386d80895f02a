"""The trials of a hunt, run side by side: those of the search, and those that make a find small."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager

from harness.hunting.trying import Thresholds, Tried, tried
from harness.sweeps.trial import Trial
from harness.workers import in_order

Attempts = Callable[[Sequence[Trial]], Generator[Tried, None, None]]
"""Runs trials, and tells what came of each, in order; who has enough closes what tells it."""


@contextmanager
def trials_run(thresholds: Thresholds, jobs: int) -> Iterator[Attempts]:
    """What runs trials on `jobs` processes, and holds them to the thresholds; to the promises, if there are none."""
    with in_order(tried, jobs) as results:
        yield lambda trials: results([(trial, thresholds) for trial in trials])


def so_many_at_once(attempts: Attempts, number: int) -> Attempts:
    """The same, which begins with few: who stops at the first good one has not had many run for nothing."""

    def parts(trials: Sequence[Trial]) -> Generator[Tried, None, None]:
        for at in range(0, len(trials), number):
            with closing(attempts(trials[at : at + number])) as results:
                yield from results

    return parts
