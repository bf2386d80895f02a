"""Variable consideration: what is expected of an uncertain amount, and how much of that may be counted (step 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fakes.books.rounding import Exact, rounded_minor

PROBABLE = Fraction(3, 4)
"""From which likelihood on an event counts as probable, by default. The standard names none: it is policy."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One amount that may come of it, in minor units and negative for a rebate or a penalty, and how likely it is."""

    minor: Exact
    probability: Exact


@dataclass(frozen=True, slots=True)
class Variable:
    """An uncertain amount, estimated as the standard allows: the expected value, or the single most likely amount.

    The choice is kept throughout the contract (ASC 606-10-32-9); the most likely amount suits two outcomes.
    """

    outcomes: tuple[Outcome, ...]
    most_likely: bool = False


def expected_value(outcomes: Sequence[Outcome]) -> Fraction:
    """The sum of the amounts weighted by their probabilities, exact, in minor units. ASC 606-10-32-8(a).

    Raises ValueError if a probability is negative, or they do not sum to 1.
    """
    _check(outcomes)
    return sum((Fraction(outcome.minor) * outcome.probability for outcome in outcomes), Fraction(0))


def most_likely_amount(outcomes: Sequence[Outcome]) -> Fraction:
    """The amount of the most likely outcome, the lowest of those equally likely. ASC 606-10-32-8(b).

    Minor units. Raises ValueError as `expected_value` does.
    """
    _check(outcomes)
    probabilities: dict[Fraction, Fraction] = {}
    for outcome in outcomes:
        amount = Fraction(outcome.minor)
        probabilities[amount] = probabilities.get(amount, Fraction(0)) + outcome.probability
    return min(probabilities, key=lambda amount: (-probabilities[amount], amount))


def constrained(
    estimate_minor: Exact,
    outcomes: Sequence[Outcome],
    *,
    fixed_minor: Exact = 0,
    probable: Exact = PROBABLE,
    significant: Exact = 0,
) -> Fraction:
    """The most of an estimate of which it is probable that no significant part will be reversed, exact.

    A reversal is the amount by which an outcome falls short of what is counted; it is significant if it is more than
    the share `significant` of the contract's revenue, which is `fixed_minor` and what is counted. `probable` is the
    likelihood that must be reached. The result is at most the estimate. ASC 606-10-32-11, 32-12.
    """
    _check(outcomes)
    if not (0 <= significant < 1 and 0 < probable <= 1):
        raise ValueError(f"significant must be in [0, 1) and probable in (0, 1], got {significant} and {probable}")
    likelihood = Fraction(0)
    for outcome in sorted(outcomes, key=lambda one: one.minor):
        likelihood += outcome.probability
        if likelihood > 1 - Fraction(probable):  # a shortfall to this outcome is likely enough to matter
            most = (outcome.minor + Fraction(significant) * fixed_minor) / (1 - Fraction(significant))
            return min(Fraction(estimate_minor), most)
    raise AssertionError("probabilities sum to 1")


def included_minor(
    variable: Variable, *, fixed_minor: int = 0, probable: Exact | None = PROBABLE, significant: Exact = 0
) -> int:
    """What an uncertain amount adds to the transaction price: its estimate, constrained, rounded once.

    Minor units, a half away from zero. `probable` None leaves the constraint out; else as for `constrained`.
    ASC 606-10-32-5..13.
    """
    estimate = (most_likely_amount if variable.most_likely else expected_value)(variable.outcomes)
    if probable is None:
        return rounded_minor(estimate)
    return rounded_minor(
        constrained(estimate, variable.outcomes, fixed_minor=fixed_minor, probable=probable, significant=significant)
    )


def _check(outcomes: Sequence[Outcome]) -> None:
    total = sum((Fraction(outcome.probability) for outcome in outcomes), Fraction(0))
    if total != 1 or any(outcome.probability < 0 for outcome in outcomes):
        listed = ", ".join(str(outcome.probability) for outcome in outcomes)
        raise ValueError(f"probabilities must not be negative and must sum to exactly 1, got {listed or 'none'}")
