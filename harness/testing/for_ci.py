"""What CI is told of tests with scenarios: collected from their reports, as plain data, by whoever gets all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.testing.runner import Tried

Told = Mapping[str, Any]
"""A test's part: its name as `test`, what was not judged as `unjudged`, and, if it failed, `failure`."""


def told_of_test(test: str, tried: "Sequence[Tried]", failed: str | None) -> Told:
    """What is told of a test that tried these runs, and `failed` with that text, or did not."""
    from harness.testing import telling  # noqa: PLC0415  whoever collects needs nothing of what makes runs

    unjudged = [said for each in tried if each.run for said in telling.unjudged(each.run)]
    run, again = (tried[-1].run, tried[-1].replay()) if tried else (None, [])
    failure = {
        "headline": telling.headline(run) if run else "",
        "told": telling.in_brief(run, failed or ""),
        "replay": next(iter(again), "").removeprefix("replay: "),
    }
    return {"test": test, "unjudged": [*dict.fromkeys(unjudged)], "failure": None if failed is None else failure}


@dataclass(slots=True)
class ForCI:
    """Takes in what is told of tests. `unreached` are the expectations that never held where they once had to."""

    told: list[Told] = field(default_factory=list)
    unreached: list[Mapping[str, str]] = field(default_factory=list)

    def unjudged(self) -> Iterator[str]:
        """Each test with what it was not judged by."""
        for each in self.told:
            yield from (f"{each['test']}: {said}" for said in each["unjudged"])

    def document(self) -> dict[str, Any]:
        """All of it, as reports for CI read it."""
        failures = [{"test": each["test"], **each["failure"]} for each in self.told if each["failure"]]
        unjudged = [*self.unjudged()]
        return {"tests": len(self.told), "failures": failures, "unreached": self.unreached, "unjudged": unjudged}
