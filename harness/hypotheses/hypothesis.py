"""What a hypothesis is: claims, each with the number that theory predicts and the number that the simulator gives.

A case has parameters, a closed form (`predict`) and a run of the simulator's own mechanisms (`measure`). Only the
two numbers meet: nothing in the simulator knows a formula, and nothing in a formula has seen a run.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.hypotheses.measured import Measured


class Case(ABC):
    """A hypothesis with parameters. Both questions answer for the same claims, each told in one line."""

    @abstractmethod
    def predict(self) -> Mapping[str, float]:
        """The closed form's number for each claim."""

    @abstractmethod
    def measure(self, seed: int) -> Mapping[str, Measured]:
        """What a run of the simulator gives for each claim."""


@dataclass(frozen=True, slots=True)
class Untested:
    """Claims whose closed form is known and which no run can be held against yet, with the reason."""

    predicted: Mapping[str, float]
    reason: str

    def predict(self) -> Mapping[str, float]:
        """The closed form's number for each claim."""
        return self.predicted


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One of the numbered hypotheses. `also` are the numbers under which the validation set has the same."""

    id: str
    about: str
    cases: tuple[Case | Untested, ...]
    also: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one claim. `measured` is None, and `remark` says why, where it cannot be tested."""

    id: str
    also: tuple[str, ...]
    about: str
    claim: str
    predicted: float
    measured: Measured | None
    remark: str

    @property
    def held(self) -> bool | None:
        """Whether prediction and measurement agree; None where nothing was measured."""
        return None if self.measured is None else self.measured.agrees_with(self.predicted)

    @property
    def telling(self) -> bool | None:
        """Whether the run could tell the prediction from 0: one that holds, and nothing would too, has no power."""
        if self.measured is None:
            return None
        return not self.predicted or not self.held or not self.measured.agrees_with(0)


def findings(hypothesis: Hypothesis, case: Case | Untested, seed: int) -> list[Finding]:
    """What becomes of the claims of one of the hypothesis's cases."""
    predicted = case.predict()
    measured: Mapping[str, Any] = {} if isinstance(case, Untested) else case.measure(seed)
    assert isinstance(case, Untested) or list(measured) == list(predicted), (list(measured), list(predicted))
    found = []
    for claim, number in predicted.items():
        seen = measured.get(claim)
        remark = seen.rule if seen else case.reason if isinstance(case, Untested) else ""
        found.append(Finding(hypothesis.id, hypothesis.also, hypothesis.about, claim, number, seen, remark))
    return found
