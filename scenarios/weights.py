"""How often each of several things comes, as a scenario file says it: by weights, of which only the ratios count."""

from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from scenarios.values import MILLION, Whole, refusal

Weight = Annotated[int, Whole(0, MILLION)]
"""How often something comes beside others; never if it is 0."""

Choice = TypeVar("Choice")


def need_some_weight(weights: Iterable[int], expected: str, *at: str) -> None:
    """Refuse weights that are all 0: then nothing can be drawn by them. `at` is the field to point to, if not here."""
    if not any(weights):
        raise refusal(expected, "give one of them a weight", *at)


def _some(weights: dict[Choice, int]) -> dict[Choice, int]:
    need_some_weight(weights.values(), "weights that sum to more than 0")
    return weights


Weights = Annotated[dict[Choice, Weight], AfterValidator(_some)]
"""Choices by weight, of which at least one is above 0."""
