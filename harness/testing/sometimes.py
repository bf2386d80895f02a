"""What only all runs of a test together can say: whether what must come about sometimes did, which faults never struck.

Each run says its share as plain data, which crosses from worker processes to whoever judges.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.testing.outcome import Run

Share = Mapping[str, Any]
"""One run's share: `test`, `seed`, the `seeds` that it is one of, `sometimes` by text, and the `faults`' hits."""


def share_of(run: "Run", test: str, seeds: Sequence[int]) -> Share:
    """What a run of a test says; `seeds` are all that the test is run with, none if it is not run with all of them."""
    sometimes = {each.text: each.held for each in run.expectations if each.when == "sometimes"}
    return {"test": test, "seed": run.seed, "seeds": [*seeds], "sometimes": sometimes, "faults": dict(run.faults)}


@dataclass(slots=True)
class Shares:
    """The shares of one test, by seed."""

    seeds: Sequence[int]
    by_seed: dict[int, Share] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether each of its seeds has been run."""
        return bool(self.seeds) and self.by_seed.keys() >= {*self.seeds}


class Together:
    """Takes in the runs' shares, in any order, and says what came of them."""

    def __init__(self) -> None:
        self._tests: dict[str, Shares] = {}

    def take(self, share: Share) -> None:
        """Take in one run's."""
        shares = self._tests.setdefault(share["test"], Shares(share["seeds"]))
        shares.by_seed[share["seed"]] = share

    def unreached(self) -> Iterator[tuple[str, str, int]]:
        """Each test and the expectation that had to hold in one of its runs and held in none; how many runs."""
        for test, shares in sorted(self._tests.items()):
            if shares.complete:
                runs = shares.by_seed.values()
                for text in dict.fromkeys(text for run in runs for text in run["sometimes"]):
                    if not any(run["sometimes"].get(text) for run in runs):
                        yield test, text, len(runs)

    def idle_faults(self) -> Iterator[tuple[str, str, int]]:
        """Each test and the planned fault that touched nothing in any of its runs; how many runs."""
        for test, shares in sorted(self._tests.items()):
            runs = shares.by_seed.values()
            for name in dict.fromkeys(name for run in runs for name in run["faults"]):
                if not any(run["faults"].get(name) for run in runs):
                    yield test, name, len(runs)
