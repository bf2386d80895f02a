"""A mix: choices by weight, one a draw."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

from sim.chance import BITS

T = TypeVar("T")


class Mix(Generic[T]):
    """Some (choice, weight) pairs. Weights are integers of any sum above 0; a choice of weight 0 never comes."""

    __slots__ = ("_choices", "_totals")

    def __init__(self, weighted: Iterable[tuple[T, int]]) -> None:
        self._choices, weights = zip(*weighted, strict=True)
        self._totals = list(accumulate(weights))

    def draw(self, word: int) -> T:
        """The choice at the uniform 32-bit `word`."""
        choice: T = self._choices[bisect_right(self._totals, word * self._totals[-1] >> BITS)]
        return choice
