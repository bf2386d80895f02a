"""Chance by name: every draw belongs to (seed, purpose, entity, occurrence), and to nothing else.

So that one design's extra calls change no other draw (common random numbers), a draw is a hash of
its key, not the next number of a shared stream. Distributions are quantile tables of integer
microseconds: one look-up a draw, and rounded once, so that a last digit in which two machines' logarithms
differ is lost in all but a span within a hair of half a microsecond. A table ends at its 1/32768 quantiles:
the largest lognormal value is exp(4.01 sigma) times the median.
"""

import math
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, blake2s
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

BITS = 32
CELL_BITS = 14
CELL_SHIFT = BITS - CELL_BITS
_CELLS = 1 << CELL_BITS
SIX, THREE = struct.Struct("<6I").unpack, struct.Struct("<3I12x").unpack
EIGHT, FIRST = struct.Struct("<8I").unpack, struct.Struct("<I28x").unpack
FOURTH, FIFTH, SIXTH = (struct.Struct(f"<{4 * n}xI{20 - 4 * n}x").unpack for n in (3, 4, 5))
_ONE = struct.Struct("<Q").unpack


class Stream:
    """Draws for one purpose of one run: `stream.uniform("C-000001")`, each call with its own key."""

    __slots__ = ("_name", "_one", "_six")

    def __init__(self, seed: int, purpose: str) -> None:
        self._name = f"{seed}/{purpose}/"
        self._one = blake2b(self._name.encode(), digest_size=8)
        self._six = blake2b(self._name.encode(), digest_size=24)

    def word(self, *key: object) -> int:
        """A uniform integer in [0, 2**64) for this key."""
        digest = self._one.copy()
        digest.update(_spelled(key))
        word: int = _ONE(digest.digest())[0]
        return word

    def six(self, *key: object) -> tuple[int, ...]:
        """Six independent 32-bit words for this key, for what needs several draws at once."""
        digest = self._six.copy()
        digest.update(_spelled(key))
        return SIX(digest.digest())

    def hasher(self, what: str, words: int = 6) -> blake2s:
        """Where hot code starts from: copy, `update` with a key, and `SIX` (or `EIGHT`) of its digest are words.

        BLAKE2s, whose smaller state copies faster.
        """
        return blake2s(f"{self._name}{what}|".encode(), digest_size=4 * words)

    def uniform(self, *key: object) -> float:
        """A number in [0, 1) for this key, with 53 random bits."""
        return float((self.word(*key) >> 11) * 2.0**-53)

    def below(self, limit: int, *key: object) -> int:
        """A uniform integer in [0, limit)."""
        return (self.word(*key) * limit) >> 64

    def pick(self, choices: Sequence[T], *key: object) -> T:
        """One of `choices`, each as likely."""
        return choices[self.below(len(choices), *key)]


def _spelled(key: tuple[object, ...]) -> bytes:
    return (str(key[0]) if len(key) == 1 else "|".join(map(str, key))).encode()


def happens(word: int, probability_ppm: int) -> bool:
    """Whether the uniform 32-bit `word` falls within a probability in parts per million."""
    return word < within(probability_ppm)


def within(probability_ppm: int) -> int:
    """How many of the 2**32 uniform words, the lowest, fall within a probability in parts per million."""
    return -(-(probability_ppm << BITS) // 1_000_000)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of spans, as 2**14 equally likely microsecond values in rising order."""

    values: "array[int]"  # half the memory traffic of a tuple's, when draws come from all over it

    def draw(self, word: int) -> int:
        """The span at the uniform 32-bit `word`. Hot code indexes `values[word >> CELL_SHIFT]` itself."""
        return self.values[word >> CELL_SHIFT]

    @property
    def mean_us(self) -> float:
        """The mean of the values a draw can take."""
        return sum(self.values) / _CELLS


@lru_cache(maxsize=64)
def lognormal(median_us: int, sigma_milli: int) -> Distribution:
    """Lognormal with the given median and sigma (in thousandths)."""
    sigma = sigma_milli / 1000
    return _table([round(median_us * math.exp(sigma * z)) for z in _normal_quantiles()])


def lognormal_largest(median_us: int, sigma_milli: int) -> int:
    """The largest value that a lognormal can take, without the rest of its table: to some fifteen digits."""
    return round(median_us * math.exp(sigma_milli / 1000 * NormalDist().inv_cdf(1 - 0.5 / _CELLS)))


@lru_cache(maxsize=64)
def exponential(mean_us: int) -> Distribution:
    """Exponential with the given mean."""
    return _table([round(mean_us * multiple) for multiple in _exponential_quantiles()])


@lru_cache(maxsize=64)
def uniform(low_us: int, high_us: int) -> Distribution:
    """Uniform between two spans."""
    return _table(round(low_us + (high_us - low_us) * share) for share in _shares())


@lru_cache(maxsize=64)
def constant(span_us: int) -> Distribution:
    """Always the same span."""
    return _table([span_us] * _CELLS)


def _table(values: Iterable[int]) -> Distribution:
    return Distribution(array("q", values))


def _shares() -> Iterator[float]:
    return ((cell + 0.5) / _CELLS for cell in range(_CELLS))


@lru_cache(maxsize=1)
def _normal_quantiles() -> tuple[float, ...]:
    return tuple(map(NormalDist().inv_cdf, _shares()))


@lru_cache(maxsize=1)
def _exponential_quantiles() -> tuple[float, ...]:
    """Those of an exponential with mean 1."""
    return tuple(-math.log1p(-share) for share in _shares())
